"""The draft: what is entered and not saved, and what of it may be written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from core.credentials import Secrets
from core.settings import Gladly, Listener, Mapping_, Settings, Store
from gui.setup.draft import Draft, carry_over, look_up, recall, remember
from gui.setup.places import ForNow
from tests.fakes import MemorySecrets

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "planted-secret-0123456789"


def test_a_typed_secret_is_there_and_shows_itself_nowhere() -> None:
    draft = Draft().with_secret("write-key", SECRET)

    assert draft.has("write-key")
    assert draft.plain_secrets() == {"write-key": SECRET}
    assert SECRET not in repr(draft)


def test_an_emptied_field_means_that_nothing_is_typed() -> None:
    draft = Draft().with_secret("write-key", SECRET).with_secret("write-key", "")

    assert draft.secrets == {}
    assert not draft.has("write-key")


def test_only_settings_that_are_not_saved_are_remembered_and_never_a_secret() -> None:
    saved = Settings(listener=Listener(port=9000))
    draft = (
        Draft(settings=saved)
        .with_section("gladly", url="https://acme.gladly.com", agent_email="half@")
        .with_section("mapping", drop=("email",))
        .with_section("store", url="postgresql://me:" + SECRET + "@host/db")
        .with_secret("gladly-token", SECRET)
    )

    remembered = remember(draft, saved)

    assert remembered == {
        "gladly.url": "https://acme.gladly.com",
        "gladly.agent_email": "half@",
        "mapping.drop": ["email"],
    }
    assert SECRET.encode() not in msgspec.json.encode(remembered)


def test_what_was_remembered_comes_back_over_what_is_saved_now() -> None:
    saved = Settings(listener=Listener(port=9000), store=Store())
    entered = {
        "gladly.url": "htt",
        "gladly.agent_email": None,
        "mapping.drop": ["email"],
        "listener.path": "no slash",
        "listener.port": "not a number",
        "listener.auth": "nonsense",
        "unknown.key": 1,
    }

    settings = recall(entered, saved)

    assert settings.gladly == Gladly(url="htt")
    assert settings.mapping == Mapping_(drop=("email",))
    assert settings.listener == Listener(port=9000, path="no slash")


def test_a_memory_that_makes_no_sense_changes_nothing() -> None:
    for nonsense in (None, [], "text", 3):
        assert recall(nonsense, Settings()) == Settings()


def test_each_secret_is_found_where_it_is() -> None:
    environ = {"GLADLY_SOURCE_GLADLY_TOKEN": "t"}
    kept = look_up(Secrets(environ, MemorySecrets({"write-key": "k"})))

    assert kept.known
    assert kept.places == {"write-key": "OS keyring", "gladly-token": "GLADLY_SOURCE_GLADLY_TOKEN"}
    assert kept.fixed("gladly-token") == "GLADLY_SOURCE_GLADLY_TOKEN"
    assert kept.fixed("write-key") is None
    assert kept.problem == ""


def test_without_a_keyring_the_environment_still_counts() -> None:
    environ = {"GLADLY_SOURCE_WRITE_KEY": "k"}
    kept = look_up(Secrets(environ, MemorySecrets(available=False)))

    assert kept.places == {"write-key": "GLADLY_SOURCE_WRITE_KEY"}
    assert "keyring" in kept.problem


def test_a_secret_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    environ = {"GLADLY_SOURCE_WRITE_KEY_FILE": str(tmp_path / "missing")}
    kept = look_up(Secrets(environ, MemorySecrets()))

    assert "cannot be read" in kept.broken["write-key"]
    assert kept.problem == ""


def test_secrets_for_this_run_only_are_known_as_such() -> None:
    place = ForNow(MemorySecrets(available=False))
    place.set("write-key", "k")

    kept = look_up(Secrets({}, place))

    assert kept.for_now
    assert kept.problem == ""
    assert "write-key" in kept.places


def test_only_what_was_entered_since_is_carried_over() -> None:
    before = (
        Draft()
        .with_section("segment", alias="first")
        .with_secret("write-key", SECRET)
        .with_secret("gladly-token", "old")
    )
    later = before.with_section("mapping", identify=True).with_secret("gladly-token", "new")
    saved = Settings(listener=Listener(port=9000))

    carried = carry_over(later, before, saved)

    assert carried.settings.segment.alias == "default"
    assert carried.settings.listener.port == 9000
    assert carried.settings.mapping.identify is True
    assert carried.plain_secrets() == {"gladly-token": "new"}


def test_an_address_with_a_password_is_not_remembered_even_half_typed() -> None:
    draft = Draft().with_section("segment", host="me:" + SECRET + "@host")

    assert remember(draft, Settings()) == {}
