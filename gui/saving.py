"""Saves settings and secrets, and remembers what was there before; blocking, for a work thread."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec

from core import settings as settings_module
from core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.credentials import SecretPlace
    from core.home import Home


class Use(StrEnum):
    """Where what was just saved is in use."""

    #: only the window minds it, and does so at once
    WINDOW = "window"
    #: the engine of this process was started with it
    ENGINE = "engine"
    #: another process runs the engine, with what it was started with
    LATER = "later"
    #: no engine runs
    NOBODY = "nobody"


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """What was there before, to be put back."""

    settings: Settings
    secrets: dict[str, str | None]


def save(
    home: Home,
    place: SecretPlace,
    settings: Settings,
    secrets: Mapping[str, str | None],
    base: Settings,
) -> Saved:
    """Write what differs from `base`; what somebody else wrote into the file stays.

    Raises:
        GladlySourceError: Settings or keyring could not be written.
    """
    before = settings_module.load(home, {}).settings
    old = {name: place.get(name) for name in secrets}
    settings_module.check(settings)
    _keep(place, secrets)
    try:
        settings_module.save(_over(before, settings, base), home)
    except BaseException:
        _keep(place, old)
        raise
    return Saved(settings=before, secrets=old)


def put_back(home: Home, place: SecretPlace, saved: Saved) -> None:
    """Make everything as it was before `save`.

    Raises:
        GladlySourceError: Settings or keyring could not be written.
    """
    settings_module.save(saved.settings, home)
    _keep(place, saved.secrets)


def _keep(place: SecretPlace, secrets: Mapping[str, str | None]) -> None:
    for name, value in secrets.items():
        if value is None:
            place.delete(name)
        else:
            place.set(name, value)


def _over(before: Settings, settings: Settings, base: Settings) -> Settings:
    """What stands in the file, with the keys changed in which `settings` differs from `base`.

    What the environment says is the same in both, and so stays out of the file.
    """
    sections: dict[str, Any] = {}
    for section, key, _ in settings_module.keys():  # noqa: SIM118 - a function, no dict
        value = getattr(getattr(settings, section), key)
        if value != getattr(getattr(base, section), key):
            current = sections.get(section, getattr(before, section))
            sections[section] = msgspec.structs.replace(current, **{key: value})
    return msgspec.structs.replace(before, **sections)
