"""Writes a picture of every page, light and dark: `python -m tests.screenshots [--only NAME]`.

Believable data in a throw-away home, simulated Gladly and Segment; nothing of this machine in it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest

from core.home import Home
from gui.activity.page import CHARTS, SUMS, ActivityPage
from gui.app import started
from gui.events.page import EventsPage
from gui.factories import make_wizard
from gui.look import Look
from gui.pages import ORDER
from gui.widgets.scroll import Scroller
from tests.gui.scenes import scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from gui.app import Qt as Started
    from gui.window import MainWindow

FOLDER = Path(__file__).parents[1] / "resources" / "screenshots"
SIZES = {"": (1180, 760), "-small": (1024, 640)}
THEMES = ("light", "dark")
STEPS = ("welcome", "segment", "gladly", "arrival", "sent", "trial", "done")
PATIENCE_SECONDS = 20.0
CALM_LOOKS = 5
LOOK_MS = 60


def until(predicate: Callable[[], object]) -> None:
    """Let Qt work until something holds."""
    ends = time.monotonic() + PATIENCE_SECONDS
    loop, timer = QEventLoop(), QTimer(interval=LOOK_MS)
    timer.timeout.connect(lambda: (predicate() or time.monotonic() > ends) and loop.quit())
    timer.start()
    loop.exec()


def calm(widget: QWidget) -> None:
    """Let Qt work until the picture no longer changes."""
    seen: list[bytes] = []

    def same() -> bool:
        image = widget.grab().toImage()
        seen.append(bytes(image.constBits()))
        return len(seen) > CALM_LOOKS and len(set(seen[-CALM_LOOKS:])) == 1

    until(same)


class Camera:
    """Takes the pictures that were asked for.

    Args:
        folder: Where they go.
        only: Names that are wanted; none means all.
    """

    def __init__(self, folder: Path, only: list[str]) -> None:
        self._folder, self._only = folder, only

    def wants(self, name: str) -> bool:
        """Whether this picture was asked for."""
        return not self._only or any(one in name for one in self._only)

    def take(self, widget: QWidget, name: str) -> None:
        """Write one picture."""
        if self.wants(name):
            calm(widget)
            widget.grab().save(str(self._folder / f"{name}.png"))
            print(name, flush=True)  # noqa: T201 - a program of its own


def pages(window: MainWindow, camera: Camera, theme: str) -> None:
    """Every page of the main window, in both sizes."""
    for suffix, size in SIZES.items():
        window.resize(*size)
        for page in ORDER:
            name = f"{page}{suffix}-{theme}"
            if camera.wants(name):
                prepare(window.open_page(page), opened=not suffix)
                camera.take(window, name)
        coverage(window, camera, f"coverage{suffix}-{theme}")
        reconciliation(window, camera, f"reconciliation{suffix}-{theme}")
    importing(window, camera, f"import-{theme}")


def coverage(window: MainWindow, camera: Camera, name: str) -> None:
    """The lower end of Activity: the coverage bar with the gap ledger."""
    page = window.open_page("activity")
    if camera.wants(name) and isinstance(page, ActivityPage):
        until(lambda: page.coverage.day is not None and page.figures is not None)
        calm(window)
        for scroller in page.findChildren(Scroller):
            scroller.verticalScrollBar().setValue(scroller.verticalScrollBar().maximum())
        camera.take(window, name)


def reconciliation(window: MainWindow, camera: Camera, name: str) -> None:
    """The other tab of Activity: the days with their sums."""
    page = window.open_page("activity")
    if camera.wants(name) and isinstance(page, ActivityPage):
        page.tabs.setCurrentIndex(SUMS)
        until(page.sums.table.isVisible)
        camera.take(window, name)
        page.tabs.setCurrentIndex(CHARTS)


def importing(window: MainWindow, camera: Camera, name: str) -> None:
    """The dialog that imports history, with what was found."""
    page = window.open_page("activity")
    if camera.wants(name) and isinstance(page, ActivityPage):
        until(lambda: page.coverage.day is not None)
        page.coverage.lost.open()
        dialog = page.coverage.lost.dialog
        if dialog is not None:
            until(dialog.text.isVisible)
            camera.take(dialog, name)
            dialog.close()


def prepare(page: QWidget, *, opened: bool) -> None:
    """Choose a row, and open it where there is room for its detail."""
    if isinstance(page, EventsPage):
        until(lambda: page.table.model.rowCount() > 0 and page.table.model.row(0) is not None)
        page.table.view.setCurrentIndex(page.table.model.index(2, 0))
        QTest.keyClick(page.table.view, Qt.Key.Key_Return if opened else Qt.Key.Key_Escape)


def wizard(window: MainWindow, look: Look, camera: Camera, theme: str) -> None:
    """Every step of the set-up wizard."""
    for number, step in enumerate(STEPS, 1):
        name = f"setup-{number}-{step}-{theme}"
        if camera.wants(name):
            window.session.memory.set("setup", {"at": step, "furthest": STEPS[-1]})
            shown = make_wizard(window, look, autostart=False)
            shown.open()
            camera.take(shown, name)
            shown.close()
            shown.deleteLater()


def shoot(qt: Started, camera: Camera) -> None:
    """All themes."""
    for theme in THEMES:
        with tempfile.TemporaryDirectory() as folder:
            look = Look(qt.app, dark=theme == "dark")
            home = Home(path=Path(folder) / "home")
            with scene(qt.bridge, look, home, until) as window:
                pages(window, camera, theme)
                wizard(window, look, camera, theme)


def main() -> None:
    """Take what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with started() as qt:
        shoot(qt, Camera(asked.folder, asked.only))


if __name__ == "__main__":
    main()
