"""Saved filters: a name for a text and a time range; a menu to choose, save and delete them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QVBoxLayout,
)

from gui.deliveries.mentions import labelled, mentions
from gui.widgets.buttons import follow_icon

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from gui.deliveries.mentions import Person
    from gui.look import Look
    from gui.memory import Memory

KEY = "events.saved"
MOST = 50
LONGEST = 60


class Saved(msgspec.Struct, frozen=True):
    """A filter with its name; `hours` back in time, 0 for all."""

    name: str
    text: str
    hours: int = 0


class SavedFilters(QPushButton):
    """A button with a menu of saved filters.

    Signals:
        chosen: A Saved was chosen.

    Args:
        look: Icons.
        memory: Where they are kept.
    """

    chosen = Signal(object)

    def __init__(self, look: Look, memory: Memory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._memory = memory
        self._current = Saved(name="", text="")
        self._dialog: NameDialog | None = None
        self.setText(self.tr("Saved"))
        self.setToolTip(self.tr("Saved filters"))
        self.setAccessibleName(self.tr("Saved filters"))
        self.setAutoDefault(False)
        follow_icon(look, self, "saved")
        menu = QMenu(self)
        menu.aboutToShow.connect(self._on_about_to_show)
        self.setMenu(menu)

    def all(self) -> list[Saved]:
        """The saved filters by name."""
        return _read(self._memory.get(KEY))

    def set_current(self, text: str, hours: int) -> None:
        """What would be saved now."""
        self._current = Saved(name="", text=text, hours=hours)

    def save(self, name: str) -> None:
        """Keep the current filter under a name; an older one of that name is replaced."""
        name = " ".join(name.split())[:LONGEST]
        if name:
            others = [one for one in self.all() if one.name != name]
            kept = msgspec.structs.replace(self._current, name=name)
            self._write([*others, kept][-MOST:])

    def delete(self, name: str) -> None:
        """Forget the filter of this name."""
        self._write([one for one in self.all() if one.name != name])

    def ask_name(self) -> NameDialog:
        """Ask under which name to save; returns at once."""
        self._dialog = NameDialog(self, {one.name for one in self.all()})
        self._dialog.named.connect(self.save)
        self._dialog.open()
        return self._dialog

    def _write(self, filters: list[Saved]) -> None:
        ordered = sorted(filters, key=lambda one: one.name.casefold())
        self._memory.set(KEY, msgspec.to_builtins(ordered))

    @Slot()
    def _on_about_to_show(self) -> None:
        menu = self.menu()
        menu.clear()
        saved = self.all()
        for one in saved:
            action = menu.addAction(_shown(one.name))
            action.setData(one)
            action.setToolTip(one.text)
            action.triggered.connect(self._on_chosen)
        if saved:
            menu.addSeparator()
        else:
            menu.addAction(self.tr("None saved yet")).setEnabled(False)
        keep = menu.addAction(self.tr("&Save this filter…"), self.ask_name)
        keep.setEnabled(bool(self._current.text or self._current.hours))
        if saved:
            away = menu.addMenu(self.tr("&Delete"))
            for one in saved:
                action = away.addAction(_shown(one.name))
                action.setData(one)
                action.triggered.connect(self._on_delete)

    @Slot()
    def _on_chosen(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.chosen.emit(action.data())

    @Slot()
    def _on_delete(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.delete(action.data().name)


class NameDialog(QDialog):
    """Asks for the name of a filter.

    Signals:
        named: The name.
    """

    named = Signal(str)

    def __init__(self, parent: QWidget, known: set[str]) -> None:
        super().__init__(parent)
        self._known = known
        self.setWindowTitle(self.tr("Save filter"))
        label = QLabel(self.tr("&Name of the filter"), self)
        self.edit = QLineEdit(self)
        self.edit.setMaxLength(LONGEST)
        label.setBuddy(self.edit)
        self.note = QLabel(self)
        self.note.setProperty("tone", "muted")
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel, self
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        for widget in (label, self.edit, self.note, self.buttons):
            column.addWidget(widget)
        self.edit.textChanged.connect(self._on_text)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        self._on_text("")

    def _on_text(self, text: str) -> None:
        save = self.buttons.button(QDialogButtonBox.StandardButton.Save)
        save.setEnabled(bool(text.strip()))
        known = " ".join(text.split()) in self._known
        self.note.setText(self.tr("Replaces the filter of that name.") if known else "")

    def _on_accepted(self) -> None:
        self.named.emit(self.edit.text())
        self.accept()


def naming(memory: Memory, person: Person) -> list[str]:
    """The names of the saved filters that name a person."""
    return [one.name for one in _read(memory.get(KEY)) if _names(one, person)]


def forget(memory: Memory, person: Person) -> None:
    """Remove the saved filters that name a person, from the file, too."""
    saved = _read(memory.get(KEY))
    kept = [one for one in saved if not _names(one, person)]
    if kept != saved:
        memory.set(KEY, msgspec.to_builtins(kept))
        memory.flush()


def _names(saved: Saved, person: Person) -> bool:
    return mentions(person, saved.text) or labelled(person, saved.name)


def _shown(name: str) -> str:
    """A name as a menu shows it: no mnemonics."""
    return name.replace("&", "&&")


def _read(value: Any) -> list[Saved]:  # noqa: ANN401 - whatever stands in the file
    try:
        return msgspec.convert(value or [], list[Saved])
    except msgspec.ValidationError:
        return []
