"""The SQLite driver: commits in groups, survives kills and full disks, refuses what it must."""

# ruff: noqa: ASYNC221, ASYNC240 - nothing else waits on the loop of a test
from __future__ import annotations

import asyncio
import errno
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.errors import (
    StoreBusy,
    StoreCorrupt,
    StoreFull,
    StoreInUse,
    StoreTooNew,
    StoreUnavailable,
)
from core.model import WebhookStatus
from core.store import queries, sqlite, writer
from core.store.base import WebhookFilter
from core.store.pages import webhook_page_sql
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from core.store.sqlite_tx import in_dialect
from tests.fakes.rows import NOW, lease, new_delivery, new_webhook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

ROOT = Path(__file__).parents[3]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and signals")


@asynccontextmanager
async def opened(path: Path, *, read_only: bool = False) -> AsyncIterator[SqlStore]:
    """A store over this file."""
    store = SqlStore(SqliteDriver(path, read_only=read_only))
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be created."""
    return tmp_path / "home" / "store.db"


def set_meta(name: str):
    """Work that notes one value."""
    return lambda tx: tx.change("set_meta", name=name, value="yes")


async def stuck(store: SqlStore) -> tuple[asyncio.Task[object], threading.Event]:
    """Keep the writer busy until the event is set, so that what follows makes one group."""
    started, go = threading.Event(), threading.Event()

    def hold(_: object) -> bool:
        started.set()
        return go.wait(10)

    task = asyncio.ensure_future(store.driver.write(hold))  # noqa: TID251 - awaited by the caller
    assert await asyncio.to_thread(started.wait, 10)
    return task, go


async def queue_behind(store: SqlStore, works: list, *, simple: bool = False) -> list[object]:
    """Run all works in one group; their results and errors."""
    holder, go = await stuck(store)
    tasks = [
        asyncio.ensure_future(store.driver.write(work, simple=simple))  # noqa: TID251 - gathered
        for work in works
    ]
    await asyncio.sleep(0)
    go.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    await holder
    return results


# --- commits in groups


async def test_what_waits_is_committed_in_few_groups(path: Path) -> None:
    async with opened(path) as store:
        commits: list[str] = []
        store.driver._connection.set_trace_callback(
            lambda text: commits.append(text) if text == "COMMIT" else None
        )

        await queue_behind(store, [set_meta(f"n{number}") for number in range(100)])

        # one for what held the writer, two for the hundred
        assert len(commits) == 3
        for number in range(100):
            assert await store.get_meta(f"n{number}") == "yes"


@pytest.mark.parametrize("simple", [False, True])
async def test_a_failing_write_leaves_the_others_of_its_group_committed(
    path: Path, simple: bool
) -> None:
    def failing(tx) -> None:
        if not simple:
            tx.change("set_meta", name="undone", value="yes")
        raise RuntimeError("a bug")

    def constraint(tx) -> None:
        tx.sql("INSERT INTO meta (name, value) VALUES ('n', NULL)", {})

    async with opened(path) as store:
        works = [set_meta("a"), failing, set_meta("b"), constraint, set_meta("c")]

        results = await queue_behind(store, works, simple=simple)

        assert isinstance(results[1], RuntimeError)
        assert isinstance(results[3], sqlite3.IntegrityError)
        assert [results[n] for n in (0, 2, 4)] == [1, 1, 1]
    async with opened(path) as store:
        assert [await store.get_meta(name) for name in "abc"] == ["yes", "yes", "yes"]
        assert await store.get_meta("undone") is None


async def test_many_concurrent_writers_all_get_their_own_answer(path: Path) -> None:
    async with opened(path) as store:
        added = await asyncio.gather(*(store.add_webhook(new_webhook()) for _ in range(1500)))

        assert len({one.id for one in added}) == 1500
        assert (await store.counts()).webhooks == {"received": 1500}


async def test_a_caller_that_gave_up_does_not_harm_the_others(path: Path) -> None:
    async with opened(path) as store:
        holder, go = await stuck(store)
        impatient = asyncio.ensure_future(store.driver.write(set_meta("a")))  # noqa: TID251
        patient = asyncio.ensure_future(store.driver.write(set_meta("b")))  # noqa: TID251
        await asyncio.sleep(0)

        impatient.cancel()
        go.set()

        assert await patient == 1
        await holder
        assert await store.get_meta("a") == "yes"


async def test_more_than_can_wait_is_refused_as_busy(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MAX_WAITING", 3)
    async with opened(path) as store:
        results = await queue_behind(store, [set_meta(name) for name in "abcd"])

        assert [type(result) for result in results[2:]] == [StoreBusy, StoreBusy]
        assert await store.driver.write(set_meta("later")) == 1


# --- closing


async def test_closing_commits_what_waits(path: Path) -> None:
    store = SqlStore(SqliteDriver(path))
    await store.open()
    holder, go = await stuck(store)
    waiting = [store.add_webhook(new_webhook()) for _ in range(20)]
    tasks = [asyncio.ensure_future(one) for one in waiting]  # noqa: TID251 - gathered
    await asyncio.sleep(0)

    closing_ = asyncio.ensure_future(store.close())  # noqa: TID251 - awaited
    await asyncio.sleep(0)
    go.set()
    await closing_

    added = await asyncio.gather(*tasks)
    await holder
    assert len({one.id for one in added}) == 20
    async with opened(path) as again:
        assert (await again.counts()).webhooks == {"received": 20}


async def test_closing_finishes_a_scrub_that_waits(path: Path) -> None:
    store = SqlStore(SqliteDriver(path))
    await store.open()
    holder, go = await stuck(store)
    write = asyncio.ensure_future(store.driver.write(set_meta("a")))  # noqa: TID251 - gathered
    scrub = asyncio.ensure_future(store.driver.scrub())  # noqa: TID251 - gathered
    await asyncio.sleep(0)

    closing_ = asyncio.ensure_future(store.close())  # noqa: TID251 - gathered
    await asyncio.sleep(0)
    go.set()

    await asyncio.wait_for(asyncio.gather(holder, write, scrub, closing_), 10)


async def test_a_write_while_or_after_closing_is_refused_and_does_not_hang(path: Path) -> None:
    store = SqlStore(SqliteDriver(path))
    await store.open()
    holder, go = await stuck(store)
    closing_ = asyncio.ensure_future(store.close())  # noqa: TID251 - awaited
    await asyncio.sleep(0)

    with pytest.raises(StoreUnavailable, match="closed"):
        await asyncio.wait_for(store.set_meta("while", "x"), 10)
    go.set()
    await closing_
    with pytest.raises(StoreUnavailable, match="closed"):
        await asyncio.wait_for(store.set_meta("after", "x"), 10)
    with pytest.raises(StoreUnavailable, match="closed"):
        await asyncio.wait_for(store.get_meta("after"), 10)
    await holder


async def test_closing_twice_and_opening_again_is_fine(path: Path) -> None:
    store = SqlStore(SqliteDriver(path))
    await store.open()
    await store.close()
    await store.close()

    async with opened(path) as again:
        await again.set_meta("a", "b")


# --- kill -9

CHILD = """
import asyncio, sys
from pathlib import Path
from core.store.sql_store import SqlStore
from core.store import ways
from core.store.sqlite import SqliteDriver
from tests.fakes.rows import new_webhook

async def sender(store, number):
    while True:
        added = await store.add_webhook(new_webhook(dedupe_key=f"{number}-{next(keys)}"))
        sys.stdout.write(f"{added.id}\\n")
        sys.stdout.flush()

async def main():
    store = SqlStore(SqliteDriver(Path(sys.argv[1])))
    await store.open()
    await asyncio.gather(*(sender(store, number) for number in range(16)))

import itertools
keys = itertools.count()
asyncio.run(main())
"""


@posix_only
def test_what_was_acknowledged_survives_kill_9(path: Path) -> None:
    for round_ in range(2):
        home = path.parent / str(round_)
        with subprocess.Popen(
            [sys.executable, "-c", CHILD, str(home / "store.db")], cwd=ROOT, stdout=subprocess.PIPE
        ) as child:
            assert child.stdout is not None
            lines = [child.stdout.readline() for _ in range(400)]
            child.send_signal(signal.SIGKILL)
            lines += child.stdout.read().splitlines(keepends=True)
        acknowledged = {int(line) for line in lines if line.endswith(b"\n")}

        async def stored(file: Path) -> set[int]:
            async with opened(file) as store:
                page = await store.webhook_page(WebhookFilter(), None, 1_000_000)
                return {row.id for row in page.rows}

        assert len(acknowledged) >= 400
        assert acknowledged - asyncio.run(stored(home / "store.db")) == set()


# --- disks


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB of its own; skips where that is not permitted."""
    folder = tmp_path / "small"
    folder.mkdir()
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root on Linux")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"mount is not permitted: {mounted.stderr.decode(errors='replace').strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take all the space there is."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError as exc:
            assert exc.errno == errno.ENOSPC  # noqa: PT017 - how many writes fit is open
    return ballast


async def test_a_full_disk_is_said_and_nothing_acknowledged_is_lost(small_disk: Path) -> None:
    async with opened(small_disk / "store.db") as store:
        kept = [(await store.add_webhook(new_webhook(body=b"x" * 5000))).id for _ in range(5)]
        ballast = fill(small_disk)

        results = await asyncio.gather(
            *(store.add_webhook(new_webhook(body=b"y" * 20_000)) for _ in range(40)),
            return_exceptions=True,
        )
        refused = [one for one in results if isinstance(one, StoreFull)]
        readable = await store.counts()
        ballast.unlink()
        again = await store.add_webhook(new_webhook(body=b"z" * 5000))

        kept += [one.id for one in results if not isinstance(one, BaseException)]
        assert refused
        assert len(refused) + len(kept) == 45
        assert readable.webhooks == {"received": len(kept)}
        assert not again.duplicate
    async with opened(small_disk / "store.db") as store:
        page = await store.webhook_page(WebhookFilter(), None, 100)
        assert sorted(row.id for row in page.rows) == sorted([*kept, again.id])


async def test_a_store_that_cannot_be_created_on_a_full_disk_says_so(small_disk: Path) -> None:
    fill(small_disk)

    with pytest.raises(StoreFull):
        async with opened(small_disk / "store.db"):
            pass


@posix_only
async def test_a_read_only_disk_is_unavailable(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)

    with pytest.raises(StoreUnavailable) as caught:
        async with opened(small_disk / "store.db"):
            pass

    assert str(small_disk) in caught.value.title
    assert "--home" in caught.value.hint


READ_ONLY_CHILD = """
import asyncio, os, sys
from pathlib import Path
from core.errors import StoreUnavailable
from core.store import ways
from core.store.sqlite import SqliteDriver
driver = SqliteDriver(Path(sys.argv[1]))
if os.geteuid() == 0:
    os.setgroups([]); os.setegid(65534); os.seteuid(65534)
try:
    asyncio.run(driver.open())
except StoreUnavailable as exc:
    print(exc)
"""


@posix_only
def test_a_folder_that_may_not_be_written_is_unavailable(tmp_path: Path) -> None:
    """The child gives up root, for whom no folder is read-only."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o555)

    done = subprocess.run(
        [sys.executable, "-c", READ_ONLY_CHILD, str(folder / "store.db")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )

    assert "cannot be opened: Permission denied." in done.stdout
    assert "--home" in done.stdout


async def test_a_folder_that_is_a_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("I am a file")

    with pytest.raises(StoreUnavailable) as caught:
        async with opened(tmp_path / "home" / "store.db"):
            pass

    assert str(tmp_path / "home") in caught.value.title
    assert caught.value.hint


async def test_a_store_file_that_is_a_folder_is_unavailable(path: Path) -> None:
    path.mkdir(parents=True)

    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        async with opened(path):
            pass


@pytest.mark.parametrize("read_only", [False, True])
async def test_garbage_is_not_taken_for_a_store_and_left_alone(path: Path, read_only: bool) -> None:
    path.parent.mkdir()
    path.write_bytes(b"This is no database. " * 500)

    with pytest.raises(StoreCorrupt) as caught:
        async with opened(path, read_only=read_only):
            pass

    assert "backup" in caught.value.hint
    assert path.read_bytes() == b"This is no database. " * 500


async def test_a_damaged_store_is_corrupt(path: Path) -> None:
    async with opened(path) as store:
        await asyncio.gather(*(store.add_webhook(new_webhook(body=b"x" * 900)) for _ in range(99)))
    content = bytearray(path.read_bytes())
    content[8192:] = os.urandom(len(content) - 8192)
    path.write_bytes(content)

    with pytest.raises(StoreCorrupt):
        async with opened(path) as store:
            await store.webhook_page(WebhookFilter(), None, 1000)


# --- one engine, many readers


async def test_a_second_engine_is_refused_until_the_first_is_gone(path: Path) -> None:
    async with opened(path):
        with pytest.raises(StoreInUse, match="Another Gladly Source is running"):
            async with opened(path):
                pass

    async with opened(path) as store:
        await store.set_meta("a", "b")


OTHER_ENGINE = """
import asyncio, sys
from pathlib import Path
from core.errors import StoreInUse
from core.store.sql_store import SqlStore
from core.store import ways
from core.store.sqlite import SqliteDriver

async def main():
    path = Path(sys.argv[1])
    try:
        await SqlStore(SqliteDriver(path)).open()
        print("opened")
    except StoreInUse:
        print("in use")
    viewer = SqlStore(SqliteDriver(path, read_only=True))
    await viewer.open()
    print((await viewer.counts()).webhooks)
    try:
        await viewer.set_meta("a", "b")
    except StoreInUse:
        print("may not write")
    await viewer.close()

asyncio.run(main())
"""


async def test_another_process_may_read_but_not_write_meanwhile(path: Path) -> None:
    async with opened(path) as store:
        await store.add_webhook(new_webhook())

        other = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", OTHER_ENGINE, str(path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )

        await store.add_webhook(new_webhook())
        assert other.stdout.splitlines() == ["in use", "{'received': 1}", "may not write"]


async def test_a_viewer_sees_what_is_committed_after_it_opened(path: Path) -> None:
    async with opened(path) as store, opened(path, read_only=True) as viewer:
        await store.set_meta("a", "b")

        assert await viewer.get_meta("a") == "b"


async def test_a_viewer_of_nothing_creates_nothing(path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        async with opened(path, read_only=True):
            pass

    assert not path.exists()


@pytest.mark.parametrize("name", ["with space", "ünï-ç🎉", "100%", "what?#x"])
async def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    async with opened(tmp_path / name / "store.db") as store:
        await store.set_meta("a", "b")

        assert await store.get_meta("a") == "b"


# --- the future


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_store_from_the_future_is_refused_and_not_touched(
    path: Path, read_only: bool
) -> None:
    async with opened(path) as store:
        await store.set_meta("a", "b")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 999")
    before = path.read_bytes()

    with pytest.raises(StoreTooNew, match="999"):
        async with opened(path, read_only=read_only):
            pass

    assert path.read_bytes() == before
    assert not (path.parent / "backups").exists()


# --- what others may see


@posix_only
async def test_files_are_the_owners_alone(path: Path) -> None:
    old = os.umask(0)
    try:
        async with opened(path) as store:
            await store.add_webhook(new_webhook())
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(old)

    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert set(modes) >= {"store.db", "store.db-wal", "store.db-shm", "store.lock"}
    assert set(modes.values()) == {0o600}


# --- plans


async def plan(store: SqlStore, text: str, parameters: dict[str, object]) -> str:
    """How SQLite would run the statement."""
    rows = await store.driver.read(lambda tx: tx.sql(f"EXPLAIN QUERY PLAN {text}", parameters))
    return "; ".join(row[3] for row in rows)


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("claim", "delivery_due"),
        ("next_due_delivery", "delivery_due"),
        ("hasten", "delivery_due"),
        ("claim_waiting", "webhook_waiting"),
        ("next_due_webhook", "webhook_waiting"),
        ("claim_received", "webhook_status"),
        ("reap", "delivery_status"),
        ("count_deliveries", "delivery_status"),
        ("count_webhooks", "webhook_status"),
        ("queued_ids", "delivery_conversation"),
    ],
)
async def test_what_the_engine_asks_all_the_time_uses_its_index(
    path: Path, name: str, index: str
) -> None:
    sql = in_dialect(queries.load()[name])
    parameters: dict[str, object] = dict.fromkeys(
        ("now", "limit", "owner", "lease_until", "before", "conversation_id", "latest", "source"), 1
    )
    async with opened(path) as store:
        used = await plan(store, sql, parameters)

    assert index in used
    assert "TEMP B-TREE" not in used


WEBHOOK_FILTERS = [
    WebhookFilter(),
    WebhookFilter(statuses=(WebhookStatus.RECEIVED, WebhookStatus.WAITING)),
    WebhookFilter(kind="x", since=1.0, until=2.0, search="y"),
]


@pytest.mark.parametrize("before", [None, 7])
async def test_no_page_of_webhooks_needs_a_sort(path: Path, before: int | None) -> None:
    async with opened(path) as store:
        for wanted in WEBHOOK_FILTERS:
            text, parameters = webhook_page_sql(wanted, before, 10)
            used = await plan(store, text, parameters)
            assert "TEMP B-TREE" not in used, text


# --- scrubbing


async def test_a_scrub_that_a_long_reader_hinders_says_so(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a reader still sees stays in the WAL: nobody may believe it is gone."""
    monkeypatch.setattr(sqlite, "BUSY_MS", 50)
    async with opened(path) as store:
        await store.set_meta("a", "b")
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM meta").fetchall()
            await store.set_meta("a", "c")

            with pytest.raises(StoreBusy, match="still being read"):
                await store.driver.scrub()

        await store.driver.scrub()
        assert path.with_name("store.db-wal").stat().st_size == 0


async def test_writes_go_on_after_a_scrub(path: Path) -> None:
    async with opened(path) as store:
        await asyncio.gather(
            store.driver.scrub(), *(store.enqueue(new_delivery()) for _ in range(50))
        )

        assert len(await store.claim(99, lease(), NOW)) == 50


@pytest.mark.parametrize("gone", ["store.db", "store.db-wal"])
async def test_a_store_that_was_deleted_while_in_use_takes_nothing_more(
    path: Path, gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOOK_SECONDS", 0.0)
    async with opened(path) as store:
        await store.add_webhook(new_webhook())

        path.with_name(gone).unlink()

        with pytest.raises(StoreUnavailable, match="deleted, replaced or emptied"):
            await store.add_webhook(new_webhook())


async def test_nothing_goes_into_a_deleted_store_in_a_rush_either(path: Path) -> None:
    async with opened(path) as store:
        await store.add_webhook(new_webhook())
        path.unlink()
        store.driver._look_at = 0.0  # the next look is due

        for _ in range(5):
            with pytest.raises(StoreUnavailable, match="deleted, replaced or emptied"):
                await store.add_webhook(new_webhook())


async def test_a_store_that_was_replaced_while_in_use_takes_nothing_more(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOOK_SECONDS", 0.0)
    async with opened(path) as store:
        other = path.with_name("other.db")
        other.write_bytes(b"x" * 4096)

        other.replace(path)

        with pytest.raises(StoreUnavailable, match="deleted, replaced or emptied"):
            await store.add_webhook(new_webhook())
