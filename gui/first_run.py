"""Whether anything was ever set up here. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from core.errors import GladlySourceError, SecretMissing, SecretStoreUnavailable
from core.settings import App, Settings
from gui.run import Phase

if TYPE_CHECKING:
    from gui.session import Session


def is_first_run(session: Session) -> bool:
    """No secret, and no setting but how this app behaves."""
    return session.phase is Phase.FAILED and never_set_up(session.error, session.settings)


def never_set_up(error: GladlySourceError | None, settings: Settings) -> bool:
    """What `is_first_run` rests on; a locked keyring may well hold what was set up."""
    if error is not None and isinstance(error.__cause__, SecretStoreUnavailable):
        return False
    plain = msgspec.structs.replace(settings, app=App()) == Settings()
    return isinstance(error, SecretMissing) and plain
