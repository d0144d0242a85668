"""The verb export: all deliveries as CSV or JSON Lines."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import Progress

from core.cli import output
from core.cli.common import Context, pass_context, run, say, verb
from core.export import FORMATS, Order, to_file, write

if TYPE_CHECKING:
    from core.pipeline.operations import Step


@verb("export")
@click.option("--format", "form", type=click.Choice(FORMATS), required=True)
@click.option("--redact", is_flag=True, help="Replace ids of people and conversations by hashes.")
@click.option("--payloads", is_flag=True, help="Add what goes to Segment: personal data (jsonl).")
@click.option("--output", "target", type=click.Path(dir_okay=False, path_type=Path))
@pass_context
def export(context: Context, /, target: Path | None, **order: Any) -> None:  # noqa: ANN401 - members of Order
    """Write all deliveries to a file or a pipe, newest first.

    Ids only, without --payloads.
    """
    wanted = Order(**order)
    if wanted.payloads and (wanted.redact or wanted.form == "csv"):
        raise click.UsageError("--payloads goes with --format jsonl and without --redact.")
    count = run(_export(context, wanted, target))
    say(f"{count} deliveries exported.")


async def _export(context: Context, order: Order, target: Path | None) -> int:
    async with context.reading() as store:
        with Progress(
            console=output.console(err=True), disable=not sys.stderr.isatty()
        ) as progress:
            task = progress.add_task("Exporting", total=None)

            def tell(step: Step) -> None:
                progress.update(task, completed=step.done)

            if target is not None:
                return await to_file(store, order, target, tell)
            if isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(newline="")  # the csv module ends lines itself
            return await write(store, order, sys.stdout, tell)
