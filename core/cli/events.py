"""The verbs events and show: look at what was received and sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.text import Text

from core.cli import output
from core.cli.common import Context, Moment, RowVerb, filter_of, pass_context, run, say, verb
from core.errors import GladlySourceError, OperationError
from core.export import decoded, delivery_json
from core.health import WELL
from core.model import DeliveryStatus, WebhookStatus
from core.search import parse, term_for
from core.sentences import about_webhook, iso
from core.store.base import Filter, WebhookFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.model import Delivery, DeliveryDetail, Webhook
    from core.store.sql_store import SqlStore

PAGE = 500
WAITING = {DeliveryStatus.PENDING, DeliveryStatus.RETRYING}


def no_store(context: Context) -> str:
    """What to say where there is no store yet."""
    where = context.home.path
    return f"Nothing was received yet in {where}. Start `gladly-source serve`, or try `demo`."


@verb("events")
@click.option("--status", help="Only this status, such as accepted, dead, skipped.")
@click.option("--event", help="Only this event name (with --webhooks: Gladly's type).")
@click.option("--since", type=Moment(), help="Received since: ISO time, or 90m, 24h, 7d ago.")
@click.option("--until", type=Moment(), help="Received before.")
@click.option("--search", help="Words, and terms: customer:ada agent:grace code:503 test:no …")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True)
@click.option("--webhooks", is_flag=True, help="What Gladly sent, also what was skipped.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pass_context
def events(context: Context, /, *, webhooks: bool, as_json: bool, **terms: Any) -> None:  # noqa: ANN401
    """List deliveries, newest first."""
    kinds = list(WebhookStatus) if webhooks else list(DeliveryStatus)
    if terms["status"] is not None and terms["status"] not in kinds:
        other = "" if webhooks else " (with --webhooks: " + ", ".join(WebhookStatus) + ")"
        raise click.BadParameter(f"known are {', '.join(kinds)}{other}.", param_hint="--status")
    run(
        _webhooks(context, as_json=as_json, **terms)
        if webhooks
        else _deliveries(context, as_json=as_json, **terms)
    )


async def _deliveries(
    context: Context,
    *,
    as_json: bool,
    status: str | None,
    limit: int,
    **terms: Any,  # noqa: ANN401 - the other options
) -> None:
    wanted = filter_of(status=status, **terms)
    async with context.reading() as store:
        rows = (await store.page(wanted, None, limit)).rows if store is not None else None
    if as_json:
        for one in rows or ():
            output.print_json(delivery_json(one))
    elif rows:
        output.print_deliveries(rows)
        await _say_why_waiting(context, rows)
    elif rows is None:
        say(no_store(context))
    else:
        say(nothing_matches(terms["search"]))


def nothing_matches(search: str | None) -> str:
    """What to say where no delivery was found for the words of `--search`."""
    meant = term_for(search or "")
    hint = f" these words (try {meant})" if meant else ""
    return (
        f"Nothing matches{hint}; `--webhooks` shows what Gladly sent, also what waits or was "
        "skipped."
    )


async def _webhooks(
    context: Context,
    *,
    as_json: bool,
    status: str | None,
    limit: int,
    event: str | None,
    **terms: Any,  # noqa: ANN401 - the other options
) -> None:
    asked = parse(terms["search"] or "").filter
    if msgspec.structs.replace(asked, search=None) != Filter():
        raise click.BadParameter("takes words only, with --webhooks.", param_hint="--search")
    statuses = (WebhookStatus(status),) if status else ()
    wanted = WebhookFilter(statuses=statuses, kind=event, **terms)
    async with context.reading() as store:
        rows = (await store.webhook_page(wanted, None, limit)).rows if store is not None else None
    if as_json:
        for one in rows or ():
            output.print_json(output.webhook_json(one))
    elif rows:
        output.print_webhooks(rows)
    else:
        say(no_store(context) if rows is None else "Nothing matches.")


async def _say_why_waiting(context: Context, rows: Sequence[Delivery]) -> None:
    """What holds up everything that is not sent yet."""
    if not any(one.status in WAITING for one in rows):
        return
    from core.control import ControlClient  # noqa: PLC0415 - only where something waits

    client = ControlClient.find(context.home)
    try:
        states = await client.health() if client is not None else None
    except GladlySourceError:
        states = None
    if states is None:
        say("No engine runs on this home: nothing is sent until `gladly-source serve` runs.")
        return
    for state in states:
        if state.name == "segment" and state.word not in WELL:
            say(f"Segment: {state.sentence}")


@verb("show", RowVerb)
@click.argument("row", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@pass_context
def show(context: Context, row: str, *, as_json: bool) -> None:
    """Show one delivery, webhook or conversation in full.

    ID is that of a delivery (d12), a webhook (w12) or a conversation, a messageId or an event id.
    """
    found = run(_show(context, row))
    if "webhooks" in found:
        _print_conversation(found, as_json=as_json)
    elif as_json:
        output.print_json(found)
    else:
        _print_detail(found)


async def _show(context: Context, row: str) -> dict[str, Any]:
    missing = OperationError(f"There is no row {row!r}.", "See `gladly-source events` for ids.")
    async with context.reading() as store:
        if store is None:
            raise OperationError(no_store(context))
        table, number = await _locate(store, row)
        if table == "conversation":
            return await _conversation(store, row, missing)
        if table == "webhook":
            pair = await store.webhook(number)
            if pair is None:
                raise missing
            webhook, deliveries = pair
            return {
                **output.webhook_json(webhook),
                "fromGladly": [_body(webhook)],
                "deliveries": [f"d{one}" for one in deliveries],
            }
        detail = await store.delivery(number)
        if detail is None:
            raise missing
        return _detail_json(detail)


async def _locate(store: SqlStore, row: str) -> tuple[str, int]:
    digits = row[1:] if row[:1] in {"d", "w"} else row
    if digits.isascii() and digits.isdigit() and len(digits) <= 18:  # noqa: PLR2004 - fits 64 bits
        return ("webhook" if row.startswith("w") else "delivery"), int(digits)
    return await store.find(row) or ("conversation", 0)


async def _conversation(store: SqlStore, row: str, missing: OperationError) -> dict[str, Any]:
    """Everything about one conversation, by Gladly's id of it."""
    deliveries = (await store.page(Filter(search=row), None, PAGE)).rows
    webhooks = (await store.webhook_page(WebhookFilter(search=row), None, PAGE)).rows
    found = {
        "deliveries": [one for one in deliveries if row in {one.conversation_id, one.user_id}],
        "webhooks": list(webhooks),
    }
    if not (found["deliveries"] or found["webhooks"]):
        raise missing
    return found


def _print_conversation(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        output.print_json(
            {
                "deliveries": [delivery_json(one) for one in found["deliveries"]],
                "webhooks": [output.webhook_json(one) for one in found["webhooks"]],
            }
        )
        return
    output.print_webhooks(found["webhooks"])
    click.echo()
    output.print_deliveries(found["deliveries"])


def _detail_json(detail: DeliveryDetail) -> dict[str, Any]:
    return {
        **delivery_json(detail.delivery),
        "fromGladly": [_body(webhook) for webhook in detail.webhooks],
        "lookedUp": decoded(detail.looked_up),
        "toSegment": decoded(detail.payload),
        "attemptList": [
            {
                "number": one.number,
                "startedAt": iso(one.started_at),
                "durationMs": one.duration_ms,
                "httpStatus": one.http_status,
                "code": one.code,
                "error": one.error or None,
                "batchId": one.batch_id,
            }
            for one in detail.attempts
        ],
    }


def _body(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": f"w{webhook.id}",
        "kind": webhook.kind,
        "status": webhook.status,
        "reason": about_webhook(webhook),
        "receivedAt": iso(webhook.received_at),
        "body": decoded(webhook.body),
    }


def _print_detail(found: dict[str, Any]) -> None:
    console = output.console()
    title = output.printable(found.get("event") or found.get("kind") or "webhook")
    console.print(Text(title + " ", style="bold"), output.status_text(found["status"]))
    console.print(output.printable(found["reason"]), markup=False)
    sections = {
        "From Gladly": found.get("fromGladly"),
        "Looked up": found.get("lookedUp"),
        "To Segment": found.get("toSegment"),
    }
    plain = {key: value for key, value in found.items() if not isinstance(value, list | dict)}
    made = output.table("", "")
    made.show_header = False
    for key, value in plain.items():
        if value is not None and key != "reason":
            made.add_row(key, output.printable(str(value)))
    if found.get("deliveries"):
        made.add_row("deliveries", " ".join(found["deliveries"]))
    console.print(made)
    for name, content in sections.items():
        if content:
            console.print(f"\n[bold]{name}[/bold]")
            text = msgspec.json.format(msgspec.json.encode(content), indent=2).decode()
            console.print(text, markup=False)
    if found.get("attemptList"):
        console.print("\n[bold]Attempts[/bold]")
        _print_attempts(found["attemptList"])


def _print_attempts(attempts: list[dict[str, Any]]) -> None:
    made = output.table("no", "started", "took", "http", "code", "what happened")
    for one in attempts:
        made.add_row(
            str(one["number"]),
            one["startedAt"],
            f"{one['durationMs']} ms",
            str(one["httpStatus"] or ""),
            one["code"],
            one["error"] or "Accepted by Segment.",
        )
    output.console().print(made)
