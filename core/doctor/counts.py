"""Check by Segment's Public API: did Segment count what it accepted from here, hour by hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.doctor.blocking import on_own_thread
from core.doctor.outcome import Findings
from core.doctor.workspace import Asked, NotAsked, no_answer
from core.errors import GladlySourceError
from core.segment.public_api import FAILED, RECEIVED
from core.segment.reconcile import HOUR, reconcile
from core.sentences import iso
from core.store.opening import driver_for, is_current
from core.store.sql_store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.doctor.outcome import Outcome
    from core.doctor.subject import Subject
    from core.segment.reconcile import Balance
    from core.settings import Settings
    from core.store.base import Accepted

DAY_HOURS = 24
#: counts are complete after a while
LAG_SECONDS = 900
#: two clocks
EDGE_SECONDS = 60
MOST_HOURS = 6


async def counts(subject: Subject, settings: Settings) -> Outcome:
    """Whether Segment counted, by event and hour, what it accepted from here."""
    findings = Findings("counts")
    try:
        found = await Asked.of(findings, subject, settings)
        if found.own is None:
            return findings.skip(
                "counts.no_source",
                "Not compared: no source of the workspace has this write key.",
                "See the check public-api.",
            )
        until = int(subject.outside.wall() - LAG_SECONDS) // HOUR * HOUR
        since = until - DAY_HOURS * HOUR
        ours = await _accepted(subject, settings.store.url, findings, since, until)
        theirs = await found.api.counts(RECEIVED, found.own.id, since, until)
        balances = reconcile(ours, theirs, since, until)
        failed = 0
        if any(one.missing for one in balances):
            failed = sum(
                one.count for one in await found.api.counts(FAILED, found.own.id, since, until)
            )
    except NotAsked as exc:
        return exc.outcome
    except GladlySourceError as exc:
        return no_answer(findings, exc)
    return _compared(findings, balances, failed)


async def _accepted(
    subject: Subject, url: str | None, findings: Findings, since: int, until: int
) -> list[Accepted]:
    """What was accepted from here, with an hour more on either side."""
    usable = await on_own_thread(lambda: is_current(subject.home, url))
    if not usable:
        raise NotAsked(
            findings.skip("counts.no_store", "Not compared: there is no store of this version yet.")
        )
    store = SqlStore(driver_for(subject.home, url, read_only=True))
    await store.open()
    try:
        return await store.accepted_by_hour(since - HOUR, until + HOUR, edge=EDGE_SECONDS)
    finally:
        await store.close()


def _compared(findings: Findings, balances: Sequence[Balance], failed: int) -> Outcome:
    balances = [one for one in balances if one.ours]  # the others are somebody else's events
    detail = {f"“{one.event}”": _figures(one) for one in balances}
    if failed:
        detail["failed on ingest"] = str(failed)
    missing = next((one for one in balances if one.missing), None)
    if missing is not None:
        return findings.warn(
            "counts.missing",
            f"Segment accepted {missing.ours} “{missing.event}” in 24 hours and counted "
            f"{missing.missing} fewer.",
            "Look at the source's Delivery Overview in Segment: it says what was dropped, and why. "
            "What was sent again under the same messageId counts once.",
            **detail,
        )
    surplus = next((one for one in balances if one.surplus), None)
    if surplus is not None:
        return findings.warn(
            "counts.surplus",
            f"Segment counted {surplus.surplus} “{surplus.event}” in 24 hours that did not come "
            "from here.",
            "Something else sends into this source: the official Gladly source, or another "
            "Gladly Source.",
            **detail,
        )
    total = sum(one.ours for one in balances)
    if not total:
        return findings.ok("counts.none", "Nothing was accepted in 24 hours: nothing to compare.")
    how = "hour by hour" if not any(one.hours for one in balances) else "in other hours"
    return findings.ok(
        "counts.agree",
        f"Segment counted what it accepted in 24 hours: {total} events, {how}.",
        **detail,
    )


def _figures(one: Balance) -> str:
    said = f"accepted {one.ours}, counted {one.theirs}"
    hours = [f"{iso(hour.start)} {hour.ours}/{hour.theirs}" for hour in one.hours[:MOST_HOURS]]
    more = len(one.hours) - MOST_HOURS
    return "; ".join([said, *hours, *([f"{more} more hours"] if more > 0 else [])])
