"""The verb reconcile: what was seen and what became of it, by day, and whether it adds up."""

from __future__ import annotations

import functools
import io
import sys
import time
from datetime import UTC
from typing import TYPE_CHECKING, Any

import click

from core.cli import output
from core.cli.common import Context, Moment, pass_context, run, say, verb
from core.errors import OperationError
from core.mapping.transform import message_id_of
from core.sentences import iso
from core.store.reconciliation import Question
from core.sums import COLUMNS, as_csv

if TYPE_CHECKING:
    from datetime import tzinfo

    from core.sums import DaySums, Sums


@verb("reconcile")
@click.option("--since", type=Moment(), help="From that day on: ISO time, or 12h, 7d ago.")
@click.option("--local", is_flag=True, help="Days of this computer's time zone, not of UTC.")
@click.option("--csv", "form", flag_value="csv", help="A row a day.")
@click.option("--json", "form", flag_value="json", help="One JSON object.")
@pass_context
def reconcile(context: Context, since: float | None, form: str | None, *, local: bool) -> None:
    """Add up by day what was seen and what became of it.

    seen = mapped + skipped + unmappable + waiting, and
    mapped = accepted + pending + retrying + dead + discarded + erased.
    """
    found = run(_sums(context, since or 0.0, zone=None if local else UTC))
    if form == "csv":
        _print_csv(found)
    elif form == "json":
        output.print_json(_json(found))
    else:
        _print_table(found)
    if found.adds_up:
        return
    for row, faults in found.shown.items():
        say(f"{row}: {faults}.")
    raise OperationError(
        "It does not add up: something may not have been sent.",
        "Look at these rows with `gladly-source show ID`, and please report this with "
        "`gladly-source diagnostics`.",
    )


async def _sums(context: Context, since: float, *, zone: tzinfo | None) -> Sums:
    alias = context.load().settings.segment.alias
    async with context.reading() as store:
        if store is None:
            raise OperationError("Nothing was seen yet.", "Start `gladly-source serve` first.")
        return await store.sums(
            Question(
                since=since,
                until=time.time(),
                zone=zone,
                message_id=functools.partial(message_id_of, alias),
            )
        )


def _print_table(found: Sums) -> None:
    if not found.days:
        click.echo("Nothing was seen in that time.")
        return
    made = output.table("day", *COLUMNS, "adds up")
    for one in found.days:
        made.add_row(*map(str, _values(one)), "yes" if one.adds_up else "NO")
    made.add_row("all", *map(str, _values(found.total)[1:]), "yes" if found.adds_up else "NO")
    output.console().print(made)


def _print_csv(found: Sums) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(newline="")  # the csv module ends lines itself
    sys.stdout.write(as_csv(found))


def _json(found: Sums) -> dict[str, Any]:
    names = ("day", *COLUMNS)
    return {
        "since": iso(found.since),
        "until": iso(found.until),
        "addsUp": found.adds_up,
        "days": [
            dict(zip(names, _values(one), strict=True)) | {"addsUp": one.adds_up}
            for one in found.days
        ],
        "offenders": [{"id": row, "fault": faults} for row, faults in found.shown.items()],
    }


def _values(one: DaySums) -> tuple[Any, ...]:
    return (one.day.isoformat(), *(getattr(one, name) for name in COLUMNS))
