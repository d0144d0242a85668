"""Fields of the form that offer templates and take own values: one id, or several topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolButton,
    QWidget,
)

from gui.widgets.buttons import follow_icon

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from core.sender.people import Named
    from gui.look import Look

#: letters that a list shows at least
LETTERS = 9
#: logical pixels that a style keeps around the text of a list
ROOM = 2
#: as long as one of Gladly's, and letters that a field keeps around it
AN_ID = "mJx3kT8lQ2aPz0Vb7RcYwA"
AROUND = 4


class ElidedCombo(QComboBox):
    """A list whose choice is shortened with dots where there is no room."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw as the style does, with a text that fits."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            self,
        )
        room = field.width() - 2 * ROOM
        option.currentText = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, room
        )
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


class Picker(QWidget):
    """A list of templates, and beside it the id, which may be any.

    Signals:
        edited: The id that a person chose or wrote.

    Args:
        name: What is picked, for readers.
        id_name: What the id is, for readers.
    """

    edited = Signal(str)

    def __init__(self, name: str, id_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = ElidedCombo(self)
        self.list.setAccessibleName(name)
        self.list.setMinimumContentsLength(LETTERS)
        self.list.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.id = QLineEdit(self)
        self.id.setAccessibleName(id_name)
        self.id.setPlaceholderText(id_name)
        row = self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.list, 1)
        row.addWidget(self.id, 1)
        self.setFocusProxy(self.list)
        self.list.activated.connect(self._on_activated)
        self.id.textEdited.connect(self.edited)

    def set_choices(self, choices: Iterable[tuple[str, str]]) -> None:
        """Offer these names with their ids; the last one is for own values."""
        self.list.clear()
        for name, one in choices:
            self.list.addItem(name, one)
            self.list.setItemData(self.list.count() - 1, one, Qt.ItemDataRole.ToolTipRole)
        self.list.addItem(self.tr("Own value"), None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the id below the list where it could not be seen whole beside it."""
        super().resizeEvent(event)
        metrics = self.id.fontMetrics()
        wanted = metrics.horizontalAdvance(AN_ID) + AROUND * metrics.averageCharWidth()
        beside = self.width() >= 2 * wanted + self._row.spacing()
        direction = QBoxLayout.Direction
        self._row.setDirection(direction.LeftToRight if beside else direction.TopToBottom)

    def show_id(self, one: str) -> None:
        """Show this id, and whose it is."""
        found = self.list.findData(one)
        self.list.setCurrentIndex(found if found >= 0 else self.list.count() - 1)
        if one != self.id.text().strip():
            self.id.setText(one)
            self.id.setCursorPosition(0)
        self.id.setToolTip(one)
        self.list.setToolTip(self.list.currentText())

    def _on_activated(self, row: int) -> None:
        one = self.list.itemData(row)
        if one is None:
            self.id.setFocus()
            self.id.selectAll()
        else:
            self.edited.emit(one)


class TopicsField(QWidget):
    """Topics, one after the other with commas between, and a menu of templates.

    Signals:
        edited: The topics that a person chose or wrote.

    Args:
        look: Icons.
    """

    edited = Signal(tuple)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit(self)
        self.line.setAccessibleName(self.tr("Topics, with commas between"))
        self.button = QToolButton(self)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.setAccessibleName(self.tr("Choose topics"))
        self.button.setToolTip(self.tr("Choose topics"))
        follow_icon(look, self.button, "topic", "muted")
        self.menu = QMenu(self.button)
        self.button.setMenu(self.menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.line, 1)
        row.addWidget(self.button)
        self.setFocusProxy(self.line)
        self.line.textEdited.connect(self._on_edited)

    def topics(self) -> tuple[str, ...]:
        """What is written, one by one."""
        return tuple(one.strip() for one in self.line.text().split(",") if one.strip())

    def set_choices(self, topics: Sequence[Named]) -> None:
        """Offer these topics."""
        self.menu.clear()
        for topic in topics:
            action = self.menu.addAction(topic.name)
            action.setCheckable(True)
            action.setToolTip(topic.id)
            action.triggered.connect(
                lambda checked, name=topic.name: self._on_chosen(name, checked)
            )
        self.button.setEnabled(bool(topics))

    def show_topics(self, topics: Sequence[str]) -> None:
        """Show these."""
        if tuple(topics) != self.topics():
            self.line.setText(", ".join(topics))
            self.line.setCursorPosition(0)
        self.line.setToolTip(self.line.text())
        chosen = {one.casefold() for one in topics}
        for action in self.menu.actions():
            action.setChecked(action.text().casefold() in chosen)

    def _on_edited(self, _: str) -> None:
        self.edited.emit(self.topics())

    def _on_chosen(self, name: str, checked: bool) -> None:  # noqa: FBT001 - a slot
        others = [one for one in self.topics() if one.casefold() != name.casefold()]
        self.edited.emit((*others, name) if checked else tuple(others))
