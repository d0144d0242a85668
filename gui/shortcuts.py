"""The list of keyboard shortcuts, made from the actions that really are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui.widgets.buttons import make_button
from gui.widgets.labels import Heading, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gui.look import Look

Rows = list[tuple[str, str]]


class ShortcutsDialog(QDialog):
    """Shows what the keys do.

    Args:
        look: Fonts.
        groups: A title and the rows (what, keys) below it.
    """

    def __init__(
        self, look: Look, groups: Iterable[tuple[str, Rows]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.setObjectName("shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        inner = QWidget(self)
        inner.setProperty("plain", True)  # noqa: FBT003 - Qt's signature
        grid = QGridLayout(inner)
        grid.setContentsMargins(16, 16, 16, 16)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        for title, rows in groups:
            self._add_group(look, grid, title, rows)
        grid.setRowStretch(grid.rowCount(), 1)
        area = QScrollArea(self)
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setAccessibleName(self.windowTitle())
        close = make_button(look, self.tr("&Close"), kind="primary", parent=self)
        close.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 16)
        column.addWidget(area, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 0, 16, 0)
        foot.addStretch(1)
        foot.addWidget(close)
        column.addLayout(foot)
        em = self.fontMetrics().height()
        self.resize(26 * em, 36 * em)

    def _add_group(self, look: Look, grid: QGridLayout, title: str, rows: Rows) -> None:
        line = grid.rowCount()
        heading = Heading(look, title, 3, self)
        heading.setContentsMargins(0, 8 if line > 1 else 0, 0, 0)
        grid.addWidget(heading, line, 0, 1, 2)
        for what, keys in rows:
            line += 1
            label = Text(what, parent=self)
            key_label = QLabel(keys, self)
            key_label.setFont(look.mono())
            key_label.setAccessibleName(f"{what}: {keys}")
            grid.addWidget(label, line, 0)
            grid.addWidget(key_label, line, 1, Qt.AlignmentFlag.AlignRight)


def rows_of(actions: Sequence[QAction | QShortcut]) -> Rows:
    """What and keys of all that have both; a QShortcut says what in its `whatsThis`."""
    rows: Rows = []
    for one in actions:
        if isinstance(one, QAction):
            what, keys = one.text(), one.shortcuts()
        else:
            what, keys = one.whatsThis(), one.keys()
        what = what.replace("&", "").split("\t")[0].rstrip("…")
        native = QKeySequence.SequenceFormat.NativeText
        said = " / ".join(key.toString(native) for key in keys[:2] if not key.isEmpty())
        if what and said:
            rows.append((what, said))
    return rows


def rows_in(page: QWidget) -> Rows:
    """The keys that a page brings along."""
    actions = [one for one in page.findChildren(QAction) if one.shortcuts()]
    rows = rows_of([*actions, *page.findChildren(QShortcut)])
    return list(dict.fromkeys(rows))
