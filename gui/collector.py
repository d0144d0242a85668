"""Runs Python's cyclic garbage collector on Qt's thread only.

By itself it runs on whichever thread happens to allocate, and may there delete a widget or a timer
that belongs to Qt's thread, which ends the process.
"""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

if TYPE_CHECKING:
    from collections.abc import Callable

LOOK_MS = 250
#: a full collection takes long enough to be felt
FULL_SECONDS = 300.0
FULL = 2


class Collector(QObject):
    """Takes over from Python's own timing until `stop()`; the same thresholds, on a timer.

    A full collection, which takes long enough to be felt, comes at most once in five minutes.
    What is there at the start lives for ever and is set aside.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(
        self, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._full_at = clock()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Collect once, set aside what lives for ever, and take over."""
        gc.disable()
        self._collect_all()
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        """Hand back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    @Slot()
    def look(self) -> None:
        """Collect the oldest generation that is due."""
        for generation, (count, threshold) in reversed(
            list(enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)))
        ):
            if not threshold or count <= threshold:
                continue
            if generation < FULL:
                gc.collect(generation)
                return
            if self._clock() - self._full_at >= FULL_SECONDS:
                self._collect_all()
                return

    def _collect_all(self) -> None:
        gc.collect()
        self._full_at = self._clock()
