"""One of a few, as radio buttons: in a row, or each on its line with a sentence about it."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from gui.widgets.flow import FlowLayout
from gui.widgets.labels import Text

INDENT_EM = 1.6


class Option(NamedTuple):
    """One answer; the help stands below it."""

    value: str
    text: str
    help: str = ""


class Choice(QWidget):
    """Radio buttons.

    Args:
        options: In order; the first is chosen to begin with.
        down: One below the other.

    Signals:
        changed: The value that is chosen now.
    """

    changed = Signal(str)

    def __init__(self, *options: Option, down: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QRadioButton] = {}
        layout: QVBoxLayout | FlowLayout = QVBoxLayout() if down else FlowLayout(gap=16)
        layout.setContentsMargins(0, 0, 0, 0)
        if down:
            layout.setSpacing(2)
        for option in options:
            button = QRadioButton(option.text, self)
            button.setAccessibleDescription(option.help)
            self._buttons[option.value] = button
            self._group.addButton(button)
            layout.addWidget(button)
            if option.help:
                self._add_help(layout, option.help)
        self.setLayout(layout)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_value(options[0].value)
        self._group.buttonToggled.connect(self._on_toggled)

    def value(self) -> str:
        """What is chosen."""
        return next(value for value, button in self._buttons.items() if button.isChecked())

    def set_value(self, value: str) -> None:
        """Choose; the keyboard comes to the chosen one."""
        button = self._buttons[value]
        button.setChecked(True)
        self.setFocusProxy(button)

    def button(self, value: str) -> QRadioButton:
        """The button of one answer."""
        return self._buttons[value]

    def _add_help(self, layout: QVBoxLayout | FlowLayout, text: str) -> None:
        label = Text(text, "muted")
        label.setIndent(round(INDENT_EM * self.fontMetrics().height()))
        layout.addWidget(label)

    def _on_toggled(self, button: QRadioButton, on: bool) -> None:  # noqa: FBT001 - a slot
        if on:
            self.setFocusProxy(button)
            self.changed.emit(self.value())
