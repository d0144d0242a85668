"""The verbs that show rows take every id that Gladly makes, and hint at what was meant."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from core.cli.events import nothing_matches
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.core.cli.test_main import run

if TYPE_CHECKING:
    from pathlib import Path

ODD = ("-hWx2kR9TQ6JzYc3m1vNpQ", "--Wx2kR9TQ6JzYc3m1vNpQ", "-x1")


@pytest.fixture
def home(tmp_path: Path) -> str:
    async def create() -> None:
        store = SqlStore(SqliteDriver(tmp_path / "store.db"))
        await store.open()
        await store.close()

    asyncio.run(create())
    return str(tmp_path)


@pytest.mark.parametrize("row", ODD)
def test_an_id_that_begins_with_a_hyphen_is_looked_for(
    home: str, row: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("show", row, "--home", home, "--json") == 1
    assert row in capsys.readouterr().err
    assert run("--home", home, "show", "--json", "--", row) == 1


@pytest.mark.parametrize("row", ODD)
def test_replay_says_that_such_an_id_is_no_delivery(
    home: str, row: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("replay", "--home", home, row) == 2
    assert "no delivery id" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--jsn", "-j"])
def test_an_option_that_is_misspelt_is_still_told(
    home: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("show", "--home", home, option, "d1") == 2
    assert "No such option" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("search", "hint"),
    [
        ("opened", "event:opened"),
        ("Closed ada", "event:closed"),
        ("dead", "status:dead"),
        ("skipped", None),
        ("event:opened", None),
        ("ada", None),
        (None, None),
    ],
)
def test_a_word_that_names_an_event_or_a_status_is_hinted_at(
    search: str | None, hint: str | None
) -> None:
    said = nothing_matches(search)

    assert "Nothing matches" in said
    assert (f"try {hint})" in said) if hint else ("try" not in said)
