"""Whether anything was ever set up."""

from __future__ import annotations

import pytest

from core.errors import GladlySourceError, PortInUse, SecretMissing, SecretStoreUnavailable
from core.settings import App, Segment, Settings
from gui.first_run import never_set_up

MISSING = SecretMissing("no key")
LOCKED = SecretMissing("no key, and the keyring is locked")
LOCKED.__cause__ = SecretStoreUnavailable("locked")


@pytest.mark.parametrize(
    ("error", "settings", "expected"),
    [
        (MISSING, Settings(), True),
        (MISSING, Settings(app=App(on_close="tray")), True),
        (MISSING, Settings(segment=Segment(region="eu")), False),
        (LOCKED, Settings(), False),
        (SecretStoreUnavailable("locked"), Settings(), False),
        (PortInUse("taken"), Settings(), False),
        (None, Settings(), False),
    ],
)
def test_only_without_secret_and_settings_nothing_was_set_up(
    error: GladlySourceError | None, settings: Settings, expected: bool
) -> None:
    assert never_set_up(error, settings, ran_before=True) is expected


def test_without_a_keyring_it_is_the_first_run_where_no_engine_ever_ran() -> None:
    assert never_set_up(LOCKED, Settings(), ran_before=False)
