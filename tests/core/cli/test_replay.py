"""Replaying says first what it does; a person is asked, a script is not."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import pytest

from core.model import DeliveryStatus
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.core.cli.test_main import run
from tests.fakes.rows import NOW, lease, new_delivery, outcome

if TYPE_CHECKING:
    from pathlib import Path


class Terminal(io.StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with one delivery that was accepted."""

    async def fill() -> None:
        store = SqlStore(SqliteDriver(tmp_path / "store.db"))
        await store.open()
        await store.enqueue(new_delivery())
        await store.claim(9, lease(), NOW)
        await store.settle([outcome(1, DeliveryStatus.DEAD)], "engine-1")
        await store.close()

    asyncio.run(fill())
    return tmp_path


def status(home: Path) -> DeliveryStatus:
    async def read() -> DeliveryStatus:
        store = SqlStore(SqliteDriver(home / "store.db", read_only=True))
        await store.open()
        detail = await store.delivery(1)
        await store.close()
        assert detail is not None
        return detail.delivery.status

    return asyncio.run(read())


@pytest.mark.parametrize(
    ("typed", "code", "after"),
    [
        ("y\n", 0, DeliveryStatus.PENDING),
        ("n\n", 1, DeliveryStatus.DEAD),
        ("\n", 1, DeliveryStatus.DEAD),
    ],
)
def test_on_a_terminal_it_asks_before_it_acts(  # noqa: PLR0917 - fixtures
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: str,
    code: int,
    after: DeliveryStatus,
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))

    assert run("--home", str(home), "replay", "d1") == code

    said = capsys.readouterr()
    assert "Go on? [y/N]" in said.out + said.err
    assert ("Nothing was changed" in said.err) is (code == 1)
    assert status(home) is after


@pytest.mark.parametrize("terminal", [True, False])
def test_with_yes_and_in_a_script_it_goes_on_unasked(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    terminal: bool,
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("") if terminal else io.StringIO(""))
    yes = ["--yes"] if terminal else []

    assert run("--home", str(home), "replay", "d1", *yes) == 0

    assert "Go on?" not in "".join(capsys.readouterr())
    assert status(home) is DeliveryStatus.PENDING
