"""The verb backfill: imports history from Gladly's export files, through whoever holds the home."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click
import msgspec
from rich.progress import Progress

from core.cli import output
from core.cli.common import Context, Moment, pass_context, run, say, verb
from core.control import ControlClient
from core.errors import OperationError, SettingsInvalid, StoreInUse
from core.gladly.client import connect
from core.ingest.account import DONE, Account, sentences
from core.ingest.backfill import Backfill
from core.ingest.backfills import carry_out
from core.ingest.intake import Intake
from core.sentences import exact
from core.store.opening import driver_for
from core.store.sql_store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LOOK_SECONDS = 0.3


@verb("backfill")
@click.option("--since", type=Moment(), help="ISO time, or 36h, 7d ago; at most 14 days.")
@click.option("--dry-run", is_flag=True, help="Only say what would be imported.")
@click.option("--cancel", is_flag=True, help="End the import that the engine runs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@pass_context
def backfill(
    context: Context, since: float | None, *, dry_run: bool, cancel: bool, as_json: bool
) -> None:
    """Import from Gladly's export files what nobody told.

    Gladly keeps them for 14 days. What may have been sent already is left alone. Ctrl-C ends it;
    what is imported by then stays, and the next time it goes on from there.
    """
    if cancel:
        run(_cancel(context))
        return
    account = run(_backfill(context, since, dry_run=dry_run))
    if as_json:
        times = {"since": exact(account.since), "until": exact(account.until)}
        output.print_json(msgspec.to_builtins(account) | times)
    else:
        for sentence in sentences(account):
            click.echo(sentence)
    if account.state != DONE:
        again = "Run it again: it goes on from there." if account.jobs_read else ""
        raise OperationError("Not everything was imported.", again)


async def _cancel(context: Context) -> None:
    client = ControlClient.find(context.home)
    if client is None:
        raise OperationError("No engine runs on this home.", "There is nothing to cancel.")
    account = await client.backfill_account()
    if account is None or not account.runs:
        raise OperationError("No import runs.", "There is nothing to cancel.")
    await client.cancel_backfill()
    click.echo("Cancelled: what was imported stays.")


async def _backfill(context: Context, since: float | None, *, dry_run: bool) -> Account:
    store = SqlStore(driver_for(context.home, context.store_url))
    try:
        await store.open()
    except StoreInUse:
        client = ControlClient.find(context.home)
        if client is None:
            raise
        return await _through(client, since, dry_run=dry_run)
    try:
        return await _alone(context, store, since, dry_run=dry_run)
    finally:
        await store.close()


async def _through(client: ControlClient, since: float | None, *, dry_run: bool) -> Account:
    """The engine that runs imports; we look on."""
    begun = await client.backfill(since, dry_run=dry_run)

    async def look() -> Account:
        return await client.backfill_account() or begun

    try:
        return await _watched(look)
    except StoreInUse as exc:
        raise OperationError(
            "The engine ended while it imported.",
            "Start it again, and run this again: it goes on from there.",
        ) from exc
    except asyncio.CancelledError:
        with suppress(OperationError, StoreInUse):
            await client.cancel_backfill()
        say("Cancelled: what was imported stays.")
        raise


async def _alone(
    context: Context, store: SqlStore, since: float | None, *, dry_run: bool
) -> Account:
    """Without an engine: what is imported waits in the store for the next start."""
    settings = context.load().settings
    if settings.gladly.url is None or settings.gladly.agent_email is None:
        raise SettingsInvalid(
            "There is no Gladly to ask: gladly.url or gladly.agent_email is not set.",
            "Set both, and the secret gladly-token.",
        )
    token = context.secrets.require("gladly-token")
    context.redact.learn([token])
    async with connect(settings.gladly, token) as client:
        made = Backfill(
            client,
            Intake(store, store.clock),
            store,
            opened_when=settings.mapping.opened_when,
            resolves=False,
        )
        account = made.begin(since, dry_run=dry_run)

        async def look() -> Account:
            return account

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(carry_out(made, account))
                await _watched(look)
        except asyncio.CancelledError:
            say("Cancelled: what was imported stays.")
            raise
    if account.facts and not dry_run:
        say("No engine runs on this home: what is new goes out with the next `serve`.")
    return account


async def _watched(look: Callable[[], Awaitable[Account]]) -> Account:
    """Show how far it is until it ends."""
    bar = Progress(console=output.console(err=True), disable=not sys.stderr.isatty())
    with bar:
        task = bar.add_task("Reading export files", total=None)
        while (account := await look()).runs:
            bar.update(task, total=account.jobs or None, completed=account.jobs_read)
            await asyncio.sleep(LOOK_SECONDS)
    return account
