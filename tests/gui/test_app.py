"""The composition root: what it is told, and secrets that never reach the log."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

import pytest

from core.home import Home, find_home
from core.logs import MASK, Redactor
from gui import app
from gui.app import LearningPlace, main
from tests.gui.conftest import MemoryPlace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SECRET = "wk-0123456789abcdef"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What `run` was told."""
    found: dict[str, Any] = {}

    def run(home: Home, environ: Mapping[str, str], *, hidden: bool) -> int:
        found.update(home=home, environ=environ, hidden=hidden)
        return 7

    monkeypatch.setattr(app, "run", run)
    return found


def test_without_options_it_shows_the_default_home(told: dict[str, Any]) -> None:
    assert main([]) == 7
    assert told == {"home": find_home(None, {}), "environ": os.environ, "hidden": False}


def test_home_and_hidden_are_options(told: dict[str, Any], tmp_path: Path) -> None:
    main(["--home", str(tmp_path), "--hidden"])

    assert told["home"] == Home(path=tmp_path)
    assert told["hidden"]


def test_a_wrong_option_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--no-such-option"])

    assert ended.value.code == 2
    assert "--no-such-option" in capsys.readouterr().err


def test_secrets_that_are_read_or_kept_are_masked_from_then_on() -> None:
    redact = Redactor()
    place = LearningPlace(MemoryPlace(write_key=SECRET), redact)
    assert redact(SECRET) == SECRET

    assert place.get("write-key") == SECRET
    place.set("gladly-token", "token-of-gladly")

    assert redact(f"{SECRET} and token-of-gladly") == f"{MASK} and {MASK}"
    assert place.get("gladly-token") == "token-of-gladly"
    assert place.delete("gladly-token")
    assert place.get("gladly-token") is None


def test_secrets_of_the_environment_are_known() -> None:
    environ = {"GLADLY_SOURCE_WRITE_KEY": SECRET, "GLADLY_SOURCE_LISTENER__PORT": "1"}

    assert [secret.reveal() for secret in app._given(environ)] == [SECRET]


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, left as it was."""
    logger = logging.getLogger()
    handlers, level = list(logger.handlers), logger.level
    raising = logging.raiseExceptions
    yield logger
    for handler in logger.handlers:
        if handler not in handlers:
            handler.close()
    logger.handlers[:] = handlers
    logger.setLevel(level)
    logging.raiseExceptions = raising


@pytest.mark.logs_warnings
def test_the_file_has_everything_and_the_terminal_what_is_not_well(
    root: logging.Logger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app._log_to(Home(path=tmp_path), Redactor())
    logging.getLogger("gui.test").info("a step")
    logging.getLogger("gui.test").warning("a stumble")
    for handler in root.handlers:
        handler.flush()

    file = (tmp_path / "log" / "gladly-source.log").read_text()
    assert "a step" in file
    assert "a stumble" in file
    said = capsys.readouterr().err
    assert "a stumble" in said
    assert "a step" not in said
