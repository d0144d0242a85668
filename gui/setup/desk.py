"""Holds the draft of one set-up, looks where secrets are, and saves when it is told to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, Signal

from core.errors import OperationError
from gui.first_run import FOR_NOW
from gui.run import Phase
from gui.saving import Use
from gui.setup.draft import Draft, carry_over, recall, remember
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
        saved: The draft that was saved, and the Use that is made of it; what was entered
            meanwhile is still to be saved.
        failed: Why it is not in use (a GladlySourceError), and whether it is saved nevertheless.
    """

    kept_changed = Signal(object)
    reset = Signal()
    saved = Signal(object, object)
    failed = Signal(object, bool)

    def __init__(self, session: Session, checks: Checks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._checks = checks
        self._sent: Draft | None = None
        self._base = session.settings
        self.draft = Draft(settings=self._base, for_now=session.memory.get(FOR_NOW) is True)
        session.applied.connect(self._on_applied)
        session.apply_failed.connect(self._on_failed)
        session.settings_changed.connect(self._on_settings)

    @property
    def dirty(self) -> bool:
        """Whether there is anything to save."""
        return bool(self.draft.secrets) or self.draft.settings != self._base

    @property
    def saving(self) -> bool:
        """Whether the draft is being saved; it can be changed meanwhile."""
        return self._sent is not None

    def set_autostart(self, *, on: bool | None) -> None:
        """Whether the app starts with the computer now; None while nobody knows."""
        self.draft = msgspec.structs.replace(self.draft, autostart=on)

    def look_again(self) -> None:
        """Look where secrets are kept; `kept_changed` tells."""
        self._session.ask(self._checks.kept, owner=self, then=self._on_kept)

    def save(self) -> None:
        """Save the draft and start the engine with it; `saved` or `failed` tells."""
        if self.saving:
            return
        secrets, draft = self._session.secrets, self.draft
        if draft.for_now and draft.kept.problem and not isinstance(secrets.place, ForNow):
            secrets.place = ForNow(secrets.place)
        if draft.kept.problem:
            self._session.memory.set(FOR_NOW, draft.for_now)
        try:
            self._session.apply(draft.settings, draft.plain_secrets())
        except OperationError as exc:
            self.failed.emit(exc, False)  # noqa: FBT003 - a signal's argument
        else:
            self._sent = draft

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
        before, self._base = Draft(settings=self._base), settings
        self.draft = carry_over(self.draft, before, settings)
        self.reset.emit()

    def _on_applied(self, use: Use) -> None:
        if self._sent is None:
            return
        sent, self._sent = self._sent, None
        self._base = self._session.settings if use is not Use.NOBODY else sent.settings
        self.draft = carry_over(self.draft, sent, self._base)
        self.look_again()
        self.saved.emit(sent, use)

    def _on_failed(self, error: GladlySourceError, kept: bool) -> None:  # noqa: FBT001 - a slot
        if self._sent is None:
            return
        self._sent = None
        if self._session.phase is Phase.FAILED:  # else the old ones are being put back
            self._base = self._session.settings
        self.failed.emit(error, kept)
