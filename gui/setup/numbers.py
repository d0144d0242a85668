"""A number with its unit, for settings that are numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtWidgets import QDoubleSpinBox, QSizePolicy, QSpinBox

from gui.widgets.fields import dress_spin

if TYPE_CHECKING:
    from collections.abc import Callable


class Number(NamedTuple):
    """One setting that is a number.

    `key` is the setting; `decimals` 0 means a whole number.
    """

    key: str
    label: str
    help: str
    low: float
    high: float
    unit: str = ""
    decimals: int = 0


class PlainSpin(QDoubleSpinBox):
    """A number that shows its decimals only where it has some."""

    def textFromValue(self, value: float) -> str:
        """`7` rather than `7.0`."""
        digits = 0 if value == round(value) else self.decimals()
        return self.locale().toString(value, "f", digits)


def make_spin(number: Number, changed: Callable[[], None]) -> QSpinBox | QDoubleSpinBox:
    """A spin box for this number; `changed` is called with every other value."""
    spin: QSpinBox | QDoubleSpinBox
    if number.decimals:
        spin = PlainSpin()
        spin.setDecimals(number.decimals)
        spin.setRange(number.low, number.high)
    else:
        spin = QSpinBox()
        spin.setRange(int(number.low), int(number.high))
    spin.setSuffix(f" {number.unit}" if number.unit else "")
    spin.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    dress_spin(spin)
    spin.valueChanged.connect(changed)
    return spin
