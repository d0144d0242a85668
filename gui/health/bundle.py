"""Saves the zip for support: knows every secret there is, so that none of them gets into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import diagnostics
from core.credentials import NAMES, write_key_of
from core.doctor.blocking import on_own_thread
from core.doctor.doctor import Doctor
from core.errors import SecretError
from core.logs import Redactor
from gui.run import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from core.credentials import Secret, Secrets
    from core.doctor.outcome import Outcome
    from core.doctor.subject import Outside
    from gui.session import Session


async def save(
    path: Path, session: Session, outcomes: Sequence[Outcome], outside: Outside | None
) -> Path:
    """Write the zip; without `outcomes` everything is checked first.

    Raises:
        OperationError: It cannot be written.
    """
    redact = Redactor()
    redact.learn(await on_own_thread(lambda: _secrets(session.secrets, session.settings.sources)))
    if not outcomes:
        outcomes = [outcome async for outcome in doctor_for(session, outside).run()]
    await diagnostics.write(
        path,
        session.home,
        session.environ,
        redact=redact,
        outcomes=outcomes,
        store_counts=session.counts,
    )
    return path


def doctor_for(session: Session, outside: Outside | None) -> Doctor:
    """The doctor of a session's home."""
    return Doctor(
        session.home,
        session.environ,
        session.secrets,
        engine_running=session.phase is Phase.RUNNING,
        outside=outside,
    )


def _secrets(secrets: Secrets, sources: Iterable[str]) -> list[Secret]:
    found = []
    for name in (*NAMES, *map(write_key_of, sources)):
        try:
            secret = secrets.find(name)
        except SecretError:
            continue
        if secret is not None:
            found.append(secret[0])
    return found
