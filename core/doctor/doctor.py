"""Runs the checks one after the other; one that fails or hangs never stops the others."""

from __future__ import annotations

import asyncio
import functools
import logging
import traceback
from typing import TYPE_CHECKING

import msgspec

from core import settings as settings_module
from core.doctor import (
    arrival,
    counts,
    listening,
    public_api,
    services,
    silence,
    storage,
    sums,
    vault,
    webhook,
    write_key,
)
from core.doctor.blocking import on_own_thread
from core.doctor.outcome import Findings
from core.doctor.subject import Outside, Subject
from core.errors import GladlySourceError, OperationError, SettingsError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from core.credentials import Secrets
    from core.doctor.outcome import Outcome
    from core.home import Home
    from core.settings import Settings

log = logging.getLogger(__name__)

CHECK_SECONDS = 15.0
SETTINGS = "settings"
NAMES = (
    SETTINGS,
    "secrets",
    "keyring",
    "store",
    "space",
    "port",
    "public-url",
    "engine",
    "write-key",
    "public-api",
    "segment",
    "gladly",
    "webhook",
    "silence",
    "clock",
    "counts",
    "sums",
)
#: checks that make sense whatever the settings are
_ALONE: dict[str, Callable[[Subject], Awaitable[Outcome]]] = {
    "keyring": vault.keyring,
    "space": storage.space,
    "engine": listening.engine,
}
_BY_SETTINGS: dict[str, Callable[[Subject, Settings], Awaitable[Outcome]]] = {
    "secrets": vault.secrets,
    "store": storage.store,
    "port": listening.port,
    "public-url": arrival.public_url,
    "write-key": write_key.write_key,
    "public-api": public_api.public_api,
    "counts": counts.counts,
    "sums": sums.sums,
    "segment": services.segment,
    "gladly": services.gladly,
    "webhook": webhook.webhook,
    "silence": silence.silence,
    "clock": services.clock,
}


class Doctor:
    """Knows all checks of one installation.

    Args:
        home: Where it lives.
        environ: The process environment.
        secrets: Where its secrets are found.
        engine_running: Whether the caller itself runs the engine of this home.
        outside: The world around; tests hand in another.
        seconds: How long one check may take.
    """

    def __init__(
        self,
        home: Home,
        environ: Mapping[str, str],
        secrets: Secrets,
        *,
        engine_running: bool = False,
        outside: Outside | None = None,
        seconds: float = CHECK_SECONDS,
    ) -> None:
        self._subject = Subject(
            home=home,
            environ=environ,
            secrets=secrets,
            engine_running=engine_running,
            outside=outside or Outside(),
        )
        self._seconds = seconds

    def names(self) -> tuple[str, ...]:
        """Every check, in the order in which a person would go about it."""
        return NAMES

    async def run(self, names: Sequence[str] = ()) -> AsyncIterator[Outcome]:
        """The outcome of each check as it finishes; all of them when none is named.

        Raises:
            OperationError: There is no check of that name.
        """
        for name in names:
            if name not in NAMES:
                raise OperationError(
                    f"There is no check named {name!r}.", f"Known are: {', '.join(NAMES)}."
                )
        first, settings = await self._load()
        subject = msgspec.structs.replace(self._subject, settings=settings)
        for name in dict.fromkeys(names) or NAMES:
            if name == SETTINGS:
                yield first
            else:
                yield await self._bounded(name, functools.partial(_one, name, subject))

    async def _load(self) -> tuple[Outcome, Settings | None]:
        found: list[Settings] = []

        async def look() -> Outcome:
            home, environ = self._subject.home, self._subject.environ
            loaded = await on_own_thread(functools.partial(settings_module.load, home, environ))
            found.append(loaded.settings)
            return await on_own_thread(lambda: _settings_found(home, loaded.origin))

        outcome = await self._bounded(SETTINGS, look)
        return outcome, found[0] if found else None

    async def _bounded(self, name: str, look: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Run one check; whatever happens to it becomes its outcome."""
        findings = Findings(name)
        try:
            async with asyncio.timeout(self._seconds):
                return await look()
        except TimeoutError:
            title = f"The check {name!r} was given up after {self._seconds:g} seconds."
            hint = "Something does not answer; check again, then look at the network or the disk."
            return findings.fail("timeout", title, hint)
        except SettingsError as exc:
            return findings.failed(exc, file=str(self._subject.home.settings_file))
        except GladlySourceError as exc:
            return findings.failed(exc)
        except Exception as exc:  # noqa: BLE001 - supervised: one check's bug hides no other's outcome
            return _broken(name, exc)


async def _one(name: str, subject: Subject) -> Outcome:
    if name in _ALONE:
        return await _ALONE[name](subject)
    if subject.settings is None:
        return Findings(name).skip(
            "settings.unusable",
            "Not looked at: the settings cannot be used.",
            "Mend the settings first; `gladly-source check settings` says what is wrong.",
        )
    return await _BY_SETTINGS[name](subject, subject.settings)


def _settings_found(home: Home, origin: Mapping[str, str]) -> Outcome:
    changed = sum(where != "default" for where in origin.values())
    exists = home.settings_file.exists()
    what = f"{changed} set" if changed else "all defaults"
    title = f"The settings are valid ({what}); the home is {home.path}."
    return Findings(SETTINGS).ok(
        "settings.valid",
        title,
        file=str(home.settings_file) + ("" if exists else " (not there: defaults)"),
    )


def _broken(name: str, exc: Exception) -> Outcome:
    """A bug of ours: say so, and where; its text may hold anything, so it is left out."""
    frame = traceback.extract_tb(exc.__traceback__)[-1]
    kind = type(exc).__name__
    where = f"{frame.filename}:{frame.lineno}"
    log.error("a check failed inside", extra={"check": name, "error": kind, "where": where})
    return Findings(name).fail(
        "internal",
        f"The check {name!r} failed inside ({kind}).",
        "Please report this with `gladly-source diagnostics --output FILE`.",
        where=where,
    )
