"""The verbs events and show: look at what was received and sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from core.cli import output
from core.cli.common import Context, Moment, pass_context, run, say, verb
from core.errors import OperationError
from core.model import DeliveryStatus, WebhookStatus
from core.sentences import about_webhook, iso
from core.store.base import Filter, WebhookFilter

if TYPE_CHECKING:
    from core.model import DeliveryDetail, Webhook
    from core.store.sql_store import SqlStore

PAGE = 500
NO_STORE = "Nothing was received yet in this home. Start `gladly-source serve`, or try `demo`."


@verb("events")
@click.option("--status", help="Only this status, such as accepted, dead, skipped.")
@click.option("--event", help="Only this event name (with --webhooks: Gladly's type).")
@click.option("--since", type=Moment(), help="Received since: ISO time, or 90m, 24h, 7d ago.")
@click.option("--until", type=Moment(), help="Received before.")
@click.option("--search", help="Words in ids, customer, agent, e-mail, conversation.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True)
@click.option("--webhooks", is_flag=True, help="What Gladly sent, also what was skipped.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pass_context
def events(context: Context, /, *, webhooks: bool, as_json: bool, **terms: Any) -> None:  # noqa: ANN401
    """List deliveries, newest first."""
    kinds = list(WebhookStatus) if webhooks else list(DeliveryStatus)
    if terms["status"] is not None and terms["status"] not in kinds:
        raise click.BadParameter(f"known are {', '.join(kinds)}.", param_hint="--status")
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
    wanted = Filter(statuses=(DeliveryStatus(status),) if status else (), **terms)
    async with context.reading() as store:
        rows = (await store.page(wanted, None, limit)).rows if store is not None else None
    if as_json:
        for one in rows or ():
            output.print_json(output.delivery_json(one))
    elif rows:
        output.console().print(output.delivery_table(rows))
    else:
        say(NO_STORE if rows is None else "Nothing matches.")


async def _webhooks(
    context: Context,
    *,
    as_json: bool,
    status: str | None,
    limit: int,
    event: str | None,
    **terms: Any,  # noqa: ANN401 - the other options
) -> None:
    statuses = (WebhookStatus(status),) if status else ()
    wanted = WebhookFilter(statuses=statuses, kind=event, **terms)
    async with context.reading() as store:
        rows = (await store.webhook_page(wanted, None, limit)).rows if store is not None else None
    if as_json:
        for one in rows or ():
            output.print_json(output.webhook_json(one))
    elif rows:
        output.console().print(output.webhook_table(rows))
    else:
        say(NO_STORE if rows is None else "Nothing matches.")


@verb("show")
@click.argument("row", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@pass_context
def show(context: Context, row: str, *, as_json: bool) -> None:
    """Show one delivery (d12), webhook (w12), messageId or Gladly event id in full."""
    found = run(_show(context, row))
    if as_json:
        output.print_json(found)
    else:
        _print_detail(found)


async def _show(context: Context, row: str) -> dict[str, Any]:
    missing = OperationError(f"There is no row {row!r}.", "See `gladly-source events` for ids.")
    async with context.reading() as store:
        if store is None:
            raise OperationError(NO_STORE)
        table, number = await _locate(store, row)
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
    return await store.find(row) or ("delivery", 0)


def _detail_json(detail: DeliveryDetail) -> dict[str, Any]:
    return {
        **output.delivery_json(detail.delivery),
        "fromGladly": [_body(webhook) for webhook in detail.webhooks],
        "lookedUp": output.decoded(detail.looked_up),
        "toSegment": output.decoded(detail.payload),
        "attemptList": [
            {**msgspec.structs.asdict(one), "started_at": iso(one.started_at)}
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
        "body": output.decoded(webhook.body),
    }


def _print_detail(found: dict[str, Any]) -> None:
    console = output.console()
    title = found.get("event") or found.get("kind") or "webhook"
    console.print(f"[bold]{title}[/bold] ", output.status_text(found["status"]))
    console.print(found["reason"], markup=False)
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
            made.add_row(key, str(value))
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
            one["started_at"],
            f"{one['duration_ms']} ms",
            str(one["http_status"] or ""),
            one["code"],
            one["error"] or "Accepted by Segment.",
        )
    output.console().print(made)
