"""The verbs catch-up and coverage: read from Gladly now; who listened when, and the gaps."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from core.cli import output
from core.cli.common import Context, Moment, pass_context, run, say, verb
from core.control import ControlClient
from core.coverage import DAY_SECONDS, Cover, cells, importable, up_to_now
from core.errors import OperationError, SettingsInvalid, StoreInUse
from core.gladly.client import connect
from core.health import Health
from core.ingest.intake import Intake
from core.ingest.poller import CatchUp, Poller
from core.store.opening import driver_for
from core.store.sql_store import SqlStore

if TYPE_CHECKING:
    from core.settings import Gladly


#: five-minute cells in half an hour
CELLS = 6
MOST_GAPS = 1000
#: what a channel covered is noted with so much delay at most, while the engine runs
LATELY_SECONDS = 180.0
LETTERS = {
    Cover.BOTH: "#",
    Cover.WEBHOOK: "w",
    Cover.POLL: "p",
    Cover.NOBODY: "!",
    Cover.UNKNOWN: ".",
}

ALONE = "No engine runs on this home: what is new goes out with the next `serve`."
OVER_THERE = "What is new goes out through the engines on this store."


@verb("catch-up")
@click.option("--since", type=Moment(), help="ISO time, or 90m, 12h ago; at most 24 hours.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@pass_context
def catch_up(context: Context, since: float | None, *, as_json: bool) -> None:
    """Read from Gladly what was missed.

    That is what happened since the last reading, or since --since.
    """
    done = run(_catch_up(context, since))
    if as_json:
        output.print_json(
            {"since": _iso(done.since), "until": _iso(done.until), "read": done.read}
            | {"new": done.new}
        )
    else:
        click.echo(f"Read from {_iso(done.since)} to {_iso(done.until)}: {_told(done)}")
    if since is not None and done.since > since + 1:
        say(
            "Gladly tells of the last 24 hours only; what is older stands in its export files "
            "(see `backfill`)."
        )


@verb("coverage")
@click.option("--since", type=Moment(), help="Gaps since: ISO time, or 12h, 7d ago.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a gap.")
@pass_context
def coverage(context: Context, since: float | None, *, as_json: bool) -> None:
    """Who listened in the last 24 hours; gaps and their fate."""
    run(_coverage(context, since or 0.0, as_json=as_json))


async def _coverage(context: Context, since: float, *, as_json: bool) -> None:
    now = time.time()
    async with context.reading() as store:
        first = None if store is None else await store.ledger.first_covered_at()
        if store is None or first is None:
            raise OperationError("Nothing is known yet.", "Start `gladly-source serve` first.")
        spans = await store.ledger.spans(now - DAY_SECONDS)
        gaps = await store.ledger.gaps(since, MOST_GAPS)
    if as_json:
        for gap in gaps:
            output.print_json(
                {"from": _iso(gap.start), "to": _iso(gap.end), "reason": gap.reason}
                | {"fate": gap.fate, "events": gap.events}
            )
        return
    _print_bar(cells(up_to_now(spans, now, LATELY_SECONDS), first, now))
    made = output.table("from", "to", "reason", "fate", "events")
    for gap in gaps:
        made.add_row(_iso(gap.start), _iso(gap.end), gap.reason, str(gap.fate), str(gap.events))
    output.console().print(made if gaps else "No gaps are known.")
    if lost := importable(gaps, now):
        many = "1 lost gap" if len(lost) == 1 else f"{len(lost):,} lost gaps"
        say(f"Gladly's export files may still tell of {many} (see `backfill`).")


def _print_bar(day: list[Cover]) -> None:
    """The last 24 hours, a letter for half an hour: the worst of it."""
    worst = [Cover.NOBODY, Cover.POLL, Cover.WEBHOOK, Cover.BOTH, Cover.UNKNOWN]
    halves = [day[start : start + CELLS] for start in range(0, len(day), CELLS)]
    bar = "".join(LETTERS[min(half, key=worst.index)] for half in halves)
    click.echo(f"24 h ago |{bar}| now")
    click.echo("# webhook and polling  w webhook  p polling  ! nobody  . not known")


async def _catch_up(context: Context, since: float | None) -> CatchUp:
    gladly = context.load().settings.gladly
    store = SqlStore(driver_for(context.home, context.store_url))
    try:
        await store.open()
    except StoreInUse:
        client = ControlClient.find(context.home)
        if client is None:
            raise
        return await client.catch_up(since)
    try:
        return await _alone(context, gladly, store, since)
    finally:
        await store.close()


async def _alone(context: Context, gladly: Gladly, store: SqlStore, since: float | None) -> CatchUp:
    """Without an engine: what is read waits in the store for the next start."""
    if gladly.url is None or gladly.agent_email is None:
        raise SettingsInvalid(
            "There is no Gladly to ask: gladly.url or gladly.agent_email is not set.",
            "Set both, and the secret gladly-token.",
        )
    token = context.secrets.require("gladly-token")
    context.redact.learn([token])
    async with connect(gladly, token) as client:
        poller = Poller(
            client,
            Intake(store, store.clock),
            store,
            seconds=gladly.poll_seconds,
            health=Health(time.time),
        )
        done = await poller.catch_up(since)
    say(OVER_THERE if store.shared else ALONE)
    return done


def _told(done: CatchUp) -> str:
    if not done.read:
        return "nothing happened."
    events = "event" if done.read == 1 else "events"
    return f"{done.read} {events}, {done.new or 'none'} of them new."


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
