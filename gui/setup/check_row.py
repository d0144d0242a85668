"""A button that checks, and under it a traffic light with what was found and what to do."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.doctor.outcome import Findings
from core.errors import GladlySourceError
from gui.setup.field import announce
from gui.traces import log_mistake
from gui.widgets.busy import BusyLabel
from gui.widgets.buttons import make_button
from gui.widgets.labels import Text
from gui.widgets.pill import RISE, StatusLabel
from gui.words import verdict_word

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from core.doctor.outcome import Outcome
    from gui.bridge import Asked
    from gui.look import Look
    from gui.session import Session

log = logging.getLogger(__name__)


class CheckRow(QWidget):
    """Runs one check at a time and shows its outcome; a newer question replaces the older.

    The button is never switched off: its mnemonic would be typed into a field instead.

    Args:
        session: Runs the check away from Qt's thread.
        look: Colours and icons.
        label: Of the button, with a mnemonic (&).

    Signals:
        wanted: The button was pressed.
        checked: The Outcome; None when it no longer holds.
    """

    wanted = Signal()
    checked = Signal(object)

    def __init__(
        self, session: Session, look: Look, label: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: Asked | None = None
        self.outcome: Outcome | None = None
        self.button = make_button(look, label, icon="shield")
        self.button.clicked.connect(self.wanted)
        self._line = QHBoxLayout()
        self._busy = BusyLabel(look)
        self._light = StatusLabel(look)
        self._title = Text()
        self._hint = Text(tone="muted")
        self._arrange()
        self._show(None)

    def run(self, check: Callable[[], Awaitable[Outcome]], doing: str = "") -> None:
        """Ask, and show the answer when it comes; until then, what is being done."""
        self.clear()
        self._busy.start(doing or self.tr("Checking…"))
        self._asked = self._session.ask(lambda: _answered(check), owner=self, then=self._on_outcome)

    def clear(self) -> None:
        """What was found no longer holds."""
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None
        self._busy.stop()
        if self.outcome is not None:
            self._show(None)
            self.checked.emit(None)

    def add_beside(self, button: QWidget) -> None:
        """Put another button beside the one that checks."""
        self._line.insertWidget(1, button)

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._asked is not None

    def _on_outcome(self, outcome: Outcome) -> None:
        self._asked = None
        self._busy.stop()
        self._show(outcome)
        announce(self.button, f"{outcome.title} {outcome.hint}")
        self.checked.emit(outcome)

    def _show(self, outcome: Outcome | None) -> None:
        self.outcome = outcome
        for widget in (self._light, self._title):
            widget.setVisible(outcome is not None)
        self._hint.setVisible(outcome is not None and bool(outcome.hint))
        said = ""
        if outcome is not None:
            word = verdict_word(outcome.verdict)
            self._light.set_word(word)
            self._title.setText(outcome.title)
            self._hint.setText(outcome.hint)
            said = f"{word.text}: {outcome.title} {outcome.hint}"
        self.button.setAccessibleDescription(said)

    def _arrange(self) -> None:
        line = self._line
        line.setSpacing(8)
        line.addWidget(self.button)
        line.addWidget(self._busy)
        line.addStretch(1)
        found = QHBoxLayout()
        found.setSpacing(8)
        found.addWidget(self._light, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setContentsMargins(0, RISE, 0, 0)
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._hint)
        found.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(line)
        column.addLayout(found)


async def _answered(check: Callable[[], Awaitable[Outcome]]) -> Outcome:
    """The outcome; also of a check that breaks, for the row must not wait for ever."""
    try:
        return await check()
    except GladlySourceError as exc:
        return Findings("check").failed(exc)
    except Exception as exc:  # noqa: BLE001 - logged without what it says: it may be typed
        log_mistake(log, "a check of set-up failed", exc)
        return Findings("check").fail(
            "broken",
            QCoreApplication.translate("CheckRow", "The check could not be finished."),
            QCoreApplication.translate("CheckRow", "Look at what is entered, then check again."),
        )
