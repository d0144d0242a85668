"""Whether anything was ever set up here, or only its secrets are missing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from core.errors import GladlySourceError, SecretMissing, SecretStoreUnavailable
from core.settings import App, Settings
from gui.run import Phase

if TYPE_CHECKING:
    from gui.session import Session

#: remembers that secrets are used until the app is closed, and asked for at the next start
FOR_NOW = "setup.for_now"


def is_first_run(session: Session) -> bool:
    """No secret, and no setting but how this app behaves."""
    return session.phase is Phase.FAILED and never_set_up(
        session.error, session.settings, ran_before=session.has_store
    )


def lacks_secrets(session: Session) -> bool:
    """Set up, but the engine does not start for want of secrets."""
    missing = isinstance(session.error, SecretMissing)
    return session.phase is Phase.FAILED and missing and not is_first_run(session)


def asks_again(session: Session) -> bool:
    """Whether a person chose to be asked for secrets at each start, and that is now."""
    return lacks_secrets(session) and session.memory.get(FOR_NOW) is True


def never_set_up(error: GladlySourceError | None, settings: Settings, *, ran_before: bool) -> bool:
    """What `is_first_run` rests on; where an engine ran, a locked keyring may hold the secrets."""
    if ran_before and error is not None and isinstance(error.__cause__, SecretStoreUnavailable):
        return False
    plain = msgspec.structs.replace(settings, app=App()) == Settings()
    return isinstance(error, SecretMissing) and plain
