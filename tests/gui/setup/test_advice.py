"""Advice speaks the words of the cards: no settings keys, no command lines."""

from __future__ import annotations

import pytest

from core.doctor.outcome import Outcome
from core.errors import (
    BindRefused,
    OperationError,
    PortInUse,
    SecretMissing,
    SecretStoreUnavailable,
    SettingsInvalid,
    SettingsUnreadable,
)
from core.settings import Segment, Settings
from gui.setup import advice

CODES = tuple(advice._WORDS)


def outcome(code: str, hint: str = "Set gladly.url or run `gladly-source check`.") -> Outcome:
    return Outcome(name="x", verdict="fail", title="What happened.", hint=hint, code=code)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("region", ["us", "eu"])
def test_no_advice_names_a_key_or_a_command(code: str, region: str) -> None:
    settings = Settings(segment=Segment(region=region, host="https://own.example.com"))  # type: ignore[arg-type]

    said = advice.in_words(outcome(code), settings)

    assert "gladly-source" not in said.hint
    assert "gladly.url" not in said.hint
    assert "listener." not in said.hint
    assert said.title


def test_what_has_no_words_of_its_own_stays_as_it_is() -> None:
    plain = outcome("write_key.copied", "Copy it again.")

    assert advice.in_words(plain, Settings()) is plain


def test_a_low_port_and_a_strange_address_are_told_apart() -> None:
    low = advice.in_words(outcome("listener.bind_refused", "above 1023"), Settings())
    strange = advice.in_words(outcome("listener.bind_refused", "an address"), Settings())

    assert "1023" in low.hint
    assert "127.0.0.1" in strange.hint


@pytest.mark.parametrize(
    "error",
    [
        PortInUse("t", "set listener.port"),
        BindRefused("t", "set listener.port"),
        SecretMissing("t", "`gladly-source secret set`"),
        SecretStoreUnavailable("t", "GLADLY_SOURCE_<NAME>"),
        SettingsInvalid("t", "Mend it in settings.toml"),
    ],
)
def test_errors_of_saving_say_what_to_do_here(error: Exception) -> None:
    said = advice.for_error(error)  # type: ignore[arg-type]

    assert said.endswith(".")
    assert said != error.hint  # type: ignore[attr-defined]


def test_other_errors_keep_their_hint() -> None:
    assert advice.for_error(SettingsUnreadable("t", "Check the folder.")) == "Check the folder."
    assert advice.for_error(OperationError("t", "Do this.")) == "Do this."
