"""Where secrets are while they are only typed, or kept no longer than the program runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from PySide6.QtCore import QCoreApplication

from core.errors import SecretMissing, SecretStoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.credentials import Secret, SecretPlace

translate = QCoreApplication.translate


class TypedPlace:
    """Secrets that are typed, over the place where the others are kept; keeps nothing itself.

    Args:
        typed: Those that are typed; an empty one hides the kept one.
        below: Where the others are.
    """

    def __init__(self, typed: Mapping[str, Secret], below: SecretPlace) -> None:
        self._typed = typed
        self._below = below

    def get(self, name: str) -> str | None:
        """The typed secret, else the kept one."""
        if name in self._typed:
            return self._typed[name].reveal() or None
        return self._below.get(name)

    def set(self, name: str, value: str) -> None:
        """Checks keep nothing."""
        del value
        raise SecretMissing(f"A check does not keep {name}.")

    def delete(self, name: str) -> bool:
        """Checks forget nothing."""
        raise SecretMissing(f"A check does not forget {name}.")


@runtime_checkable
class Learns(Protocol):
    """A place that has what it sees masked in the log (`gui.app`)."""

    def learn(self, value: str) -> None:
        """Mask this from now on."""


class ForNow:
    """Keeps secrets until the program ends, over a keyring that cannot keep them.

    Args:
        below: The keyring; asked for what was not given here.
    """

    def __init__(self, below: SecretPlace) -> None:
        self._below = below
        self._values: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        """What was given, else what the keyring says, if it says anything."""
        if name in self._values:
            return self._values[name]
        try:
            return self._below.get(name)
        except SecretStoreUnavailable:
            return None

    def set(self, name: str, value: str) -> None:
        """Keep it in memory; the log still has to mask it."""
        if isinstance(self._below, Learns):
            self._below.learn(value)
        self._values[name] = value

    def delete(self, name: str) -> bool:
        """Forget it."""
        return self._values.pop(name, None) is not None


def keyring_name(platform: str = sys.platform) -> str:
    """What people call the keyring of this operating system."""
    if platform == "win32":
        return translate("Places", "the Windows Credential Manager")
    if platform == "darwin":
        return translate("Places", "the macOS Keychain")
    return translate("Places", "this computer's keyring (GNOME Keyring, KWallet)")
