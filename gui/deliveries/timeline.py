"""Draws what became of a delivery as a line of steps, each with its time and the gap before it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from core.sentences import duration
from gui import words
from gui.widgets.breaks import breakable
from gui.widgets.labels import IconLabel, set_tone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from gui.deliveries.story import Step
    from gui.look import Look

#: seconds; shorter gaps are of no interest
SHORTEST_GAP = 0.05
GAP = 3
TOP = Qt.AlignmentFlag.AlignTop
RIGHT = Qt.AlignmentFlag.AlignRight | TOP


class Timeline(QWidget):
    """Steps from top to bottom; a dotted line leads to those that are yet to come.

    Args:
        look: Colours and icons.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._steps: tuple[Step, ...] = ()
        self._icons: list[IconLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Timeline"))
        look.changed.connect(self._rebuild)

    def set_steps(self, steps: Sequence[Step]) -> None:
        """Show these; nothing moves where they are the same."""
        if tuple(steps) != self._steps:
            self._steps = tuple(steps)
            self._rebuild()

    def texts(self) -> list[str]:
        """What the steps say, as they stand there."""
        return [f"{step.title} {step.note}".strip() for step in self._steps]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line between the icons."""
        super().paintEvent(event)
        with QPainter(self) as painter:
            for step, above, below in zip(
                self._steps[1:], self._icons, self._icons[1:], strict=False
            ):
                pen = QPen(self._look.colour("line"), 2)
                pen.setStyle(Qt.PenStyle.DotLine if step.ahead else Qt.PenStyle.SolidLine)
                painter.setPen(pen)
                x = above.geometry().center().x()
                painter.drawLine(
                    x, above.geometry().bottom() + GAP, x, below.geometry().top() - GAP
                )

    def _rebuild(self) -> None:
        self._icons.clear()
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for number, step in enumerate(self._steps):
            icon = IconLabel(self._look, step.icon, step.tone, parent=self)
            self._icons.append(icon)
            self._grid.addWidget(icon, number, 0, TOP | Qt.AlignmentFlag.AlignHCenter)
            self._grid.addWidget(self._text(step), number, 1)
            self._grid.addWidget(self._gap(step), number, 2, RIGHT)
            self._grid.addWidget(self._time(step), number, 3, RIGHT)
        for child in self.findChildren(QLabel):
            if self._grid.indexOf(child) >= 0:
                child.show()  # at once: the layout is asked for its height now
        self.updateGeometry()
        self.update()

    def _text(self, step: Step) -> QLabel:
        muted = self._look.colour("muted").name()
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setText(
            f'<span style="font-weight:600">{html.escape(step.title)}</span>'
            f'&ensp;<span style="color:{muted}">{html.escape(breakable(step.note))}</span>'
        )
        label.setAccessibleName(f"{step.title}. {step.note}")
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setWordWrap(True)
        return label

    def _gap(self, step: Step) -> QLabel:
        label = QLabel(self)
        set_tone(label, "muted")
        if step.gap is not None and step.gap >= SHORTEST_GAP:
            label.setText(f"+{duration(step.gap)}")
            label.setToolTip(self.tr("Since the step before"))
        return label

    def _time(self, step: Step) -> QLabel:
        label = QLabel(self)
        if step.at is not None:
            label.setText(words.when(step.at))
            label.setToolTip(words.utc(step.at))
        return label
