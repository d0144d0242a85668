"""Check of the events: has it been silent for unusually long, by what the store knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.doctor.blocking import on_own_thread
from core.doctor.outcome import Findings
from core.ingest.learner import Learner
from core.silence import FEW, HINT, NAMES, learning, said_of, usually
from core.store.opening import driver_for, is_current
from core.store.sql_store import SqlStore

if TYPE_CHECKING:
    from core.doctor.outcome import Outcome
    from core.doctor.subject import Subject
    from core.settings import Settings
    from core.store.view import StoreView


async def silence(subject: Subject, settings: Settings) -> Outcome:
    """Whether events stopped coming."""
    home, url = subject.home, settings.store.url
    if not await on_own_thread(lambda: is_current(home, url)):
        return Findings("silence").skip(
            "silence.no_store", "Not looked at: there is no store of this version."
        )
    store = SqlStore(driver_for(home, url, read_only=True))
    await store.open()
    try:
        return await _found(store, settings, subject.outside.wall())
    finally:
        await store.close()


async def _found(store: StoreView, settings: Settings, now: float) -> Outcome:
    findings, learner = Findings("silence"), Learner(store, settings)
    while await learner.more(now):
        pass
    await learner.settle(now)
    volumes, judge = learner.volumes, learner.judge
    if why := learning(volumes, now, settings.retention.metadata_days):
        return findings.skip("silence.learning", why)
    if not judge.is_any_busy(now):
        return findings.skip("silence.few", FEW)
    watched = await learner.watched(now)
    if watched is None:
        return findings.skip(
            "silence.unwatched", "Not looked at: nobody listens, so that nothing can come."
        )
    since = {event: max(volumes.last(event) or 0.0, watched.start) for event in NAMES}
    silences = [
        found
        for event in NAMES
        if (found := judge.unusual(event, since[event], watched.end)) is not None
    ]
    if silences:
        return findings.warn("silence.silent", said_of(silences, now), HINT)
    return findings.ok("silence.usual", usually(volumes, judge.usual_now(now), now))
