"""A visit to the demo: its window takes the place of the real one until it is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance

from gui.front import bring_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.errors import GladlySourceError
    from core.simulator.drills import Drills
    from gui.session import Session
    from gui.window import MainWindow


class DemoHost(Protocol):
    """A demo under way: a session between simulators, in a throw-away home."""

    session: Session
    #: what can go wrong on purpose, for the test sender
    drills: Drills
    #: the session can be shown
    ready: SignalInstance
    #: it could not be started, and why (a GladlySourceError)
    failed: SignalInstance
    #: nothing of it is left
    ended: SignalInstance

    def start(self) -> None:
        """Begin; `ready` or `failed` tells."""

    def stop(self) -> None:
        """End, and remove the throw-away home; `ended` tells."""

    def deleteLater(self) -> None:
        """Qt's: it is over."""


class DemoVisit(QObject):
    """One visit at a time; the real session goes on behind it.

    Signals:
        entered: The window of the demo is shown.
        left: The real window is shown again; the demo is still ending.
        refused: The demo could not be started, and why (a GladlySourceError).
        ended: Nothing of the demo is left.

    Args:
        make_host: Makes a demo that is not started yet.
        make_window: Makes its window.
    """

    entered = Signal(object)
    left = Signal()
    refused = Signal(object)
    ended = Signal()

    def __init__(
        self,
        make_host: Callable[[], DemoHost],
        make_window: Callable[[DemoHost], MainWindow],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._make_host, self._make_window = make_host, make_window
        self._real: MainWindow | None = None
        self._stopping = False
        self.host: DemoHost | None = None
        self.window: MainWindow | None = None

    @property
    def under_way(self) -> bool:
        """Whether anything of a demo is there."""
        return self.host is not None

    def enter(self, real: MainWindow) -> None:
        """Start a demo, and put its window where the real one is."""
        if self.host is not None:
            return
        self._real, self._stopping = real, False
        self.host = self._make_host()
        self.host.ready.connect(self._on_ready)
        self.host.failed.connect(self._on_failed)
        self.host.ended.connect(self._on_ended)
        self.host.start()

    def leave(self) -> None:
        """Put the real window back, and end the demo."""
        window, real = self.window, self._real
        if window is not None and real is not None:
            real.setGeometry(window.geometry())
            shown = window.isVisible()
            self._drop_window()
            if shown:
                bring_up(real)
            self.left.emit()
        self.stop()

    def stop(self) -> None:
        """End the demo, whatever it is doing."""
        if self.host is not None and not self._stopping:
            self._stopping = True
            self.host.stop()

    def _on_ready(self) -> None:
        if self.host is None or self._real is None or self._stopping:
            return
        real = self._real
        self.window = self._make_window(self.host)
        self.window.restore()
        self.window.setGeometry(real.geometry())
        self.entered.emit(self.window)
        self.window.show()
        real.hide()

    def _on_failed(self, error: GladlySourceError) -> None:
        self.refused.emit(error)
        self.stop()

    def _on_ended(self) -> None:
        self._drop_window()
        host, self.host = self.host, None
        if host is not None:
            host.deleteLater()
        self.ended.emit()

    def _drop_window(self) -> None:
        window, self.window = self.window, None
        if window is not None:
            window.let_go()
            window.deleteLater()
