"""Secrets that are only typed, and those that are kept no longer than the program runs."""

from __future__ import annotations

import pytest

from core.credentials import Secret
from core.errors import SecretMissing
from gui.setup.places import ForNow, TypedPlace, keyring_name
from tests.fakes import MemorySecrets


def test_what_is_typed_comes_before_what_is_kept() -> None:
    below = MemorySecrets({"write-key": "old", "gladly-token": "kept"})
    place = TypedPlace({"write-key": Secret("new"), "gladly-token": Secret("")}, below)

    assert place.get("write-key") == "new"
    assert place.get("gladly-token") is None
    assert place.get("webhook-password") is None


def test_a_check_can_neither_keep_nor_forget_a_secret() -> None:
    below = MemorySecrets({"write-key": "old"})
    place = TypedPlace({}, below)

    with pytest.raises(SecretMissing):
        place.set("write-key", "new")
    with pytest.raises(SecretMissing):
        place.delete("write-key")
    assert below.values == {"write-key": "old"}


def test_without_a_keyring_secrets_last_as_long_as_the_program() -> None:
    below = MemorySecrets(available=False)
    place = ForNow(below)

    assert place.get("write-key") is None
    place.set("write-key", "typed")
    assert place.get("write-key") == "typed"
    assert place.delete("write-key") is True
    assert place.delete("write-key") is False
    assert below.values == {}


def test_what_the_keyring_has_is_still_found() -> None:
    assert ForNow(MemorySecrets({"write-key": "kept"})).get("write-key") == "kept"


def test_the_log_learns_to_mask_what_is_kept_for_now() -> None:
    class Learning(MemorySecrets):
        learnt: tuple[str, ...] = ()

        def learn(self, value: str) -> None:
            self.learnt = (*self.learnt, value)

    below = Learning(available=False)
    ForNow(below).set("write-key", "typed")

    assert below.learnt == ("typed",)


@pytest.mark.parametrize(
    ("platform", "words"),
    [("win32", "Windows Credential"), ("darwin", "Keychain"), ("linux", "GNOME Keyring")],
)
def test_the_keyring_has_the_name_that_people_know(platform: str, words: str) -> None:
    assert words in keyring_name(platform)
