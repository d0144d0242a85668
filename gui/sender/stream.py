"""Values that come one by one from the work thread, handed to Qt's thread in handfuls."""

from __future__ import annotations

from collections import deque
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from core.errors import GladlySourceError
    from gui.bridge import Asked
    from gui.session import Session

DRAIN_MS = 100


class Stream(QObject):
    """Runs one async generator at a time.

    Signals:
        arrived: A list of what came since the last time; at most ten times a second.
        ended: It came to its end.
        failed: It ended by this GladlySourceError.

    Args:
        session: Runs it on its work thread.
    """

    arrived = Signal(list)
    ended = Signal()
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: Asked | None = None
        self._values: deque[Any] = deque()
        self._timer = QTimer(self)
        self._timer.setInterval(DRAIN_MS)
        self._timer.timeout.connect(self._on_time)
        under_way: list[Asked] = []
        self._under_way = under_way

        def cancel() -> None:
            for asked in under_way:
                asked.cancel()

        # Nobody is left to tell then: what runs must not go on for ever.
        self.destroyed.connect(cancel)

    @property
    def running(self) -> bool:
        """Whether something is under way."""
        return self._asked is not None

    def start(self, make: Callable[[], AsyncGenerator[Any, None]]) -> None:
        """Run what `make` makes; whatever ran before is stopped."""
        self.stop()
        values: deque[Any] = deque()
        self._values = values

        async def run() -> None:
            async with aclosing(make()) as found:
                async for value in found:
                    values.append(value)

        self._timer.start()
        self._asked = self._session.ask(
            run, owner=self, then=lambda _: self._on_end(), failed=self._on_failed
        )
        self._under_way[:] = [self._asked]

    def stop(self) -> None:
        """End it where it is; what came before is still told, `ended` is not."""
        if self._asked is not None:
            self._asked.cancel()
            self._rest()

    def _on_time(self) -> None:
        values = self._values
        found = [values.popleft() for _ in range(len(values))]
        if found:
            self.arrived.emit(found)

    def _on_end(self) -> None:
        self._rest()
        self.ended.emit()

    def _on_failed(self, error: GladlySourceError) -> None:
        self._rest()
        self.failed.emit(error)

    def _rest(self) -> None:
        self._asked = None
        self._under_way.clear()
        self._timer.stop()
        self._on_time()
