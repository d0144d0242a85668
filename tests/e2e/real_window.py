"""The real app, driven from inside as a person would: `real_window HOME PICTURES`.

First start, set-up wizard, "Try the demo", events appear, one is opened, the demo is left, quit.
Each step waits for what it says; a step that does not come ends the process with its name.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from gui import app
from gui.deliveries.detail import DetailPane
from gui.events.page import EventsPage
from gui.setup.wizard import SetupWizard
from gui.window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOK_MS = 50
PATIENCE_SECONDS = 30.0
EVENTS = 20


class Visitor(QObject):
    """Goes through the steps, one look after the other."""

    def __init__(self, pictures: Path) -> None:
        super().__init__()
        self._pictures = pictures
        self._steps = self.steps()
        self._name, self._since = "start", time.monotonic()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._on_look)
        self._timer.start()

    def steps(self) -> Iterator[str]:
        """Yields the name of what it waits for, again and again until it is there."""
        while not (wizards := tops(SetupWizard)):
            yield "the wizard opens by itself"
        self.picture(wizards[0], "wizard")
        click(named(wizards[0], "Try the &demo"))
        while not (windows := [one for one in tops(MainWindow) if "demo" in one.windowTitle()]):
            yield "the demo's window"
        window = windows[0]
        page = window.open_page("events")
        assert isinstance(page, EventsPage)
        while page.table.model.rowCount() < EVENTS:
            yield "events appear"
        view = page.table.view
        view.setFocus()
        while page.table.model.row(0) is None:
            yield "the first row is read"
        press(view.viewport(), view.visualRect(page.table.model.index(1, 1)).center())
        QTest.keyClick(view, Qt.Key.Key_Return)
        while not (panes := [one for one in page.findChildren(DetailPane) if one.isVisible()]):
            yield "the detail opens"
        while "Accepted by Segment" not in text_of(panes[0]):
            yield "the detail says what became of it"
        self.picture(window, "demo")
        click(named(window, "Leave the demo"))
        while not (real := [one for one in tops(MainWindow) if "production" in one.windowTitle()]):
            yield "the real window is back"
        for dialog in tops(SetupWizard):
            dialog.reject()
        self.picture(real[0], "real")
        real[0].commands["quit"].trigger()
        while True:
            yield "it ends"

    def picture(self, widget: QWidget, name: str) -> None:
        """What the screen shows."""
        widget.grab().save(str(self._pictures / f"{name}.png"))

    def _on_look(self) -> None:
        name = next(self._steps)
        if name != self._name:
            self._name, self._since = name, time.monotonic()
        if time.monotonic() - self._since > PATIENCE_SECONDS:
            print(f"waited in vain: {name}", flush=True)  # noqa: T201 - for the test
            self._timer.stop()
            QApplication.exit(9)


def tops(kind: type[QWidget]) -> list[QWidget]:
    """The windows of a kind that can be seen."""
    return [
        one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()
    ]


def named(top: QWidget, text: str) -> QPushButton:
    """The button with this text."""
    found = [one for one in top.findChildren(QPushButton) if one.text() == text]
    assert found, text
    return found[0]


def click(button: QPushButton) -> None:
    """As the mouse does."""
    press(button, button.rect().center())


def press(widget: QWidget, place: QPoint) -> None:
    """Press the left button there."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)


def text_of(top: QWidget) -> str:
    """All that stands on it."""
    return " ".join(
        str(one.property("text")) for one in top.findChildren(QWidget) if one.property("text")
    )


def main() -> int:
    """Run the app with the visitor in it."""
    home, pictures = sys.argv[1:]
    kept: list[Visitor] = []
    QTimer.singleShot(0, lambda: kept.append(Visitor(Path(pictures))))
    return app.main(["--home", home])


if __name__ == "__main__":
    sys.exit(main())
