"""Exports: what is in the file, and that there is a whole file or none."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core import export
from core.errors import OperationError
from core.export import ExportStopped, Order
from core.model import DeliveryStatus
from core.store.base import Filter
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes.rows import NOW, lease, new_delivery, outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.pipeline.operations import Step

FULL = Path("/dev/full")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """Four deliveries of Ada's, of which the second is dead for a reason that names her."""
    (tmp_path / "home").mkdir()
    one = SqlStore(SqliteDriver(tmp_path / "home" / "store.db"))
    await one.open()
    for number in range(4):
        await one.enqueue(
            new_delivery(
                conversation_id=f"conv-{number}",
                customer_id="ada-1",
                user_id="ada-1",
                payload=b'{"properties": {"customerName": "Ada"}}',
            )
        )
    ids = [found.id for found in await one.claim(2, lease(), now=NOW)]
    dead = outcome(ids[1], DeliveryStatus.DEAD, error="Segment rejects ada-1.")
    await one.settle([dead], "engine-1")
    yield one
    await one.close()


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_lines_are_objects_newest_first_by_the_names_of_the_contract(
    store: SqlStore, tmp_path: Path
) -> None:
    target = tmp_path / "out.jsonl"

    count = await export.to_file(store, Order(form="jsonl", redact=False), target)

    rows = lines(target)
    assert tuple(rows[0]) == export.COLUMNS
    assert count == len(rows) == 4
    assert [row["conversationId"] for row in rows] == [f"conv-{n}" for n in (3, 2, 1, 0)]
    assert rows[0]["userId"] == "ada-1"
    assert rows[2]["lastError"] == "Segment rejects ada-1."
    assert "payload" not in rows[0]


async def test_redacted_holds_nothing_of_a_person_and_like_stays_like(
    store: SqlStore, tmp_path: Path
) -> None:
    target = tmp_path / "out.csv"

    await export.to_file(store, Order(form="csv"), target)

    text = target.read_text("utf-8")
    assert "ada" not in text.lower()
    assert "conv-" not in text
    rows = list(csv.DictReader(text.splitlines()))
    assert len({row["userId"] for row in rows}) == 1
    assert len({row["conversationId"] for row in rows}) == 4
    assert rows[0]["userId"].startswith("sha256:")


async def test_payloads_come_along_only_when_asked_for(store: SqlStore, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"

    await export.to_file(store, Order(form="jsonl", redact=False, payloads=True), target)

    assert {row["payload"]["properties"]["customerName"] for row in lines(target)} == {"Ada"}


async def test_a_filter_says_which(store: SqlStore, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    wanted = Filter(statuses=(DeliveryStatus.DEAD,))

    assert await export.to_file(store, Order(form="jsonl", wanted=wanted), target) == 1
    assert [row["status"] for row in lines(target)] == ["dead"]


async def test_a_spreadsheet_is_given_no_formulas(store: SqlStore, tmp_path: Path) -> None:
    await store.enqueue(new_delivery(conversation_id="=cmd()", event="+1"))
    target = tmp_path / "out.csv"

    await export.to_file(store, Order(form="csv", redact=False), target)

    row = next(csv.DictReader(target.read_text("utf-8").splitlines()))
    assert (row["conversationId"], row["event"]) == ("'=cmd()", "'+1")


async def test_of_nothing_a_table_has_its_head_only(store: SqlStore, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"

    assert (
        await export.to_file(store, Order(form="csv", wanted=Filter(search="nobody")), target) == 0
    )
    assert target.read_text("utf-8").startswith("id,event,status")


async def test_the_file_is_its_owners_alone_and_replaces_an_old_one(
    store: SqlStore, tmp_path: Path
) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    target.chmod(0o644)

    await export.to_file(store, Order(form="csv"), target)

    assert "old" not in target.read_text("utf-8")
    if os.name == "posix":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600


async def test_progress_is_told_and_whoever_watches_may_stop_it(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE", 2)
    target = tmp_path / "out.csv"
    target.write_text("old")
    told: list[Step] = []

    def stop(step: Step) -> bool:
        told.append(step)
        return False

    with pytest.raises(ExportStopped):
        await export.to_file(store, Order(form="csv"), target, stop)

    assert [step.seen for step in told] == [2]
    assert target.read_text() == "old"
    assert names(tmp_path) == {"home", "out.csv"}


async def test_a_cancelled_export_leaves_no_file(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE", 1)

    def cancel(_: Step) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()

    async with asyncio.TaskGroup() as group:
        work = export.to_file(store, Order(form="csv"), tmp_path / "out.csv", cancel)
        task = group.create_task(work)

    assert task.cancelled()
    assert names(tmp_path) == {"home"}


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
async def test_a_full_disk_is_said_and_leaves_no_file(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**where: object) -> tuple[int, str]:
        name = tmp_path / ".half"
        name.touch()
        return os.open(FULL, os.O_WRONLY), str(name)

    monkeypatch.setattr(tempfile, "mkstemp", full)

    with pytest.raises(OperationError) as caught:
        await export.to_file(store, Order(form="csv"), tmp_path / "out.csv")

    assert "No space left" in caught.value.title
    assert "Free space" in caught.value.hint
    assert names(tmp_path) == {"home"}


async def test_a_folder_that_is_not_there_is_said(store: SqlStore, tmp_path: Path) -> None:
    with pytest.raises(OperationError, match="Cannot write"):
        await export.to_file(store, Order(form="csv"), tmp_path / "gone" / "out.csv")


def test_a_text_is_saved_as_it_is_and_for_this_user_alone(tmp_path: Path) -> None:
    target = tmp_path / "sums.csv"

    export.save_text("day,seen\r\n", target)

    assert target.read_bytes() == b"day,seen\r\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with pytest.raises(OperationError, match=r"Cannot write"):
        export.save_text("", tmp_path / "nowhere" / "sums.csv")
