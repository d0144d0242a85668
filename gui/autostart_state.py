"""Whether the app starts with the computer: looked up and changed in the background."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from core.errors import GladlySourceError
    from gui.autostart import Autostart
    from gui.session import Session


class AutostartState(QObject):
    """What is known of the entry; `on` is None before anybody looked.

    Args:
        entry: Reads and writes small files: asked on another thread.
        session: Asks it.

    Signals:
        found: Whether there is an entry, each time it was looked up.
        refused: The entry could not be changed, and why (a GladlySourceError).
    """

    found = Signal(bool)
    refused = Signal(object)

    def __init__(self, entry: Autostart, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entry = entry
        self._session = session
        self.on: bool | None = None

    def look(self) -> None:
        """Look, and repair: the program may have moved since its entry was written."""
        entry = self._entry

        def look() -> bool:
            entry.repair()
            return entry.enabled()

        async def run() -> bool:
            return await asyncio.to_thread(look)

        self._session.ask(run, owner=self, then=self._on_found)

    def change(self, *, on: bool) -> None:
        """Start with the computer, or no longer."""
        entry = self._entry

        def change() -> bool:
            if on:
                entry.enable()
            else:
                entry.disable()
            return entry.enabled()

        async def run() -> bool:
            return await asyncio.to_thread(change)

        self._session.ask(run, owner=self, then=self._on_found, failed=self._on_refused)

    def _on_found(self, on: bool) -> None:  # noqa: FBT001 - an answer
        self.on = on
        self.found.emit(on)

    def _on_refused(self, error: GladlySourceError) -> None:
        self.refused.emit(error)
        self.look()  # nothing was changed, whatever was wished
