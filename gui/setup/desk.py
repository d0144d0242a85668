"""Holds the draft of one set-up, looks where secrets are, and saves when it is told to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, Signal

from gui.run import Phase
from gui.setup.draft import Draft, recall, remember
from gui.setup.places import ForNow

if TYPE_CHECKING:
    from core.errors import GladlySourceError
    from core.settings import Settings
    from gui.session import Session
    from gui.setup.checks import Checks
    from gui.setup.draft import Kept


class Desk(QObject):
    """The draft between the session and the cards.

    Args:
        session: Saves, and says what is saved.
        checks: Look where secrets are.

    Signals:
        kept_changed: It is known (again) where secrets are kept.
        reset: The settings in use are other ones now; the draft follows them.
        saved: The draft is in use.
        failed: It is not, and why (a GladlySourceError); everything is as before.
    """

    kept_changed = Signal(object)
    reset = Signal()
    saved = Signal()
    failed = Signal(object)

    def __init__(self, session: Session, checks: Checks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._checks = checks
        self.saving = False
        self._base = session.settings
        self.draft = Draft(settings=self._base)
        session.applied.connect(self._on_applied)
        session.apply_failed.connect(self._on_failed)
        session.settings_changed.connect(self._on_settings)

    @property
    def dirty(self) -> bool:
        """Whether there is anything to save."""
        return bool(self.draft.secrets) or self.draft.settings != self._base

    def set_autostart(self, *, on: bool) -> None:
        """Whether the app starts with the computer now."""
        self.draft = msgspec.structs.replace(self.draft, autostart=on)

    def look_again(self) -> None:
        """Look where secrets are kept; `kept_changed` tells."""
        self._session.ask(self._checks.kept, owner=self, then=self._on_kept)

    def save(self) -> None:
        """Save the draft and start the engine with it; `saved` or `failed` tells."""
        if self.saving:
            return
        self.saving = True
        secrets, draft = self._session.secrets, self.draft
        if draft.for_now and draft.kept.problem and not isinstance(secrets.place, ForNow):
            secrets.place = ForNow(secrets.place)
        self._session.apply(draft.settings, draft.plain_secrets())

    def revert(self) -> None:
        """Forget what was entered."""
        self.draft = msgspec.structs.replace(self.draft, settings=self._base, secrets={})
        self.reset.emit()

    def entered(self) -> dict[str, Any]:
        """What was entered and not saved, as far as it may be written to a plain file."""
        return remember(self.draft, self._base)

    def take_up(self, entered: object) -> None:
        """Go on with what `entered` gave at another time."""
        settings = recall(entered, self._base)
        self.draft = msgspec.structs.replace(self.draft, settings=settings)
        self.reset.emit()

    def _on_kept(self, kept: Kept) -> None:
        self.draft = msgspec.structs.replace(self.draft, kept=kept)
        self.kept_changed.emit(kept)

    def _on_settings(self, settings: Settings) -> None:
        """Read at the first start, or applied by somebody else; what was entered here stays."""
        if self.saving or settings == self._base:
            return
        entered = remember(self.draft, self._base)
        self._base = settings
        self.draft = msgspec.structs.replace(self.draft, settings=recall(entered, settings))
        self.reset.emit()

    def _on_applied(self) -> None:
        if not self.saving:
            return
        self.saving = False
        self._base = self._session.settings
        self.draft = msgspec.structs.replace(self.draft, settings=self._base, secrets={})
        self.look_again()
        self.saved.emit()

    def _on_failed(self, error: GladlySourceError) -> None:
        if not self.saving:
            return
        self.saving = False
        if self._session.phase is Phase.FAILED:  # else the old ones are being put back
            self._base = self._session.settings
        self.failed.emit(error)
