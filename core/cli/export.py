"""The verb export: all deliveries as CSV or JSON Lines."""

from __future__ import annotations

import csv
import io
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
from core.cli.common import Context, pass_context, run, say, verb
from core.cli.output import decoded
from core.errors import OperationError
from core.mapping.identity import sha256
from core.store.base import Filter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

PAGE = 500


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
                    content["payload"] = decoded(detail.payload) if detail else None
                yield content
            if (before := page.before) is None:
                return


def _redacted(content: dict[str, Any]) -> dict[str, Any]:
    """Ids as hashes; sentences, which may quote an answer of Segment, left out."""
    hidden = ("conversationId", "userId")
    return {
        key: f"sha256:{sha256(value)[:16]}" if key in hidden and value else value
        for key, value in content.items()
        if key not in {"reason", "lastError"}
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
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(newline="")  # the csv module ends lines itself
        yield sys.stdout
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
