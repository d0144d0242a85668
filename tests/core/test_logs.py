"""The log: no secret in any form, one JSON object a line, and never a reason to stop."""

from __future__ import annotations

import json
import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import logs
from core.credentials import Secret
from core.logs import MASK, ConsoleFormatter, JsonFormatter, MemoryHandler, Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLANTED = "s3cr3t-planted"
FORMATTERS = [ConsoleFormatter, JsonFormatter]
both = pytest.mark.parametrize("kind", FORMATTERS)


def redactor(*values: str) -> Redactor:
    redact = Redactor()
    redact.learn(Secret(value) for value in values or (PLANTED,))
    return redact


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    one = logging.LogRecord("core.x", logging.INFO, __file__, 1, message, args, None)
    vars(one).update(extra)
    return one


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back afterwards."""
    one = logging.getLogger()
    level, handlers = one.level, list(one.handlers)
    levels = {name: logging.getLogger(name).level for name in logs._QUIET}
    yield one
    for handler in set(one.handlers) - set(handlers):
        handler.close()
    one.handlers[:] = handlers
    one.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)


@contextmanager
def failure(text: str) -> Iterator[logging.LogRecord]:
    """A record with the traceback of an error that names `text`."""
    try:
        raise ValueError(f"cannot use {text}")  # noqa: TRY301 - a traceback is wanted
    except ValueError:
        one = record("failed")
        one.exc_info = sys.exc_info()
        yield one


# --- redaction


@both
def test_known_secrets_are_masked_in_message_arguments_extra_and_traceback(kind: type) -> None:
    formatter = kind(redactor())

    with failure(PLANTED) as failed:
        lines = [
            formatter.format(record(f"sent {PLANTED} away")),
            formatter.format(record("sent %s", PLANTED)),
            formatter.format(record("sent %(a)s", {"a": PLANTED})),
            formatter.format(record("sent", detail=PLANTED)),
            formatter.format(record("sent", detail={"deep": [PLANTED]})),
            formatter.format(record("sent", detail=PLANTED.encode())),
            formatter.format(failed),
        ]

    for line in lines:
        assert PLANTED not in line
        assert MASK in line


@pytest.mark.parametrize("quote", ['"', "'", ""])
@pytest.mark.parametrize("separator", [": ", "=", ":"])
@pytest.mark.parametrize("name", ["writeKey", "write_key", "WRITEKEY"])
@both
def test_what_looks_like_a_write_key_is_masked(
    kind: type, name: str, separator: str, quote: str
) -> None:
    text = f"before {quote}{name}{quote}{separator}{quote}{PLANTED}{quote}, after"

    line = kind(Redactor()).format(record(text))

    assert PLANTED not in line
    assert "before" in line
    assert "after" in line


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Basic {PLANTED}",
        f"authorization: bearer {PLANTED}",
        f'{{"Authorization": "Basic {PLANTED}"}}',
        f"{{'authorization': 'Bearer {PLANTED}'}}",
        f"[(b'authorization', b'Basic {PLANTED}')]",
        f"('Authorization', 'Basic {PLANTED}')",
        f"https://user:{PLANTED}@example.com/x",
        f"http://gladly:{PLANTED}@127.0.0.1:8377/gladly/webhook",
    ],
)
@both
def test_what_looks_like_credentials_is_masked(kind: type, text: str) -> None:
    formatter = kind(Redactor())

    with failure(text) as failed:
        lines = [
            formatter.format(record(text)),
            formatter.format(record("%s", text)),
            formatter.format(record("sent", headers=text)),
            formatter.format(failed),
        ]

    assert all(PLANTED not in line for line in lines), lines


@both
def test_extra_named_like_a_secret_is_masked(kind: type) -> None:
    formatter = kind(Redactor())

    line = formatter.format(record("sent", write_key=PLANTED, authorization=f"Basic {PLANTED}"))

    assert PLANTED not in line


@given(secret=st.text(min_size=4, max_size=20).filter(lambda text: not set(text) <= set("*")))
def test_a_secret_of_any_characters_is_masked_and_the_line_stays_json(secret: str) -> None:
    # told as extra, too, where JSON has its own way to write quotes and backslashes
    line = JsonFormatter(redactor(secret)).format(record("a %s z", secret, detail=f"<{secret}>"))

    entry = json.loads(line)
    if secret not in f"a {MASK} z":
        assert secret not in entry["message"]
    assert entry["detail"] == f"<{MASK}>"


@given(
    text=st.lists(
        st.sampled_from(['"', "'", "\\", "writeKey", "Authorization", ":", "=", "Basic ", "x", ","])
    ).map("".join)
)
def test_masking_never_breaks_the_json(text: str) -> None:
    line = JsonFormatter(redactor()).format(record(text, detail=text))

    assert set(json.loads(line)) == {"time", "level", "logger", "message", "detail"}


def test_the_longer_of_two_secrets_is_masked_whole() -> None:
    redact = redactor("abcd")
    redact.learn([Secret("abcdefgh"), Secret("x"), Secret("")])

    assert redact("abcdefgh abcd x") == f"{MASK} {MASK} x"


# --- lines


def test_a_json_line_is_one_object_with_everything() -> None:
    with failure("a\nb") as failed:
        vars(failed).update(component="store", count=3)
        line = JsonFormatter(Redactor()).format(failed)

    entry = json.loads(line)
    assert "\n" not in line
    assert entry["level"] == "info"
    assert entry["logger"] == "core.x"
    assert entry["message"] == "failed"
    assert (entry["component"], entry["count"]) == ("store", "3")
    assert entry["time"].endswith("Z")
    assert "ValueError: cannot use a\nb" in entry["traceback"]


@pytest.mark.parametrize("text", ["a\nb", "\x00\x1b", "ü中🎉", "half \ud83d a pair", "\u2028"])
def test_any_text_makes_one_json_line(text: str) -> None:
    line = JsonFormatter(Redactor()).format(record(text, detail=text))

    assert "\n" not in line
    assert json.loads(line)["message"].startswith(text[0])
    line.encode()


def test_a_console_line_says_when_how_bad_who_what() -> None:
    line = ConsoleFormatter(Redactor()).format(record("component changed", state="ok"))

    assert line[2] == line[5] == ":"
    assert line[8:] == " info core.x: component changed state=ok"


# --- memory


def test_memory_keeps_the_last_lines_only() -> None:
    memory = MemoryHandler(ConsoleFormatter(redactor()), size=3)

    for number in range(10):
        memory.handle(record(f"line {number} {PLANTED}"))

    assert [line.split("line ")[1] for line in memory.lines] == [f"{n} {MASK}" for n in (7, 8, 9)]


def test_a_record_that_cannot_be_formatted_does_not_reach_the_caller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    memory = MemoryHandler(ConsoleFormatter(Redactor()))

    memory.handle(record("%d", "no number"))
    memory.handle(record("fine"))

    assert len(memory.lines) == 1


# --- set-up


def test_the_log_goes_to_stderr_memory_and_a_private_folder(
    root: logging.Logger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    memory = logs.set_up(redactor(), json=True)
    logs.add_file(redactor(), tmp_path / "log")

    logging.getLogger("core.x").info("told %s", PLANTED)

    (file,) = (tmp_path / "log").iterdir()
    for text in (file.read_text("utf-8"), capsys.readouterr().err, "\n".join(memory.lines)):
        assert json.loads(text.strip())["message"] == f"told {MASK}"
    if sys.platform != "win32":
        assert (tmp_path / "log").stat().st_mode & 0o077 == 0


@pytest.mark.logs_warnings
def test_a_folder_that_cannot_be_written_costs_the_file_not_the_program(
    root: logging.Logger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log").write_text("I am a file")

    memory = logs.set_up(Redactor())
    logs.add_file(Redactor(), tmp_path / "log")
    logging.getLogger("core.x").info("still here")

    assert "still here" in memory.lines[-1]
    assert "the log folder cannot be written" in capsys.readouterr().err


def test_setting_up_again_replaces_and_closes_what_was(
    root: logging.Logger, tmp_path: Path
) -> None:
    logs.set_up(Redactor())
    logs.add_file(Redactor(), tmp_path / "one")
    (old,) = [one for one in root.handlers if isinstance(one, logging.FileHandler)]

    logs.set_up(Redactor())
    logs.add_file(Redactor(), tmp_path / "two")
    logging.getLogger("core.x").info("told")

    assert "told" not in (tmp_path / "one" / "gladly-source.log").read_text()
    assert "told" in (tmp_path / "two" / "gladly-source.log").read_text()
    assert old.stream is None or old.stream.closed
    assert len([one for one in root.handlers if isinstance(one, MemoryHandler)]) == 1


def test_libraries_do_not_tell_what_they_send(root: logging.Logger) -> None:
    memory = logs.set_up(Redactor(), level=logging.DEBUG)

    for name in ("segment", "httpx", "urllib3.connectionpool", "keyring.backend"):
        logging.getLogger(name).info("POST /v1/batch body")
        logging.getLogger(name).debug("a body")
    logging.getLogger("segment").error("a whole event")

    assert list(memory.lines) == []
