"""Moving from the command line: what is said, what is written to the settings, what is refused."""

from __future__ import annotations

import asyncio
import shutil
import tomllib
from typing import TYPE_CHECKING

import pytest

from core.cli.move import name_in_settings
from core.control import ControlClient
from core.errors import StoreInUse
from core.home import Home
from core.store.sqlite import SqliteDriver
from tests.core.cli.test_main import run
from tests.fakes import whole_store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.postgres import Server

PASSWORD = "s3cret-p4ss"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with rows of every kind."""
    path = tmp_path_factory.mktemp("made") / "store.db"
    asyncio.run(whole_store.make(path, 50))
    return path


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A home with a copy of it."""
    shutil.copy(made, tmp_path / "store.db")
    return tmp_path


@pytest.fixture
def url(postgres_server: Server) -> str:
    """An empty database; who connects there needs no password, and so may give any."""
    return postgres_server.empty()


def written(home: Path) -> str | None:
    file = home / "settings.toml"
    found = tomllib.loads(file.read_text()) if file.exists() else {}
    return found.get("store", {}).get("url")


def verb(home: Path, *arguments: str) -> int:
    return run("--home", str(home), "move", *arguments)


def test_a_dry_run_counts_and_changes_nothing(
    home: Path, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in home.glob("store.db")}

    assert verb(home, "--to", url, "--dry-run") == 0

    out = capfd.readouterr().out
    assert "Nothing was changed." in out
    assert all(table in out for table in ("webhook", "delivery_content", "coverage", "gap"))
    assert {path.name: path.read_bytes() for path in home.glob("store.db")} == before
    assert written(home) is None


def test_a_move_names_the_database_in_the_settings_and_can_be_repeated(
    home: Path, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (home / "settings.toml").write_text('# ours\n[segment]\nalias = "x" # why\n')

    assert verb(home, "--to", url) == 0

    out, err = capfd.readouterr()
    assert "checksum here and there" in out
    assert f"names {url} now" in out
    assert "delete it once you are content" in out
    assert "%" not in err  # no bar without a terminal
    assert written(home) == url
    assert '# ours\n[segment]\nalias = "x" # why\n' in (home / "settings.toml").read_text()
    assert verb(home, "--to", url) == 0
    assert "copied and compared before" in capfd.readouterr().out
    assert run("--home", str(home), "events", "--limit", "3") == 0
    assert "Conversation" in capfd.readouterr().out
    assert verb(home, "--to", url, "--dry-run") == 1
    assert "was moved to" in capfd.readouterr().err


def test_with_kept_settings_the_old_store_is_refused_with_what_to_do(
    home: Path, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert verb(home, "--to", url, "--keep-settings") == 0
    assert f'Set store.url = "{url}"' in capfd.readouterr().out
    assert written(home) is None

    assert run("--home", str(home), "events") == 1

    assert "move --to" in capfd.readouterr().err
    assert verb(home, "--to", url) == 0
    assert written(home) == url


def test_no_password_is_shown_or_written(
    home: Path, url: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = url.replace("app@", f"app:{PASSWORD}@")
    closed = f"postgresql://app:{PASSWORD}@127.0.0.1:9/x"
    said = ""

    for arguments in (["--to", closed], ["--to", secret, "--dry-run"], ["--to", secret]):
        verb(home, *arguments)
        said += "".join(capfd.readouterr())
    monkeypatch.setenv("GLADLY_SOURCE_STORE__URL", secret)
    assert verb(home) == 0
    said += "".join(capfd.readouterr())
    monkeypatch.setenv("GLADLY_SOURCE_STORE__URL", closed)
    assert verb(home, "--to", secret) == 1
    said += "".join(capfd.readouterr())

    assert written(home) == url
    assert "PGPASSWORD" in said
    assert "cannot be used" in said
    assert "already" in said
    assert PASSWORD not in said
    left = [path for path in home.rglob("*") if path.is_file()]
    assert all(PASSWORD.encode() not in path.read_bytes() for path in left)


def test_the_address_may_come_from_the_environment(
    home: Path, url: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLADLY_SOURCE_STORE__URL", url)

    assert verb(home) == 0

    assert "(GLADLY_SOURCE_STORE__URL)" in capfd.readouterr().out
    assert written(home) is None


@pytest.mark.parametrize("wrong", [f"mysql://u:{PASSWORD}@h/d", PASSWORD, "/var/other.db"])
def test_what_is_no_address_is_wrong_usage(
    home: Path, wrong: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert verb(home, "--to", wrong) == 2

    said = capfd.readouterr().err
    assert "postgresql://" in said
    assert PASSWORD not in said


def test_while_an_engine_works_on_the_home_it_is_not_moved(
    home: Path, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = SqliteDriver(home / "store.db")

    async def busy() -> int:
        await engine.open()
        try:
            return await asyncio.to_thread(verb, home, "--to", url)
        finally:
            await engine.close()

    assert asyncio.run(busy()) == 1
    assert "An engine works on" in capfd.readouterr().err
    assert written(home) is None


class Engine:
    """One that does not hold the file, such as one on a database."""

    def __init__(self, *, runs: bool) -> None:
        self._runs = runs

    async def health(self) -> None:
        if not self._runs:
            raise StoreInUse("It does not answer.")


@pytest.mark.parametrize("runs", [True, False])
def test_an_engine_on_a_database_is_not_overlooked_and_a_killed_one_does_not_matter(
    home: Path, url: str, monkeypatch: pytest.MonkeyPatch, runs: bool
) -> None:
    monkeypatch.setattr(ControlClient, "find", lambda _: Engine(runs=runs))

    assert verb(home, "--to", url) == int(runs)


def test_an_empty_home_has_nothing_to_move(
    tmp_path: Path, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    for arguments in ([], ["--dry-run"]):
        assert verb(tmp_path / "new", "--to", url, *arguments) == 1
        assert "no store" in capfd.readouterr().err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "before",
    [
        "",
        "# only words",
        '[segment]\nalias = "x"\n',
        '[store] # where\nurl = "postgresql://old/one" # an old one\n',
        '[store]\n\n[segment]\nalias = "x"\n',
        'store.url = "postgresql://old/one"\n[segment]\nalias = "x"\n',
        "store = {}\n",
        '[segment]\r\nalias = "x"\r\n',
    ],
)
def test_whatever_the_settings_look_like_only_the_address_changes(
    tmp_path: Path, before: str
) -> None:
    home = Home(path=tmp_path)
    home.settings_file.write_text(before)
    wanted = {**tomllib.loads(before), "store": {"url": "postgresql://h/d"}}

    name_in_settings(home, "postgresql://h/d")

    assert tomllib.loads(home.settings_file.read_text()) == wanted


def test_what_was_interrupted_says_how_to_go_on(
    home: Path,
    url: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("core.store.moving.Moving.index", interrupt)
        assert verb(home, "--to", url) == 130
    assert "goes on from there" in capfd.readouterr().err

    assert verb(home, "--to", url) == 0

    assert "Going on:" in capfd.readouterr().err
