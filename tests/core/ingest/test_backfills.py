"""One import at a time, when asked for; cancelled or failed, it says so."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from core.errors import GladlyUnavailable, OperationError
from core.ingest.account import CANCELLED, DONE, FAILED, Account
from core.ingest.backfills import Backfills

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Work:
    """Stands in for the import itself; a test lets it go on or fail."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.failure: Exception | None = None

    def begin(self, since: float | None, *, dry_run: bool) -> Account:
        return Account(dry_run=dry_run, since=since or 0.0, until=1.0)

    async def run(self, account: Account) -> None:
        self.begun.set()
        await self.go_on.wait()
        if self.failure is not None:
            raise self.failure
        account.facts = 3


@asynccontextmanager
async def running(work: Work) -> AsyncIterator[Backfills]:
    backfills = Backfills(work)  # type: ignore[arg-type]
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(backfills.run())
        yield backfills
        backfills.stop()


async def ended(backfills: Backfills) -> Account:
    while backfills.account is None or backfills.account.runs:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)
    return backfills.account


async def test_it_begins_when_asked_and_says_when_it_is_done():
    work = Work()
    async with running(work) as backfills:
        assert backfills.account is None
        begun = backfills.start(5.0, dry_run=True)
        await work.begun.wait()
        assert (begun.runs, begun.dry_run, begun.since) == (True, True, 5.0)
        work.go_on.set()
        done = await ended(backfills)
        assert (done.state, done.facts, done.problem) == (DONE, 3, "")


async def test_a_second_one_is_refused_while_the_first_runs_and_welcome_afterwards():
    work = Work()
    async with running(work) as backfills:
        backfills.start(None, dry_run=False)
        with pytest.raises(OperationError, match="already"):
            backfills.start(None, dry_run=False)
        work.go_on.set()
        await ended(backfills)
        backfills.start(None, dry_run=False)
        assert (await ended(backfills)).state == DONE


async def test_cancelled_it_ends_and_the_next_one_begins():
    work = Work()
    async with running(work) as backfills:
        backfills.cancel()  # nothing runs: nothing happens
        first = backfills.start(None, dry_run=False)
        backfills.cancel()  # before it began
        assert first.state == CANCELLED
        second = backfills.start(None, dry_run=False)
        await work.begun.wait()
        backfills.cancel()
        work.go_on.set()
        third = backfills.start(None, dry_run=False)
        await ended(backfills)
        assert (second.state, third.state) == (CANCELLED, DONE)


async def test_what_goes_wrong_is_said_in_the_account():
    work = Work()
    work.failure = GladlyUnavailable("Gladly is away.", "Wait.")
    work.go_on.set()
    async with running(work) as backfills:
        backfills.start(None, dry_run=False)
        failed = await ended(backfills)
        assert (failed.state, failed.problem) == (FAILED, "Gladly is away. Wait.")


async def test_stopping_ends_what_runs():
    work = Work()
    async with running(work) as backfills:
        account = backfills.start(None, dry_run=False)
        await work.begun.wait()
    assert account.state == CANCELLED
