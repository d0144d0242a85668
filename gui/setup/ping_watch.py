"""Looks whether Gladly's PING has arrived; what was seen once stays seen while set-up is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from gui.run import Phase

if TYPE_CHECKING:
    from core.errors import GladlySourceError
    from gui.bridge import Asked
    from gui.session import Session

LOOK_MS = 1000


class PingWatch(QObject):
    """Asks the engine once a second, while somebody wants to know.

    Args:
        session: Its engine is asked.

    Attributes:
        seen_at: When the latest PING came (epoch seconds), as far as it was seen.

    Signals:
        changed: Another PING was seen.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: Asked | None = None
        self.seen_at: float | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Look now, and from now on."""
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None

    def look(self) -> None:
        """Ask once, unless an answer is still to come or nobody could give one."""
        session = self._session
        if self._asked is not None or session.phase not in {Phase.RUNNING, Phase.ATTACHED}:
            return

        async def ask() -> float | None:
            return await session.link.last_ping_at()

        self._asked = session.ask(ask, owner=self, then=self._on_answer, failed=self._on_failed)

    def _on_answer(self, at: float | None) -> None:
        self._asked = None
        if at is not None and at != self.seen_at:
            self.seen_at = at
            self.changed.emit()

    def _on_failed(self, _: GladlySourceError) -> None:
        """The engine is just stopping; the next look tells."""
        self._asked = None
