"""What a person has entered and not saved yet: settings, and secrets that are only typed."""

from __future__ import annotations

from typing import Any

import msgspec

from core.credentials import KEYRING, MEMORY, Secret, Secrets
from core.doctor.vault import needed
from core.errors import SecretError, SecretStoreUnavailable
from core.settings import Settings
from core.settings import keys as every_key
from gui.setup.places import ForNow

#: the secrets that set-up deals with
SECRETS = (
    "write-key",
    "gladly-token",
    "webhook-password",
    "webhook-token",
    "echo-secret",
    "public-api-token",
)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Where each secret was found, and whether there is a keyring to keep more.

    Args:
        places: The place of each secret that is there: `OS keyring`, or a variable's name.
        problem: Why the keyring cannot be used; empty when it can.
        broken: Secrets that the environment points at in vain, with the reason.
        known: Whether anybody has looked yet.
        for_now: Whether they are kept until the program ends, and no longer.
    """

    places: dict[str, str] = {}
    problem: str = ""
    broken: dict[str, str] = {}
    known: bool = False
    for_now: bool = False

    def fixed(self, name: str) -> str | None:
        """The variable that gives this secret, and that nobody can change from here."""
        place = self.places.get(name)
        return None if place in (None, KEYRING, MEMORY) else place


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What would be saved.

    Args:
        settings: May hold values that are not allowed yet, such as half an address.
        secrets: Typed and not kept yet; an empty one is to be forgotten.
        kept: Where secrets are already.
        for_now: Without a keyring: use the secrets until the program ends.
        autostart: Whether the app is to start with the computer; None while nobody knows
            whether it does.
        tested: Whether test events went the whole way.
    """

    settings: Settings = Settings()
    secrets: dict[str, Secret] = {}
    kept: Kept = Kept()
    for_now: bool = False
    autostart: bool | None = None
    tested: bool = False

    def has(self, name: str) -> bool:
        """Whether this secret is typed, or kept already."""
        if name in self.secrets:
            return bool(self.secrets[name].reveal())
        return name in self.kept.places

    def with_secret(self, name: str, text: str) -> Draft:
        """The draft with this secret typed; an empty text means that nothing is typed."""
        others = {key: value for key, value in self.secrets.items() if key != name}
        if text:
            others[name] = Secret(text)
        return msgspec.structs.replace(self, secrets=others)

    def with_section(self, section: str, **values: Any) -> Draft:  # noqa: ANN401 - any setting
        """The draft with other values in one section of the settings."""
        changed = msgspec.structs.replace(getattr(self.settings, section), **values)
        settings = msgspec.structs.replace(self.settings, **{section: changed})
        return msgspec.structs.replace(self, settings=settings)

    def plain_secrets(self) -> dict[str, str | None]:
        """What `Session.apply` wants: each typed secret, None for one to forget."""
        return {name: secret.reveal() or None for name, secret in self.secrets.items()}


def missing(draft: Draft) -> tuple[str, ...]:
    """The secrets that the draft's settings ask for and that are neither typed nor kept."""
    if not draft.kept.known:
        return ()
    groups = needed(draft.settings)
    return tuple(group[0] for group in groups if not any(draft.has(name) for name in group))


def look_up(secrets: Secrets) -> Kept:
    """Where the secrets are; blocks while the keyring is asked."""
    places: dict[str, str] = {}
    broken: dict[str, str] = {}
    problem = ""
    for name in SECRETS:
        try:
            found = secrets.find(name)
        except SecretStoreUnavailable as exc:
            problem = exc.title
        except SecretError as exc:
            broken[name] = str(exc)
        else:
            if found is not None:
                places[name] = found[1]
    return Kept(
        places=places,
        problem=problem,
        broken=broken,
        known=True,
        for_now=isinstance(secrets.place, ForNow),
    )


def carry_over(draft: Draft, before: Draft, settings: Settings) -> Draft:
    """What was entered since `before`, on top of settings that are in use now."""
    for section, key, _ in every_key():
        value = _value(draft.settings, section, key)
        if value != _value(before.settings, section, key):
            part = msgspec.structs.replace(getattr(settings, section), **{key: value})
            settings = msgspec.structs.replace(settings, **{section: part})
    typed = {name: one for name, one in draft.secrets.items() if before.secrets.get(name) != one}
    return msgspec.structs.replace(draft, settings=settings, secrets=typed)


def remember(draft: Draft, saved: Settings) -> dict[str, Any]:
    """What of the draft may be written to a plain file: settings that are not saved, no secret."""
    changed: dict[str, Any] = {}
    for section, key, _ in every_key():
        value = _value(draft.settings, section, key)
        if value != _value(saved, section, key) and not _is_secret(value):
            changed[f"{section}.{key}"] = list(value) if isinstance(value, tuple) else value
    return changed


def recall(remembered: object, saved: Settings) -> Settings:
    """The saved settings with what was remembered put over them; what makes no sense is passed."""
    if not isinstance(remembered, dict):
        return saved
    changes: dict[str, dict[str, Any]] = {}
    for section, key, key_type in every_key():
        value = remembered.get(f"{section}.{key}", msgspec.UNSET)
        if value is msgspec.UNSET:
            continue
        try:
            changes.setdefault(section, {})[key] = msgspec.convert(value, _loose(key_type))
        except msgspec.ValidationError:
            continue
    for section, values in changes.items():
        part = msgspec.structs.replace(getattr(saved, section), **values)
        saved = msgspec.structs.replace(saved, **{section: part})
    return saved


def _loose(key_type: Any) -> Any:  # noqa: ANN401 - a type
    """Text may be half typed; everything else must be what the setting takes."""
    info = msgspec.inspect.type_info(key_type)
    if isinstance(info, msgspec.inspect.StrType):
        return str
    if isinstance(info, msgspec.inspect.UnionType) and info.includes_none:
        return str | None if _has_text(info) else key_type
    return key_type


def _has_text(info: msgspec.inspect.UnionType) -> bool:
    return any(isinstance(one, msgspec.inspect.StrType) for one in info.types)


def _value(settings: Settings, section: str, key: str) -> Any:  # noqa: ANN401 - any setting
    return getattr(getattr(settings, section), key)


def _is_secret(value: object) -> bool:
    """An address may hold a password, be it typed or from the environment."""
    return isinstance(value, str) and ":" in value and "@" in value
