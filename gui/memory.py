"""What the window remembers between starts: sizes, columns, filters; a small JSON file."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, QTimer

from core.home import write_private

if TYPE_CHECKING:
    from core.home import Home
    from gui.bridge import Bridge

FILE = "window.json"
DELAY_MS = 400
MAX_BYTES = 1_000_000


class Memory(QObject):
    """Small values by name; a file that cannot be read or written is no reason to stop.

    Args:
        bridge: Writes in the background.
        home: Where the file lies; None remembers for this run only.
    """

    def __init__(self, bridge: Bridge, home: Home | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._file = None if home is None else home.path / FILE
        self._values = self._read()
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self._save)

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - any JSON value
        """What was remembered under `key`."""
        return self._values.get(key, default)

    def set(self, key: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Remember `value`; written a moment later."""
        if self._values.get(key) != value:
            self._values[key] = value
            self._timer.start()

    def flush(self) -> None:
        """Write now what is not yet written."""
        if self._timer.isActive():
            self._timer.stop()
            self._save()

    def _read(self) -> dict[str, Any]:
        if self._file is None:
            return {}
        try:
            with self._file.open("rb") as file:
                return msgspec.json.decode(file.read(MAX_BYTES), type=dict[str, Any])
        except (OSError, msgspec.DecodeError):
            return {}

    def _save(self) -> None:
        file = self._file
        if file is None:
            return
        content = msgspec.json.encode(self._values)

        def write() -> None:
            with contextlib.suppress(OSError):
                file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_private(file, content)

        self._bridge.ask(lambda: asyncio.to_thread(write), owner=self)
