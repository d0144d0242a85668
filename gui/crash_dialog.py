"""Tells of a mistake of ours, with a report to copy; the program goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout

from gui.front import bring_up
from gui.widgets.buttons import make_button
from gui.widgets.copy import CopyButton
from gui.widgets.labels import Heading, IconLabel, Text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from gui.crash import Report
    from gui.look import Look


class CrashDialog(QDialog):
    """One window for all mistakes of a run; it never blocks the others.

    Signals:
        quit_wanted: A person would rather end the program.

    Args:
        look: Colours and icons.
    """

    quit_wanted = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something went wrong"))
        self.setObjectName("crash")
        self.setModal(False)
        self._reports: dict[str, Report] = {}
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self.tr("Report"))
        self.text.setFont(look.mono())
        self.text.setProperty("calm", True)  # noqa: FBT003 - Qt's signature
        self.copy_button = CopyButton(look, self.report, self.tr("&Copy the report"), self)
        self.quit_button = make_button(look, self.tr("&Quit"), icon="quit", parent=self)
        self.go_on_button = make_button(look, self.tr("&Go on"), kind="primary", parent=self)
        self.go_on_button.setDefault(True)
        self._lay_out(look)
        self.go_on_button.clicked.connect(self.accept)
        self.quit_button.clicked.connect(self._on_quit)

    def report(self) -> str:
        """All that happened, as it is copied."""
        parts = []
        for one in self._reports.values():
            times = self.tr("(happened {0} times)").format(one.times) if one.times > 1 else ""
            parts.append(f"{one.text}\n{times}".rstrip())
        return ("\n\n" + "-" * 40 + "\n\n").join(parts)

    def add(self, report: Report) -> None:
        """Show one more, or the same again; what was dismissed does not come back for that."""
        again = report.key in self._reports
        self._reports[report.key] = report
        bar = self.text.verticalScrollBar()
        place = bar.value()
        self.text.setPlainText(self.report())
        bar.setValue(place)
        if not again:
            bring_up(self)

    def _lay_out(self, look: Look) -> None:
        words = QVBoxLayout()
        words.setSpacing(6)
        title = self.tr("Something went wrong inside Gladly Source")
        words.addWidget(Heading(look, title, 2, self))
        said = self.tr(
            "This is a mistake of ours. The program goes on as well as it can; events that were "
            "received are safe on disk. The report below holds no secrets and no personal data. "
            "Copy it into a bug report to help us mend it."
        )
        words.addWidget(Text(said, parent=self))
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(IconLabel(look, "bug", "bad", 2.0, self), 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy_button)
        buttons.addStretch(1)
        buttons.addWidget(self.quit_button)
        buttons.addWidget(self.go_on_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.text, 1)
        column.addLayout(buttons)
        em = self.fontMetrics().height()
        self.resize(40 * em, 26 * em)

    def _on_quit(self) -> None:
        self.accept()
        self.quit_wanted.emit()
