"""Check of the store: is everything that was seen accounted for, and does no row contradict."""

from __future__ import annotations

import functools
from datetime import UTC
from typing import TYPE_CHECKING

from core.doctor.blocking import on_own_thread
from core.doctor.outcome import Findings
from core.mapping.transform import message_id_of
from core.store.opening import driver_for, is_current
from core.store.reconciliation import Question
from core.store.sql_store import SqlStore

if TYPE_CHECKING:
    from core.doctor.outcome import Outcome
    from core.doctor.subject import Subject
    from core.settings import Settings
    from core.sums import Sums

#: all of a large store takes longer than a check may
DAYS = 3
DAY_SECONDS = 86_400


async def sums(subject: Subject, settings: Settings) -> Outcome:
    """Whether the last days add up."""
    findings = Findings("sums")
    home, url = subject.home, settings.store.url
    if not await on_own_thread(lambda: is_current(home, url)):
        return findings.skip("sums.no_store", "Not added up: there is no store of this version.")
    now = subject.outside.wall()
    store = SqlStore(driver_for(home, url, read_only=True))
    await store.open()
    try:
        question = Question(
            since=now - DAYS * DAY_SECONDS,
            until=now,
            zone=UTC,
            message_id=functools.partial(message_id_of, settings.segment.alias),
        )
        return _told(findings, await store.sums(question))
    finally:
        await store.close()


def _told(findings: Findings, found: Sums) -> Outcome:
    total = found.total
    if found.adds_up:
        return findings.ok(
            "sums.agree",
            f"In {DAYS} days, {_webhooks(total.seen)} came, {total.mapped} of them to be sent: "
            "every one is accounted for.",
        )
    bad = ", ".join(str(one.day) for one in found.days if not one.adds_up)
    return findings.fail(
        "sums.disagree",
        "What was seen and what became of it do not add up: something may not have been sent.",
        "`gladly-source reconcile` shows the days; look at the rows with `gladly-source show ID`, "
        "and please report this with `gladly-source diagnostics`.",
        **({"days": bad} if bad else {}),
        **found.shown,
    )


def _webhooks(count: int) -> str:
    return f"{count} webhook" if count == 1 else f"{count} webhooks"
