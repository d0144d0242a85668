"""What happens to each property: sent, sent as a hash, or left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gui.look import Look

SEND, HASH, DROP = "send", "hash", "drop"


class PrivacyList(QWidget):
    """One row per property of the naming profile.

    Args:
        look: Fonts.

    Signals:
        changed: A property is treated in another way now.
    """

    changed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._treated: dict[str, str] = {}
        self._boxes: dict[str, QComboBox] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)

    def set_treated(self, drop: Iterable[str], hashed: Iterable[str]) -> None:
        """What is left out, and what is hashed; by our names or the profile's."""
        self._treated = {**dict.fromkeys(hashed, HASH), **dict.fromkeys(drop, DROP)}
        for box in self._boxes.values():
            self._choose(box)

    def set_properties(self, names: Mapping[str, str]) -> None:
        """The properties there are: our name, and the one that Segment gets."""
        for name, out in names.items():
            if out in self._treated:
                self._treated[name] = self._treated.pop(out)
        if list(names.items()) == [(box.objectName(), box.accessibleName()) for box in self._all()]:
            return
        self._clear()
        for row, (name, out) in enumerate(names.items()):
            self._add(row, name, out)

    def drop(self) -> tuple[str, ...]:
        """The properties of this profile that are left out."""
        return self._with(DROP)

    def hashed(self) -> tuple[str, ...]:
        """The properties of this profile that are hashed."""
        return self._with(HASH)

    def box(self, name: str) -> QComboBox:
        """The box of one property."""
        return self._boxes[name]

    def boxes(self) -> tuple[QComboBox, ...]:
        """All boxes, from top to bottom."""
        return tuple(self._boxes.values())

    @property
    def ready(self) -> bool:
        """Whether the properties are known."""
        return bool(self._boxes)

    def _all(self) -> list[QComboBox]:
        return list(self._boxes.values())

    def _with(self, way: str) -> tuple[str, ...]:
        return tuple(name for name, box in self._boxes.items() if box.currentData() == way)

    def _add(self, row: int, name: str, out: str) -> None:
        box = QComboBox()
        box.setObjectName(name)
        box.setAccessibleName(out)
        box.addItem(self.tr("Send"), SEND)
        box.addItem(self.tr("Send as SHA-256"), HASH)
        box.addItem(self.tr("Leave out"), DROP)
        self._choose(box)
        label = QLabel(out)
        label.setFont(self._look.mono())
        label.setBuddy(box)
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(box, row, 1)
        self._boxes[name] = box
        box.currentIndexChanged.connect(lambda: self._on_changed(name))

    def _choose(self, box: QComboBox) -> None:
        box.blockSignals(True)  # noqa: FBT003 - Qt's signature
        box.setCurrentIndex(max(0, box.findData(self._treated.get(box.objectName(), SEND))))
        box.blockSignals(False)  # noqa: FBT003 - Qt's signature

    def _clear(self) -> None:
        self._boxes.clear()
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _on_changed(self, name: str) -> None:
        self._treated[name] = self._boxes[name].currentData()
        self.changed.emit()
