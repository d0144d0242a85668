"""Looking on at an import: whoever stops looking ends it, and nobody else's."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import OperationError, StoreInUse
from core.ingest.account import CANCELLED, DONE, RUNNING, Account
from gui.activity import import_watch
from gui.activity.import_watch import TRIES, ImportWatch
from tests.gui.activity.fake_imports import FakeImports


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks follow one another at once."""
    monkeypatch.setattr(import_watch, "LOOK_SECONDS", 0.0)


async def until_begun(link: FakeImports) -> None:
    """Until the import was asked for, and a look was taken."""
    while not link.begun:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)
    for _ in range(5):
        await asyncio.sleep(0)


async def test_it_begins_looks_on_and_answers_what_it_came_to() -> None:
    link = FakeImports(opened=3)

    account = await ImportWatch(5.0, dry_run=True).run(link)

    assert link.begun == [(5.0, True)]
    assert (account.state, account.opened, link.cancels) == (DONE, 3, 0)


async def test_stopped_it_ends_the_import_and_says_what_came_of_it() -> None:
    link = FakeImports()
    link.holds = True
    watch = ImportWatch(None, dry_run=False)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(watch.run(link))
        await until_begun(link)
        watch.stop()

    assert running.result().state == CANCELLED
    assert link.cancels == 1


async def test_given_up_it_ends_the_import() -> None:
    link = FakeImports()
    link.holds = True
    async with asyncio.TaskGroup() as group:
        running = group.create_task(ImportWatch(None, dry_run=False).run(link))
        await until_begun(link)
        running.cancel()

    assert link.cancels == 1


async def test_given_up_before_the_engine_answered_it_ends_what_begins_then() -> None:
    link = FakeImports()
    link.holds, link.slow = True, asyncio.Event()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(ImportWatch(None, dry_run=False).run(link))
        await until_begun(link)
        running.cancel()
        await asyncio.sleep(0)
        link.slow.set()

    assert link.account is not None
    assert link.account.state == CANCELLED


async def test_refused_it_ends_nothing() -> None:
    link = FakeImports()
    link.account = Account(dry_run=False, since=0.0, until=1.0, begun_at=99.0)

    with pytest.raises(OperationError, match="already"):
        await ImportWatch(None, dry_run=True).run(link)

    assert link.cancels == 0
    assert link.account.state == RUNNING


async def test_when_somebody_elses_runs_meanwhile_that_is_said_and_left_alone() -> None:
    link = FakeImports()
    link.holds = True
    async with asyncio.TaskGroup() as group:
        watching = ImportWatch(None, dry_run=True).run(link)
        running = group.create_task(_problem(watching))
        await until_begun(link)
        link.account = Account(dry_run=False, since=0.0, until=1.0, begun_at=99.0)

    assert running.result() == "Somebody else imports history now."
    assert link.cancels == 0


async def _problem(watching: object) -> str:
    try:
        await watching  # type: ignore[misc]
    except OperationError as exc:
        return exc.title
    return ""


async def test_an_engine_that_is_busy_may_miss_a_look() -> None:
    link = FakeImports()
    link.silence, link.unanswered = StoreInUse("It does not answer.", "Wait."), TRIES - 1

    account = await ImportWatch(None, dry_run=True).run(link)

    assert account.state == DONE


async def test_an_engine_that_answers_no_more_is_told() -> None:
    link = FakeImports()
    link.holds = True
    link.silence, link.unanswered = StoreInUse("It does not answer.", "Wait."), TRIES

    with pytest.raises(StoreInUse):
        await ImportWatch(None, dry_run=False).run(link)

    assert link.cancels == 1  # it answers again: nothing runs on unseen
