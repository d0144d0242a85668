"""Checks of the secrets: is each that is needed there, and where; is there a keyring."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.credentials import MEMORY, WRITE_KEY, meant, ways, write_key_of
from core.doctor.blocking import on_own_thread
from core.doctor.outcome import Findings
from core.errors import SecretError, SecretStoreUnavailable
from core.settings import ENV_PREFIX

if TYPE_CHECKING:
    from core.credentials import Secrets
    from core.doctor.outcome import Outcome
    from core.doctor.subject import Subject
    from core.settings import Listener, Settings

_WAYS = (
    f"Set environment variables {ENV_PREFIX}<NAME>, or variables {ENV_PREFIX}<NAME>_FILE that "
    "name files."
)


class Place(NamedTuple):
    """Where a secret is, or what is in the way of it."""

    found: bool
    words: str
    broken: bool = False
    no_keyring: bool = False


def needed(settings: Settings) -> tuple[tuple[str, ...], ...]:
    """The secrets these settings ask for; of each group, one is enough."""
    wanted: list[tuple[str, ...]] = [(WRITE_KEY,)]
    wanted.extend((write_key_of(alias),) for alias in settings.sources)
    if settings.gladly.url:
        wanted.append(("gladly-token",))
    wanted.extend(_for_listener(settings.listener))
    if settings.confirm.echo:
        wanted.append(("echo-secret",))
    if settings.confirm.public_api:
        wanted.append(("public-api-token",))
    return tuple(wanted)


def _for_listener(listener: Listener) -> list[tuple[str, ...]]:
    password, token = "webhook-password", "webhook-token"
    groups: dict[str, list[tuple[str, ...]]] = {
        "basic": [(password,)],
        "header": [(token,)],
        "both": [(password, token)],
        "none": [],
    }
    return groups[listener.auth] if listener.enabled else []


async def secrets(subject: Subject, settings: Settings) -> Outcome:
    """Each secret that is needed, and where it was found; never its value."""
    findings = Findings("secrets")
    groups = needed(settings)
    places = await on_own_thread(lambda: _places(subject.secrets, groups))
    missing = [group for group in groups if not any(places[name].found for name in group)]
    detail = {name: place.words for name, place in places.items()}
    if not missing:
        count = "The one secret that is" if len(groups) == 1 else f"All {len(groups)} secrets"
        verb = "needed is there." if len(groups) == 1 else "that are needed are there."
        return findings.ok("secrets.found", f"{count} {verb}", **detail)
    names = " and ".join(" or ".join(meant(name) for name in group) for group in missing)
    near = [places[name] for group in missing for name in group]
    broken = [place.words for place in near if place.broken]
    away = any(place.no_keyring for place in near)
    title = f"Missing: {names}." + "".join(f" {words}" for words in dict.fromkeys(broken))
    return findings.fail("secrets.missing", title, ways(missing[0][0], keyring=not away), **detail)


def _places(secrets: Secrets, groups: tuple[tuple[str, ...], ...]) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for name in (name for group in groups for name in group):
        try:
            found = secrets.find(name)
        except SecretError as exc:
            away = isinstance(exc, SecretStoreUnavailable)
            places[name] = Place(found=False, words=exc.title, broken=True, no_keyring=away)
        else:
            where = found[1] if found else "missing"
            places[name] = Place(found=found is not None, words=where)
    return places


async def keyring(subject: Subject) -> Outcome:
    """Whether the OS keyring can be used; only a secret that needs it makes that a failure."""
    findings = Findings("keyring")
    try:
        await on_own_thread(lambda: subject.secrets.keyring.get("write-key"))
    except SecretStoreUnavailable as exc:
        held = await on_own_thread(lambda: _held(subject))
        return _until_closed(exc) if held else _without_keyring(subject, exc)
    return findings.ok("keyring.usable", "The keyring of this computer can be used.")


def _held(subject: Subject) -> bool:
    """Whether every secret that is needed is there all the same, some of them in memory."""
    groups = needed(subject.settings) if subject.settings else ()
    places = _places(subject.secrets, groups)
    found = [next((n for n in group if places[n].found), None) for group in groups]
    return None not in found and any(places[n].words == MEMORY for n in found if n)


def _until_closed(exc: SecretStoreUnavailable) -> Outcome:
    return Findings("keyring").warn(
        "keyring.for_now",
        f"{exc.title} Secrets that were entered are used until the app is closed.",
        f"To be asked no more at each start, unlock it. {_WAYS}",
    )


def _without_keyring(subject: Subject, exc: SecretStoreUnavailable) -> Outcome:
    findings = Findings("keyring")
    groups = needed(subject.settings) if subject.settings else ()
    wanting = [one[0] for one in groups if not any(map(subject.secrets.is_given, one))]
    if wanting:
        return findings.fail(
            "keyring.needed",
            f"{exc.title} No environment variable gives {meant(wanting[0])}, either.",
            exc.hint,
            secrets=", ".join(wanting),
        )
    return findings.warn(
        "keyring.unavailable",
        f"{exc.title} No secret needs it now.",
        f"To give further secrets: {_WAYS[0].lower()}{_WAYS[1:]}",
    )
