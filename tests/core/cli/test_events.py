"""The verbs that show rows take every id that Gladly makes, and hint at what was meant."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from core.cli.events import nothing_matches
from core.model import WebhookStatus
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.core.cli.test_main import run
from tests.fakes.rows import new_delivery, new_webhook

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


@pytest.fixture
def merged(tmp_path: Path) -> str:
    """A home with a merge that became an alias, which is in no conversation."""

    async def create() -> None:
        store = SqlStore(SqliteDriver(tmp_path / "store.db"))
        await store.open()
        content = {"sourceCustomerId": "old", "destinationCustomerId": "new"}
        body = json.dumps({"type": "CUSTOMER/MERGED", "content": content}).encode()
        none = {"conversation_id": None, "customer_id": "new"}
        stands = {"kind": "CUSTOMER/MERGED", "status": WebhookStatus.RESOLVED}
        await store.add_webhook(new_webhook(body=body, **none, **stands))
        alias = json.dumps({"type": "alias", "previousId": "old", "userId": "new"}).encode()
        names = {"type": "alias", "event": "alias", "user_id": "new", "search": "old"}
        await store.enqueue(new_delivery(payload=alias, **none, **names))
        await store.close()

    asyncio.run(create())
    return str(tmp_path)


def test_an_alias_is_listed_without_a_conversation(
    merged: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for more in ([], ["--event", "alias"], ["--search", "old"], ["--search", "event:alias"]):
        assert run("events", "--home", merged, "--json", *more) == 0
        (row,) = map(json.loads, capsys.readouterr().out.splitlines())
        assert (row["event"], row["conversationId"], row["userId"]) == ("alias", None, "new")

    for wide in ("60", "200"):
        monkeypatch.setenv("COLUMNS", wide)
        assert run("events", "--home", merged) == 0
        said = capsys.readouterr().out
        assert "alias" in said, wide
        assert "None" not in said


def test_an_alias_and_its_merge_show_one_another(
    merged: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("show", "--home", merged, "--json", "w1") == 0
    assert json.loads(capsys.readouterr().out)["deliveries"] == ["d1"]
    assert run("show", "--home", merged, "--json", "d1") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["toSegment"]["previousId"] == "old"
    assert "sourceCustomerId" in json.dumps(shown["fromGladly"])
    assert run("show", "--home", merged, "d1") == 0
    assert run("show", "--home", merged, "new") == 0
    capsys.readouterr()


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("redact", [[], ["--redact"]])
def test_an_alias_is_exported(
    merged: str, kind: str, redact: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("export", "--home", merged, "--format", kind, *redact) == 0

    said = capsys.readouterr().out
    assert "alias" in said
    assert "None" not in said
    assert ("w1" in said or "new" in said) is not bool(redact)
