"""Secrets: a masked string, and where they may live: environment, file, systemd, OS keyring.

Never plain text of our own: without a keyring the error names the other ways.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.errors import SecretMissing, SecretStoreUnavailable
from core.settings import ALIAS, ENV_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from keyring.backend import KeyringBackend

SERVICE = "Gladly Source"
#: where a secret was found that the environment does not give
KEYRING = "OS keyring"
MEMORY = "memory, until the app is closed"
#: systemd names here the folder with what `LoadCredential` gives (systemd.exec(5), Credentials)
CREDENTIALS = "CREDENTIALS_DIRECTORY"

#: every secret, with what it is for
NAMES: dict[str, str] = {
    "write-key": "the write key of the Segment source",
    "gladly-token": "the API token of the Gladly API user",
    "webhook-password": "the password that Gladly's webhook sends (basic)",
    "webhook-token": "the token that Gladly's webhook sends (header)",
    "webhook-password-next": "the webhook's new password, until Gladly has confirmed it",
    "webhook-token-next": "the webhook's new token, until Gladly has confirmed it",
    "echo-secret": "the shared secret of the Segment Webhooks destination",
    "public-api-token": "the token for Segment's Public API",
}
WRITE_KEY = "write-key"
_NEXT = "-next"
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
    if plain not in NAMES and not _is_of_source(plain):
        raise SecretMissing(f"There is no secret named {name!r}.", f"Known: {', '.join(NAMES)}.")
    return plain


def _is_of_source(name: str) -> bool:
    head, _, alias = name.partition(f"{WRITE_KEY}-")
    return not head and ALIAS.fullmatch(alias) is not None


def write_key_of(alias: str) -> str:
    """The name of a further source's write key."""
    return f"{WRITE_KEY}-{alias}"


def meant(name: str) -> str:
    """What a secret is for."""
    return NAMES.get(name) or f"the write key of the Segment source {name[len(WRITE_KEY) + 1 :]}"


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


class Secrets:
    """Looks secrets up: environment, file named there, systemd's credential, then the keyring.

    Args:
        environ: The process environment.
        place: Where secrets are kept between starts.

    Attributes:
        place: Asked for secrets; may be replaced by one that holds them in memory.
        keyring: What `place` was first, and is again at the next start.
    """

    def __init__(self, environ: Mapping[str, str], place: SecretPlace) -> None:
        self._environ = environ
        self.place = self.keyring = place

    def find(self, name: str) -> tuple[Secret, str] | None:
        """The secret and where it was found, or None.

        Raises:
            SecretStoreUnavailable: Not in the environment, and there is no keyring to ask.
            SecretMissing: The file named in the environment, or the credential, cannot be read.
        """
        variable = variable_of(name)
        if text := self._environ.get(variable, "").strip():
            return Secret(text), variable
        if path := self._environ.get(variable + "_FILE"):
            return Secret(_read(Path(path), f"{variable}_FILE names")), variable + "_FILE"
        if (credential := self._credential(name)) is not None:
            where = f"{CREDENTIALS}/{name}"
            return Secret(_read(credential, f"{where} is")), where
        value = self.place.get(name)
        return (Secret(value), self._where()) if value else None

    def _credential(self, name: str) -> Path | None:
        """The file that systemd gives for this secret, if it gives one."""
        if not (folder := self._environ.get(CREDENTIALS)):
            return None
        path = Path(folder, name)
        try:
            return path if path.is_file() else None
        except OSError:  # the folder of another service, handed on by mistake
            return None

    def _where(self) -> str:
        return KEYRING if self.place is self.keyring else MEMORY

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

    def obtain_next(self, name: str) -> Secret | None:
        """The secret that is to follow `name`, where one was made; as `obtain`.

        A keyring is asked only where `name` itself is in there.

        Raises:
            SecretMissing: The file named in the environment cannot be read.
        """
        if self.is_given(name) and not self.is_given(name + _NEXT):
            return None
        return self.obtain(name + _NEXT)

    def is_given(self, name: str) -> bool:
        """Whether the environment, or systemd, decides this secret, and no keyring."""
        return self.given_by(name) is not None

    def given_by(self, name: str) -> str | None:
        """What decides this secret where no keyring does: a variable, or systemd's credential.

        A variable with the name of a file is told without its `_FILE`.
        """
        variable = variable_of(name)
        if self._environ.get(variable, "").strip() or self._environ.get(f"{variable}_FILE"):
            return variable
        return f"{CREDENTIALS}/{name}" if self._credential(name) else None

    def require(self, name: str) -> Secret:
        """The secret.

        Raises:
            SecretMissing: It is nowhere; the message names the ways to give it.
        """
        return self.require_all((name,))[name]

    def require_all(self, names: Iterable[str]) -> dict[str, Secret]:
        """Each of these secrets by its name.

        Raises:
            SecretMissing: Some are nowhere; the message names all of them, and the ways to give
                them.
        """
        found: dict[str, Secret] = {}
        missing: list[str] = []
        broken: list[SecretMissing] = []
        closed: SecretStoreUnavailable | None = None
        for name in names:
            try:
                one = self.find(name)
            except SecretStoreUnavailable as exc:
                closed = exc
                missing.append(name)
            except SecretMissing as exc:
                broken.append(exc)
            else:
                if one is None:
                    missing.append(name)
                else:
                    found[name] = one[0]
        if missing:
            raise _missing(missing, closed, broken) from closed
        if broken:
            raise broken[0]
        return found


def _missing(
    names: Sequence[str], closed: SecretStoreUnavailable | None, broken: Sequence[SecretMissing]
) -> SecretMissing:
    """One error for all secrets that are nowhere, and the files besides that cannot be read."""
    listed = " and ".join(
        filter(None, (", ".join(meant(one) for one in names[:-1]), meant(names[-1])))
    )
    why = f", and {closed.title[0].lower()}{closed.title[1:]}" if closed is not None else "."
    title = f"{listed[0].upper()}{listed[1:]} {'is' if len(names) == 1 else 'are'} missing{why}"
    return SecretMissing(
        " ".join((title, *(one.title for one in broken))), ways(*names, keyring=closed is None)
    )


def variable_of(name: str) -> str:
    """The environment variable that may hold this secret; with `_FILE`, the file's name."""
    return ENV_PREFIX + name.upper().replace("-", "_")


def ways(*names: str, keyring: bool = True) -> str:
    """How to give secrets; `keyring`: whether one can be used now."""
    one = len(names) == 1
    keep = f"`gladly-source secret set {names[0] if one else 'NAME'}`"
    variables = " and ".join(variable_of(name) for name in names)
    files = f"{variables}_FILE" if one else "the same with _FILE"
    it = "it" if one else "them"
    if keyring:
        return f"Keep {it} in the OS keyring with {keep}, or set {variables} or {files}."
    return f"Set {variables} or {files}; once a keyring can be used, {keep} keeps {it} there."


def _read(path: Path, told: str) -> str:
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise SecretMissing(f"{told} a file that cannot be read.", "Check path and owner.") from exc
    if not text:
        raise SecretMissing(f"{told} an empty file.", "Write the secret into it.")
    return text
