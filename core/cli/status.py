"""The verb status: which engines work on the store, and how many rows are where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core.cli import output
from core.cli.common import Context, pass_context, run, say, verb
from core.presence import GONE_SECONDS, told
from core.sentences import duration

if TYPE_CHECKING:
    from core.model import Counts
    from core.store.engines import Heard

NO_ENGINE = "No engine works on this store: start one with `gladly-source serve`."


@verb("status")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one per engine.")
@pass_context
def status(context: Context, *, as_json: bool) -> None:
    """List the engines on the store, and count its rows by status."""
    heard, counts = run(_look(context))
    if as_json:
        for one in heard:
            output.print_json(told(one))
    else:
        _print(heard, counts)
    if not any(one.seconds < GONE_SECONDS for one in heard):
        say(NO_ENGINE)


async def _look(context: Context) -> tuple[list[Heard], Counts | None]:
    async with context.reading() as store:
        if store is None:
            return [], None
        return await store.engines.everybody(), await store.counts()


def _print(heard: list[Heard], counts: Counts | None) -> None:
    if heard:
        made = output.table("engine", "role", "version", "started", "last heard", "leads")
        for one in heard:
            engine = one.engine
            made.add_row(
                engine.name,
                engine.role,
                engine.version,
                output.local(engine.started_at),
                last_heard(one),
                ", ".join(engine.leads) if one.seconds < GONE_SECONDS else "",
            )
        output.console().print(made)
    if counts is not None:
        for name, rows in (("webhooks", counts.webhooks), ("deliveries", counts.deliveries)):
            numbers = ", ".join(f"{count} {word}" for word, count in sorted(rows.items()))
            click.echo(f"{name}: {numbers or 'none'}")


def last_heard(one: Heard) -> str:
    """How long ago an engine said that it is there; one that is gone says so."""
    ago = f"{one.seconds:.0f} s" if one.seconds < GONE_SECONDS else duration(one.seconds)
    return f"{ago} ago" if one.seconds < GONE_SECONDS else f"{ago} ago: gone"
