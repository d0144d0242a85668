"""The zip for support holds what helps, and nothing of what was planted."""

from __future__ import annotations

import errno
import io
import json
import logging
import os
import tomllib
import zipfile
from typing import TYPE_CHECKING

import pytest

from core import __version__, diagnostics
from core.credentials import Secret
from core.doctor.outcome import Findings, Outcome
from core.errors import OperationError
from core.home import Home
from core.logs import JsonFormatter, Redactor
from core.model import Channel, Counts
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver

if TYPE_CHECKING:
    from pathlib import Path

PLANTED = (
    "planted-write-key",
    "planted-token",
    "planted-password",
    "Jane",
    "jane.doe",
    "Doe",
    "555",
    "0100",
)
TOML = """
[gladly]
url = "https://acme.gladly.com/?token=planted-token"
agent_email = "jane.doe@example.com"
[listener]
username = "gladly-user"
public_url = "https://hooks.example.com/gladly?key=planted-password#planted-token"
[mapping]
drop = ["jane.doe@example.com"]
"""
LOG = """\
12:00:01 info core.engine: stopping
12:00:02 warning core.pipeline: odd to=jane.doe@example.com phone=+14155550100
12:00:03 error segment: upload failed {'customerName': 'Jane Doe', 'key': 'planted-write-key'}
12:00:04 info core.x: Authorization: Basic planted-password planted-token
Traceback (most recent call last):
  File "/opt/app/core/x.py", line 3, in run
    raise ValueError(name)
ValueError: Jane Doe, (415) 555-0100
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    path = tmp_path / "home"
    path.mkdir(mode=0o700)
    return Home(path=path)


@pytest.fixture
def redact() -> Redactor:
    redact = Redactor()
    redact.learn([Secret("planted-token"), Secret("planted-password")])
    return redact


@pytest.fixture
def write(home: Home, redact: Redactor, tmp_path: Path):
    """Writes the zip and reads it: text by name."""

    async def run(
        *outcomes: Outcome,
        counts: Counts | None = None,
        path: Path | None = None,
        **environ: str,
    ) -> dict[str, str]:
        path = path or tmp_path / "out.zip"
        await diagnostics.write(
            path, home, environ, redact=redact, outcomes=outcomes, store_counts=counts
        )
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            return {name: archive.read(name).decode() for name in archive.namelist()}

    return run


async def plant(home: Home) -> Counts:
    """Personal data and secrets in settings, log and store."""
    home.settings_file.write_text(TOML)
    home.log_folder.mkdir()
    (home.log_folder / "gladly-source.log").write_text(LOG)
    (home.path / "notes.txt").write_text("# Jane Doe planted-token")
    home.control_file.write_text('{"token": "planted-token"}')
    store = SqlStore(SqliteDriver(home.store_file))
    await store.open()
    body = b'{"type": "PING", "name": "Jane Doe", "email": "jane.doe@example.com"}'
    driver = store.driver
    await driver.write(
        lambda tx: tx.sql(
            "INSERT INTO webhook (dedupe_key, kind, channel, received_at, status, body)"
            " VALUES (:key, 'PING', :channel, 1, 'received', :body)",
            {"key": "Jane", "channel": Channel.TEST, "body": body},
        )
    )
    counts = await store.counts()
    await store.close()
    return counts


async def test_nothing_planted_leaves_the_computer(write, home):
    counts = await plant(home)
    outcome = Findings("gladly").fail(
        "gladly.x", "For jane.doe@example.com.", "Call 415-555-0100.", place="planted-token"
    )

    files = await write(
        outcome,
        counts=counts,
        GLADLY_SOURCE_WRITE_KEY="planted-write-key",
        USER="Jane",
        OTHER="planted-password",
    )

    for name, text in files.items():
        found = [word for word in PLANTED if word in text]
        assert found == [], f"{name}: {text}"


async def test_only_what_is_on_the_list_is_in_it(write, home):
    await plant(home)

    files = await write()

    expected = {"versions.json", "settings.toml", "checks.json", "counts.json", "log.txt"}
    assert set(files) == expected


async def test_versions_and_schema_are_told(write, home):
    await plant(home)

    versions = json.loads((await write())["versions.json"])

    assert versions["program"] == __version__
    assert versions["schema"]["store"] == str(versions["schema"]["known"])
    assert versions["dependencies"]["msgspec"][0].isdigit()
    assert set(versions["dependencies"]) == set(diagnostics.DEPENDENCIES)


async def test_an_unknown_dependency_is_not_installed(write, monkeypatch):
    monkeypatch.setattr(diagnostics, "DEPENDENCIES", ("no-such-package-here",))

    versions = json.loads((await write())["versions.json"])

    assert versions["dependencies"] == {"no-such-package-here": "not installed"}


async def test_a_store_that_is_not_there_or_broken_is_told_as_such(write, home):
    none = json.loads((await write())["versions.json"])
    home.store_file.write_bytes(b"no database" * 1000)
    broken = json.loads((await write())["versions.json"])

    assert none["schema"]["store"] == "no store"
    assert broken["schema"]["store"] == "store.corrupt"


async def test_a_store_that_does_not_answer_is_told_as_such(write, monkeypatch):
    monkeypatch.setattr(diagnostics, "STORE_SECONDS", 0.0)

    versions = json.loads((await write())["versions.json"])

    assert versions["schema"]["store"] == "no answer"


async def test_settings_are_toml_with_their_origins(write, home):
    await plant(home)

    text = (await write(GLADLY_SOURCE_DELIVERY__WORKERS="3"))["settings.toml"]

    settings = tomllib.loads(text)
    assert settings["gladly"]["url"] == "https://acme.gladly.com/"
    assert settings["gladly"]["agent_email"] == "j***@example.com"
    assert settings["listener"]["public_url"] == "https://hooks.example.com/gladly"
    assert settings["listener"]["username"] == "gladly-user"
    assert settings["listener"]["port"] == 8377
    assert settings["mapping"]["drop"] == "(e-mail)"
    assert "workers = 3  # GLADLY_SOURCE_DELIVERY__WORKERS" in text
    assert 'username = "gladly-user"  # settings.toml' in text
    assert "port = 8377  # default" in text
    assert "# host is not set" in text


async def test_settings_that_cannot_be_used_are_told_without_the_value(write, home):
    home.settings_file.write_text("[segment]\nregion = 'planted-in-the-wrong-place'\n")

    text = (await write())["settings.toml"]

    assert text.startswith("# settings.invalid: segment.region = (hidden) is not allowed")
    assert "planted" not in text


async def test_a_refused_setting_is_hidden_in_the_checks_too(write):
    outcome = Findings("settings").fail(
        "settings.invalid", "segment.region = 'planted' is not allowed: allowed are us.", "Mend."
    )

    (check,) = json.loads((await write(outcome))["checks.json"])

    assert check["title"] == "segment.region = (hidden) is not allowed: allowed are us."
    assert (check["name"], check["verdict"], check["code"]) == (
        "settings",
        "fail",
        "settings.invalid",
    )


async def test_counts_are_by_known_status(write):
    counts = Counts(
        webhooks={"received": 2, "Jane": 1}, deliveries={"dead": 3}, oldest_pending_at=1.0
    )

    told = json.loads((await write(counts=counts))["counts.json"])

    assert told["webhooks"]["received"] == 2
    assert told["deliveries"]["dead"] == 3
    assert "Jane" not in told["webhooks"]


async def test_without_counts_there_are_none(write):
    assert json.loads((await write())["counts.json"]) is None


async def test_the_last_thousand_lines_of_the_log_go_along(write, home):
    home.log_folder.mkdir()
    older = [f"12:00:00 info core.old: line {number}" for number in range(900)]
    newer = [f"12:00:00 info core.new: line {number}" for number in range(400)]
    (home.log_folder / "gladly-source.log.1").write_text("\n".join(older))
    (home.log_folder / "gladly-source.log").write_text("\n".join(newer) + "\n")

    lines = (await write())["log.txt"].splitlines()

    assert len(lines) == 1000
    assert lines[0] == "12:00:00 info core.old: line 300"
    assert lines[-1] == "12:00:00 info core.new: line 399"


async def test_of_a_huge_log_only_the_end_is_read_and_no_half_line(write, home, monkeypatch):
    monkeypatch.setattr(diagnostics, "TAIL_BYTES", 100)
    home.log_folder.mkdir()
    lines = [f"12:00:00 info core.new: line {number}" for number in range(50)]
    (home.log_folder / "gladly-source.log").write_text("\n".join(lines) + "\n")

    left = (await write())["log.txt"].splitlines()

    assert left == lines[-len(left) :]
    assert 1 <= len(left) <= 3


async def test_json_logs_are_understood(write, home, redact):
    home.log_folder.mkdir()
    record = logging.LogRecord("core.x", logging.INFO, "x.py", 1, "odd", None, None)
    record.who = "jane.doe@example.com"
    (home.log_folder / "gladly-source.log").write_text(JsonFormatter(redact).format(record))

    entry = json.loads((await write())["log.txt"])

    assert (entry["message"], entry["who"]) == ("odd", "(e-mail)")


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
async def test_only_this_user_may_read_it(write, tmp_path):
    await write()

    assert (tmp_path / "out.zip").stat().st_mode & 0o777 == 0o600


async def test_an_older_file_is_replaced(write, tmp_path):
    (tmp_path / "out.zip").write_text("old")

    assert await write()


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.ENOSPC, "the disk is full."), (errno.EACCES, "Permission denied.")],
)
async def test_a_target_that_cannot_be_written_leaves_the_old_file(
    write, tmp_path, monkeypatch, code, words
):
    target = tmp_path / "out.zip"
    target.write_text("old")

    def refuse(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("core.home.os.fsync", refuse)

    with pytest.raises(OperationError) as caught:
        await write()

    assert words in caught.value.title
    assert caught.value.hint
    assert target.read_text() == "old"
    assert list(tmp_path.glob(".out*")) == []


async def test_a_folder_that_is_not_there_is_named(write, tmp_path):
    with pytest.raises(OperationError, match="nowhere"):
        await write(path=tmp_path / "nowhere" / "out.zip")


async def test_what_is_no_file_is_never_replaced(write, tmp_path):
    with pytest.raises(OperationError, match="is no file"):
        await write(path=tmp_path)


async def test_a_disk_that_hangs_is_given_up(write, monkeypatch):
    monkeypatch.setattr(diagnostics, "WRITE_SECONDS", 0.0)

    with pytest.raises(OperationError, match="within 0 seconds"):
        await write()


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        (
            "postgresql://user:planted@db.example:5432/x?sslmode=require",
            "postgresql://db.example:5432/x",
        ),
        ("http://[::1]:8080/a#b", "http://[::1]:8080/a"),
        ("http://[", "(not an address)"),
    ],
)
def test_addresses_lose_user_password_query_and_fragment(url, bare):
    assert diagnostics.bare_url(url) == bare


def test_an_email_keeps_its_first_letter_and_domain():
    assert diagnostics.masked_email("jane@example.com") == "j***@example.com"
    assert diagnostics.masked_email("jane") == "***"
