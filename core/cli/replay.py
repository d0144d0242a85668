"""The verbs replay and erase: change what is in the store, through whoever holds it."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import click
from rich.progress import Progress

from core.cli import output
from core.cli.common import (
    Context,
    Moment,
    RowId,
    RowVerb,
    filter_of,
    on_terminal,
    pass_context,
    run,
    say,
    verb,
)
from core.control import ControlClient
from core.errors import OperationError, StoreInUse
from core.model import DeliveryStatus
from core.pipeline.operations import Operations, Selection
from core.store.base import Filter
from core.store.opening import driver_for
from core.store.sql_store import SqlStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def operating(context: Context) -> AsyncIterator[Operations | ControlClient]:
    """Operations on the store: our own, or those of the engine that holds it."""
    store = SqlStore(driver_for(context.home, context.store_url))
    try:
        await store.open()
    except StoreInUse:
        client = ControlClient.find(context.home)
        if client is None:
            raise
        yield client
        return
    try:
        yield Operations(store)
    finally:
        await store.close()


@verb("replay", RowVerb)
@click.argument("ids", nargs=-1, type=RowId(), metavar="[ID]…")
@click.option("--status", type=click.Choice([str(one) for one in DeliveryStatus]))
@click.option("--since", type=Moment(), help="Received since: ISO time, or 90m, 24h, 7d ago.")
@click.option("--until", type=Moment(), help="Received before.")
@click.option("--search", help="As in `events`: words, and terms such as code:http_503.")
@click.option("--new-id", is_flag=True, help="New messageIds: Segment counts the events again.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--yes", is_flag=True, help="Do not ask; without a terminal nobody is asked.")
@pass_context
def replay(
    context: Context,
    /,
    *,
    ids: tuple[int, ...],
    new_id: bool,
    dry_run: bool,
    yes: bool,
    **terms: Any,  # noqa: ANN401 - the options that name a filter
) -> None:
    """Put deliveries back to pending, to be sent again.

    Says first how many, and what Segment will do with them; on a terminal it then asks.
    """
    wanted = filter_of(**terms)
    if bool(ids) == (wanted != Filter()):
        raise click.UsageError(
            "Say which: either ids, or --status dead, --since, --until and --search."
        )
    selection = Selection(ids=ids) if ids else Selection(wanted=wanted)
    possible = run(_preview(context, selection, new_id=new_id))
    if dry_run:
        click.echo("Nothing was changed (--dry-run).")
        return
    if not yes and on_terminal() and not click.confirm("Go on?", err=True):
        raise OperationError("Nothing was changed.", "Answer y to go on, or use --yes.")
    run(_replay(context, selection, possible, new_id=new_id))


async def _preview(context: Context, selection: Selection, *, new_id: bool) -> int:
    """Say what would happen; to how many."""
    async with operating(context) as operations:
        effect = await operations.preview(selection)
    for line in effect.sentences(new_id=new_id):
        click.echo(line)
    if not effect.possible:
        raise OperationError("Nothing to replay.", "Check ids and status with `events`.")
    return effect.possible


async def _replay(context: Context, selection: Selection, possible: int, *, new_id: bool) -> None:
    bar = Progress(console=output.console(err=True), disable=not sys.stderr.isatty())
    async with operating(context) as operations:
        with bar:
            task = bar.add_task("Replaying", total=possible)
            done = await operations.replay(
                selection,
                new_id=new_id,
                progress=lambda step: bar.update(task, completed=step.done),
            )
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
    async with operating(context) as operations:
        erased = await operations.erase(customer_id)
    if not (erased.webhooks or erased.deliveries):
        raise OperationError(
            f"Nothing in this home is about the customer {customer_id!r}.", "Check the id."
        )
    click.echo(f"Erased from {erased.webhooks} webhooks and {erased.deliveries} deliveries here.")
    say("What Segment already has must be erased there, too: Privacy, Deletion Requests.")
