"""The window on a filled home, as a process of its own; does what stands on its stdin.

Runs offscreen. `["open"]` measures the start, jumps, filters and searches; `["stream", SECONDS]`
how late a 10 ms timer comes while events stream in; `["scroll", SECONDS]` also scrolls all the
time. With the argument `items` it shows the rows in Qt's own QStandardItemModel instead. Prints one
JSON object a line.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView

from core.home import Home
from core.search import parse
from gui.app import started
from gui.deliveries.table import EventTable
from gui.factories import make_window
from gui.look import Look
from gui.pages import EVENTS
from gui.run import Phase
from gui.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from gui.window import MainWindow

TICK_MS = 10
PATIENCE_SECONDS = 60.0
SEARCHES = {
    "filter status:dead": "status:dead",
    "filter event": 'event:"Conversation Closed"',
    "filter channel:test": "channel:test",
    "search, a common name": "martha",
    "search, a rare word": "",
    "search and status": "martha status:dead",
}


def say(**figures: object) -> None:
    """One line for whoever started us."""
    print(json.dumps(figures), flush=True)


def until(predicate: Callable[[], object]) -> float:
    """Let Qt work until something holds; the seconds that took."""
    began = time.perf_counter()
    loop, clock = QEventLoop(), QTimer(interval=1)

    def look() -> None:
        late = time.perf_counter() - began > PATIENCE_SECONDS
        if late or predicate():
            loop.quit()

    clock.timeout.connect(look)
    clock.start()
    loop.exec()
    assert predicate()
    return time.perf_counter() - began


def resident_mb() -> float:
    """Memory that this process occupies."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


class Lateness(QObject):
    """How late a timer comes, in milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.late: list[float] = []
        self._due = 0.0
        self._timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timeout)

    def measure(self, seconds: float) -> dict[str, float]:
        """Look for so long."""
        self.late.clear()
        self._due = time.perf_counter() + TICK_MS / 1000
        self._timer.start()
        ends = time.perf_counter() + seconds
        until(lambda: time.perf_counter() > ends)
        self._timer.stop()
        late = sorted(self.late)
        return {
            "p50_ms": late[len(late) // 2],
            "p99_ms": late[int(len(late) * 0.99)],
            "max_ms": late[-1],
        }

    def _on_timeout(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, (now - self._due) * 1000))
        self._due = now + TICK_MS / 1000


class Viewer:
    """The events page of a running window."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        table = window.open_page(EVENTS).findChild(EventTable)
        assert table is not None
        self.table = table

    def shows(self) -> bool:
        """Whether the first visible row is there to read."""
        first, _ = self.table.view.shown()
        return self.table.model.rowCount() > 0 and self.table.model.row(first) is not None

    def open(self) -> None:
        """Everything that a person does at first."""
        say(counted=until(lambda: self.table.is_counted), rows=self.table.model.rowCount())
        say(memory=resident_mb())
        QTest.keyClick(self.table.view, Qt.Key.Key_End)
        say(figure="jump to the oldest", seconds=until(self._at_oldest))
        middle = self.table.model.rowCount() // 2
        self.table.view.scrollTo(self.table.model.index(middle, 0))
        say(figure="jump to the middle", seconds=until(self.shows))
        for name, text in SEARCHES.items():
            self._search(name, text or self._rare())
        say(memory=resident_mb())

    def _at_oldest(self) -> bool:
        return self.table.model.row(self.table.model.rowCount() - 1) is not None and self.shows()

    def _rare(self) -> str:
        row = self.table.model.row(self.table.view.shown()[0])
        assert row is not None
        return str(row.delivery.conversation_id)

    def _search(self, name: str, text: str) -> None:
        self.table.set_filter(parse(text).filter)
        say(figure=name, seconds=until(self.shows))
        say(figure=f"{name}: exact count", seconds=until(lambda: self.table.is_counted))
        self.table.set_filter(parse("").filter)
        until(lambda: self.table.is_counted and self.shows())

    def is_quiet(self) -> bool:
        """Whether everything that came is accepted."""
        counts = self.window.session.counts
        under_way = ("pending", "sending", "retrying")
        return (
            counts is not None
            and not any(counts.deliveries.get(one) for one in under_way)
            and not counts.webhooks.get("received")
        )

    def scroll(self, seconds: float) -> None:
        """Scroll all the time, as somebody with a heavy hand."""
        bar = self.table.view.verticalScrollBar()
        timer = QTimer(self.table, interval=15)
        timer.timeout.connect(
            lambda: bar.setValue((bar.value() + bar.pageStep() // 3) % max(1, bar.maximum()))
        )
        timer.start()
        say(**Lateness().measure(seconds))
        timer.stop()


def items(store: Path) -> None:
    """Qt's own model with the same rows."""
    view, model = QTableView(), QStandardItemModel()
    view.setModel(model)
    view.resize(1180, 760)
    view.show()
    began, before = time.perf_counter(), resident_mb()
    with sqlite3.connect(store) as connection:
        found = connection.execute(
            "SELECT received_at, event, status, customer_id, conversation_id, channel, attempts, "
            "next_attempt_at, id FROM delivery ORDER BY id DESC"
        )
        for row in found:
            model.appendRow([QStandardItem(str(cell)) for cell in row])
    view.repaint()
    say(seconds=time.perf_counter() - began, memory=resident_mb() - before)


def main() -> None:
    """Do what is asked."""
    home, *asked = sys.argv[1:]
    with started() as qt:
        if asked == ["items"]:
            items(Path(home) / "store.db")
            return
        session = Session(qt.bridge, Home(path=Path(home)), os.environ)
        window = make_window(session, Look(qt.app))
        window.restore()
        window.show()
        session.start()
        viewer = Viewer(window)
        if (Path(home) / "store.db").exists():
            until(viewer.shows)
            say(usable=time.time() - float(os.environ["BEGAN"]))
        until(lambda: session.phase in {Phase.RUNNING, Phase.FAILED, Phase.ATTACHED})
        say(url=session.webhook_url, phase=session.phase)
        for line in sys.stdin:  # nothing is measured while it waits here
            name, *seconds = json.loads(line)
            if name == "open":
                viewer.open()
            elif name == "stream":
                say(**Lateness().measure(*seconds), memory=resident_mb())
            elif name == "scroll":
                viewer.scroll(*seconds)
            elif name == "quiet":
                until(viewer.is_quiet)
                say(quiet=True, memory=resident_mb())
        session.stop()
        until(lambda: session.phase is Phase.STOPPED)
        window.let_go()
        window.deleteLater()


if __name__ == "__main__":
    main()
