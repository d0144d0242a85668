"""Ctrl-C and SIGTERM, which Python alone would not notice while Qt waits."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot

if TYPE_CHECKING:
    from types import FrameType

NUMBERS = (signal.SIGINT, signal.SIGTERM)
FORCED = 130


class Interrupts(QObject):
    """Turns signals of the operating system into a Qt signal; a second one ends at once.

    The system's handler writes one byte into a socket that Qt listens to: no timer has to wake
    Python again and again.

    Signals:
        asked: The program is to end.
    """

    asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._seen = False
        self._ours, self._theirs = socket.socketpair()
        for end in (self._ours, self._theirs):
            end.settimeout(0)
        self._notifier = QSocketNotifier(self._ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_bytes)
        self._old_fd = signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        self._old: dict[int, Any] = {
            number: signal.signal(number, self._note) for number in NUMBERS
        }

    @property
    def seen(self) -> bool:
        """Whether the program is to end."""
        return self._seen

    def restore(self) -> None:
        """Put back what was there before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._old_fd)
        for number, handler in self._old.items():
            signal.signal(number, handler)
        self._ours.close()
        self._theirs.close()

    def _note(self, _: int, __: FrameType | None) -> None:
        if self._seen:
            os._exit(FORCED)  # safe: nothing acknowledged is only in memory
        self._seen = True

    @Slot()
    def _on_bytes(self) -> None:
        with suppress(OSError):
            self._ours.recv(64)
        self.asked.emit()
