"""Secrets: a masked string, and the places they may live: environment, file, OS keyring.

Never plain text of our own: without a keyring the error names the other ways.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.errors import SecretMissing, SecretStoreUnavailable
from core.settings import ENV_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keyring.backend import KeyringBackend

SERVICE = "Gladly Source"

#: every secret, with what it is for
NAMES: dict[str, str] = {
    "write-key": "the write key of the Segment source",
    "gladly-token": "the API token of the Gladly API user",
    "webhook-password": "the password that Gladly's webhook sends (basic)",
    "webhook-token": "the token that Gladly's webhook sends (header)",
    "echo-secret": "the shared secret of the Segment Webhooks destination",
    "public-api-token": "the token for Segment's Public API",
}
_ALIASES = {"gladly-api-token": "gladly-token", "segment-write-key": "write-key"}


class Secret:
    """A text that shows itself as stars; `reveal()` only where it is sent."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret('**********')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def reveal(self) -> str:
        """The text itself."""
        return self._value


class SecretPlace(Protocol):
    """Where secrets are kept between starts."""

    def get(self, name: str) -> str | None:
        """The secret, or None when it was never set."""

    def set(self, name: str, value: str) -> None:
        """Keep the secret."""

    def delete(self, name: str) -> bool:
        """Forget the secret; whether there was one."""


def canonical(name: str) -> str:
    """The name as in NAMES, from any usual spelling (`WRITE_KEY`, `segment.write_key`).

    Raises:
        SecretMissing: There is no such secret.
    """
    plain = name.strip().lower().removeprefix(ENV_PREFIX.lower()).replace("_", "-")
    plain = plain.replace(".", "-")
    plain = _ALIASES.get(plain, plain)
    if plain not in NAMES:
        raise SecretMissing(f"There is no secret named {name!r}.", f"Known: {', '.join(NAMES)}.")
    return plain


class KeyringPlace:
    """The OS keyring: Secret Service, Windows Credential Locker or macOS Keychain.

    Args:
        home: The home these secrets belong to; two homes do not mix.
    """

    def __init__(self, home: Path) -> None:
        self._service = f"{SERVICE} ({home})"

    def get(self, name: str) -> str | None:
        """The secret, or None when it was never set.

        Raises:
            SecretStoreUnavailable: There is no keyring, or it is locked.
        """
        with _usable_keyring() as keyring:
            return keyring.get_password(self._service, name)

    def set(self, name: str, value: str) -> None:
        """Keep the secret.

        Raises:
            SecretStoreUnavailable: There is no keyring, or it is locked.
        """
        with _usable_keyring() as keyring:
            keyring.set_password(self._service, name, value)

    def delete(self, name: str) -> bool:
        """Forget the secret; whether there was one.

        Raises:
            SecretStoreUnavailable: There is no keyring, or it is locked.
        """
        with _usable_keyring() as keyring:
            if keyring.get_password(self._service, name) is None:
                return False
            keyring.delete_password(self._service, name)
            return True


@contextmanager
def _usable_keyring() -> Iterator[KeyringBackend]:
    """The first keyring that protects what it keeps; its failures become ours.

    `keyring` also knows backends that write plain text, or keep nothing and say so to nobody; by
    their own priority, below 1, they are not recommended. A chain would fall back on them.
    """
    import keyring  # noqa: PLC0415 - 100 ms that `serve` with environment secrets need not pay
    from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415
    from keyring.core import recommended  # noqa: PLC0415
    from keyring.errors import KeyringError, NoKeyringError  # noqa: PLC0415

    try:
        chosen = keyring.get_keyring()
        chain = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
        usable = next(filter(recommended, chain), None)
        if usable is None:
            raise NoKeyringError(f"{type(chosen).__module__} does not protect secrets.")
        yield usable
    except (KeyringError, RuntimeError, OSError) as exc:
        raise _unavailable(exc) from exc
    except (ImportError, AttributeError, ValueError) as exc:  # the configured one does not exist
        raise _unavailable(exc) from exc


def _unavailable(exc: BaseException) -> SecretStoreUnavailable:
    import keyring.errors  # noqa: PLC0415

    locked = isinstance(exc, keyring.errors.KeyringLocked | keyring.errors.InitError)
    what = "The OS keyring is locked." if locked else "There is no usable OS keyring here."
    return SecretStoreUnavailable(
        what,
        f"{'Unlock it, or give' if locked else 'Give'} secrets as environment variables "
        f"{ENV_PREFIX}<NAME>, or as files named by {ENV_PREFIX}<NAME>_FILE.",
    )


def ways(name: str, *, keyring: bool = True) -> str:
    """How to give a secret; `keyring`: whether one can be used now."""
    variable = ENV_PREFIX + name.upper().replace("-", "_")
    keep = f"`gladly-source secret set {name}`"
    if keyring:
        return f"Keep it in the OS keyring with {keep}, or set {variable} or {variable}_FILE."
    return f"Set {variable} or {variable}_FILE; once a keyring can be used, {keep} keeps it there."


class Secrets:
    """Looks secrets up: environment, then file named in the environment, then the keyring.

    Args:
        environ: The process environment.
        place: Where secrets are kept between starts.
    """

    def __init__(self, environ: Mapping[str, str], place: SecretPlace) -> None:
        self._environ = environ
        self.place = place

    def find(self, name: str) -> tuple[Secret, str] | None:
        """The secret and where it was found, or None.

        Raises:
            SecretStoreUnavailable: Not in the environment, and there is no keyring to ask.
            SecretMissing: The file named in the environment cannot be read.
        """
        variable = ENV_PREFIX + name.upper().replace("-", "_")
        if text := self._environ.get(variable, "").strip():
            return Secret(text), variable
        if path := self._environ.get(variable + "_FILE"):
            return Secret(_read(path, variable)), variable + "_FILE"
        value = self.place.get(name)
        return (Secret(value), "OS keyring") if value else None

    def obtain(self, name: str) -> Secret | None:
        """The secret, or None when it is nowhere, or only a keyring that is not there could tell.

        Raises:
            SecretMissing: The file named in the environment cannot be read.
        """
        try:
            found = self.find(name)
        except SecretStoreUnavailable:
            return None
        return found[0] if found else None

    def require(self, name: str) -> Secret:
        """The secret.

        Raises:
            SecretMissing: It is nowhere; the message names the ways to give it.
        """
        try:
            found = self.find(name)
        except SecretStoreUnavailable as exc:
            raise SecretMissing(
                f"{_sentence(name)} is missing, and {exc.title[0].lower()}{exc.title[1:]}",
                ways(name, keyring=False),
            ) from exc
        if found is None:
            raise SecretMissing(f"{_sentence(name)} is missing.", ways(name))
        return found[0]


def _sentence(name: str) -> str:
    return NAMES[name][0].upper() + NAMES[name][1:]


def _read(path: str, variable: str) -> str:
    try:
        text = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise SecretMissing(
            f"{variable}_FILE names a file that cannot be read.", "Check path and owner."
        ) from exc
    if not text:
        raise SecretMissing(f"{variable}_FILE names an empty file.", "Write the secret into it.")
    return text
