"""What an import from export files came to, and how that is said. Pure."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from core.ingest.history import Unclear
from core.sentences import exact

RUNNING = "running"
DONE = "done"
CANCELLED = "cancelled"
FAILED = "failed"


class Cut(StrEnum):
    """Why an import begins later than was asked for."""

    NOT = ""
    #: Gladly keeps export files for 14 days
    FILES = "files"
    #: what was sent before is not known here any more
    RETENTION = "retention"


CUTS = {
    Cut.FILES: "Gladly keeps export files for 14 days: what is older is left alone.",
    Cut.RETENTION: "What happened before {since} is left alone: what was sent then is not known "
    "any more (retention.metadata_days).",
}
REASONS = {
    Unclear.BEGUN_BEFORE: "of conversations that began before the files do",
    Unclear.GONE: "of conversations that Gladly no longer knows",
    Unclear.CONTRADICTED: "that contradict what is known",
    Unclear.TOO_MANY: "of conversations with more changes than can be",
    Unclear.NO_AGENT: "to which Gladly names no agent",
}


class Account(msgspec.Struct, kw_only=True):
    """What a backfill came to, or has come to so far.

    Args:
        dry_run: Nothing is stored, only counted.
        since, until: What happened before and after is left alone (epoch seconds).
        begun_at: When it began (epoch seconds): no two begin at once.
        jobs, jobs_read: Export jobs to read, and read.
        not_ready: Jobs that Gladly has not completed, or that failed there.
        changes: Changes of status read, within the time.
        facts: Facts that nobody had told.
        opened, closed: Events that follow from them.
        known: Changes that tell nothing new.
        unclear: Changes left alone, by reason.
        cut: Why it begins later than was asked for.
        unreadable: Lines that could not be understood.
        young: Changes left to polling.
        gaps: Gaps, or parts of them, that are imported now, or would be.
        state: `running`, `done`, `cancelled` or `failed`.
        problem: Why it failed.
    """

    dry_run: bool
    since: float
    until: float
    begun_at: float = 0.0
    jobs: int = 0
    jobs_read: int = 0
    not_ready: int = 0
    changes: int = 0
    facts: int = 0
    opened: int = 0
    closed: int = 0
    known: int = 0
    unclear: dict[str, int] = msgspec.field(default_factory=dict)
    unreadable: int = 0
    young: int = 0
    gaps: int = 0
    cut: Cut = Cut.NOT
    state: str = RUNNING
    problem: str = ""

    @property
    def runs(self) -> bool:
        """Whether it goes on."""
        return self.state == RUNNING


def sentences(account: Account) -> list[str]:
    """What it came to, for a person."""
    said = [_read(account), _found(account)] if account.jobs or account.state == DONE else []
    if account.unclear:
        reasons = [f"{number:,} {REASONS[Unclear(why)]}" for why, number in account.unclear.items()]
        said.append(f"Left alone: {', '.join(reasons)}.")
    if account.cut is not Cut.NOT:
        said.append(CUTS[account.cut].format(since=exact(account.since)))
    if account.unreadable:
        said.append(f"{_count(account.unreadable, 'line')} could not be understood.")
    if account.young:
        changes = _count(account.young, "change")
        said.append(f"{changes} of the last 24 hours: `gladly-source catch-up` reads those.")
    if account.not_ready:
        said.append(f"{_count(account.not_ready, 'export job')} not done, or failed, in Gladly.")
    if account.gaps:
        would = " would be" if account.dry_run else ""
        said.append(f"{_count(account.gaps, 'gap')}{would} imported.")
    if account.state == CANCELLED:
        said.append("Cancelled: what was stored stays, and the next import goes on from there.")
    if account.problem:
        said.append(account.problem)
    if account.dry_run:
        said.append("Nothing was changed: this was a dry run.")
    return said


def _read(account: Account) -> str:
    if not account.jobs:
        return "Gladly has no export files of that time."
    files = f"{account.jobs_read} of {_count(account.jobs, 'export job')} read"
    return f"{files}: {_count(account.changes, 'change')} of status, {account.known:,} known."


def _found(account: Account) -> str:
    if not account.opened + account.closed:
        return "Nothing was missing." if account.state == DONE else "Nothing was missing so far."
    follow = "would go out" if account.dry_run else "go out"
    return f"Missing were {account.opened:,} Opened and {account.closed:,} Closed: they {follow}."


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}" if number == 1 else f"{number:,} {name}s"
