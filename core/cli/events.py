"""Verbs that look: events, show, export; and those that change what was seen: replay, erase."""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click
import msgspec
from rich.progress import Progress

from core.cli import output
from core.cli.common import Context, Moment, RowId, pass_context, run, say, verb
from core.errors import OperationError
from core.mapping.identity import sha256
from core.model import DeliveryStatus, WebhookStatus
from core.pipeline.operations import Selection
from core.sentences import about_webhook, iso
from core.store.base import Filter, WebhookFilter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

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
        "lookedUp": _decoded(detail.looked_up),
        "toSegment": _decoded(detail.payload),
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
        "body": _decoded(webhook.body),
    }


def _decoded(content: bytes | None) -> Any:  # noqa: ANN401 - JSON
    if content is None:
        return None
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return content.decode("utf-8", "replace")


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


@verb("replay")
@click.argument("ids", nargs=-1, type=RowId(), metavar="[ID]…")
@click.option("--status", type=click.Choice([str(one) for one in DeliveryStatus]))
@click.option("--since", type=Moment(), help="Received since: ISO time, or 90m, 24h, 7d ago.")
@click.option("--until", type=Moment(), help="Received before.")
@click.option("--new-id", is_flag=True, help="New messageIds: Segment counts the events again.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@pass_context
def replay(
    context: Context,
    ids: tuple[int, ...],
    status: str | None,
    since: float | None,
    until: float | None,
    *,
    new_id: bool,
    dry_run: bool,
) -> None:
    """Put deliveries back to pending; says first how many, and what Segment will do with them."""
    if not (ids or status or since or until):
        raise click.UsageError("Say which: ids, or --status dead, or --since and --until.")
    statuses = (DeliveryStatus(status),) if status else ()
    selection = Selection(ids=ids, statuses=statuses, since=since, until=until)
    run(_replay(context, selection, new_id=new_id, dry_run=dry_run))


async def _replay(context: Context, selection: Selection, *, new_id: bool, dry_run: bool) -> None:
    async with context.operating() as operations:
        effect = await operations.preview(selection)
        for line in effect.sentences(new_id=new_id):
            click.echo(line)
        if not effect.possible:
            raise OperationError("Nothing to replay.", "Check ids and status with `events`.")
        if dry_run:
            click.echo("Nothing was changed (--dry-run).")
            return
        done = await operations.replay(selection, new_id=new_id)
        click.echo(f"{done} put back to pending.")


@verb("erase")
@click.option("--customer", required=True, metavar="ID", help="The customer's id in Gladly.")
@pass_context
def erase(context: Context, customer: str) -> None:
    """Delete a person's data from the store, beyond recovery."""
    if not customer.strip():
        raise click.BadParameter("is empty.", param_hint="--customer")
    run(_erase(context, customer.strip()))


async def _erase(context: Context, customer_id: str) -> None:
    async with context.operating() as operations:
        erased = await operations.erase(customer_id)
    click.echo(f"Erased from {erased.webhooks} webhooks and {erased.deliveries} deliveries here.")
    say("What Segment already has is erased there: Privacy, Deletion Requests.")


@verb("export")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), required=True)
@click.option("--redact", is_flag=True, help="Replace ids of people and conversations by hashes.")
@click.option("--payloads", is_flag=True, help="Add what goes to Segment: personal data (jsonl).")
@click.option("--output", "target", type=click.Path(dir_okay=False, path_type=Path))
@pass_context
def export(
    context: Context, form: str, target: Path | None, *, redact: bool, payloads: bool
) -> None:
    """Write all deliveries, newest first; ids only unless --payloads."""
    if payloads and (redact or form == "csv"):
        raise click.UsageError("--payloads goes with --format jsonl and without --redact.")
    with _writing(target) as file:
        count = run(_export(context, form, file, redact=redact, payloads=payloads))
    say(f"{count} deliveries exported.")


async def _export(
    context: Context, form: str, file: TextIO, *, redact: bool, payloads: bool
) -> int:
    count = 0
    writer: csv.DictWriter[str] | None = None
    with Progress(console=output.console(err=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Exporting", total=None)
        async for row in _export_rows(context, payloads=payloads):
            count += 1
            content = _redacted(row) if redact else row
            if form == "jsonl":
                file.write(msgspec.json.encode(content).decode() + "\n")
            else:
                if writer is None:
                    writer = csv.DictWriter(file, fieldnames=list(content))
                    writer.writeheader()
                writer.writerow({key: _cell(value) for key, value in content.items()})
            progress.update(task, completed=count)
    return count


async def _export_rows(context: Context, *, payloads: bool) -> AsyncIterator[dict[str, Any]]:
    async with context.reading() as store:
        before: int | None = None
        while store is not None:
            page = await store.page(Filter(), before, PAGE)
            for delivery in page.rows:
                content = output.delivery_json(delivery)
                if payloads:
                    detail = await store.delivery(delivery.id)
                    content["payload"] = _decoded(detail.payload) if detail else None
                yield content
            if (before := page.before) is None:
                return


def _redacted(content: dict[str, Any]) -> dict[str, Any]:
    hidden = ("conversationId", "userId")
    return {
        key: f"sha256:{sha256(value)[:16]}" if key in hidden and value else value
        for key, value in content.items()
    }


def _cell(value: object) -> object:
    """A spreadsheet runs what begins like a formula; a leading quote stops that."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return "'" + value
    return value


@contextmanager
def _writing(target: Path | None) -> Iterator[TextIO]:
    """Standard output, or a private file that appears only when it is whole."""
    if target is None:
        yield click.get_text_stream("stdout")
        return
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as exc:
        raise OperationError(f"Cannot write {target}: {exc.strerror}.", "Choose another.") from exc
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        Path(name).replace(target)
    except OSError as exc:
        Path(name).unlink(missing_ok=True)
        raise OperationError(f"Cannot write {target}: {exc.strerror}.", "Free space?") from exc
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
