"""JSON to read, with a search, and JSON to edit, with its problem underlined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QKeySequence,
    QShortcut,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from gui.widgets.find_bar import FindBar
from gui.widgets.json_text import JsonColours, pretty

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from gui.look import Look

MARGIN = 6


class _JsonArea(QPlainTextEdit):
    """A plain text area in the monospaced font with coloured JSON."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabChangesFocus(True)
        self.setProperty("calm", True)  # noqa: FBT003 - Qt's signature
        self.document().setDocumentMargin(MARGIN)
        self._colours = JsonColours(look, self.document())
        self._on_look()
        look.changed.connect(self._on_look)

    def set_wrapped(self, *, wrapped: bool) -> None:
        """Break long lines, or scroll them sideways."""
        mode = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(mode.WidgetWidth if wrapped else mode.NoWrap)

    def _on_look(self) -> None:
        self.setFont(self._look.mono())


class JsonView(QWidget):
    """JSON to read: coloured, selectable, with a search on Ctrl+F.

    Args:
        look: Colours and fonts.
        name: What this JSON is, for readers.
    """

    def __init__(self, look: Look, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.area = _JsonArea(look, self)
        self.area.setReadOnly(True)
        self.area.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.find_bar = FindBar(look, self)
        self.find_bar.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.area, 1)
        column.addWidget(self.find_bar)
        self.setFocusProxy(self.area)
        self._shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        self._shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._shortcut.activated.connect(self.open_find)
        self.find_bar.wanted.connect(self._on_find)
        self.find_bar.closed.connect(self._on_find_closed)
        self.setAccessibleName(name or self.tr("JSON"))

    def set_json(self, value: Any) -> None:  # noqa: ANN401 - any JSON
        """Show a value, or the JSON in bytes; None shows nothing. Keeps the place when the same."""
        text = pretty(value)
        if text != self.text():
            self.area.setPlainText(text)

    def text(self) -> str:
        """What is shown."""
        return self.area.toPlainText()

    def set_placeholder(self, text: str) -> None:
        """Say why there is nothing, while there is nothing."""
        self.area.setPlaceholderText(text)

    def set_wrapped(self, *, wrapped: bool) -> None:
        """Break long lines, or scroll them sideways."""
        self.area.set_wrapped(wrapped=wrapped)

    def open_find(self) -> None:
        """Show the search."""
        self.find_bar.open(self.area.textCursor().selectedText())

    def setAccessibleName(self, name: str) -> None:
        """Say what this JSON is."""
        super().setAccessibleName(name)
        self.area.setAccessibleName(name)

    def _on_find(self, text: str, back: bool) -> None:  # noqa: FBT001 - a slot
        flags = QTextDocument.FindFlag.FindBackward if back else QTextDocument.FindFlag(0)
        if not text:
            self.find_bar.tell(found=True)
            return
        found = self.area.find(text, flags)
        if not found:  # once around
            end = QTextCursor.MoveOperation.End if back else QTextCursor.MoveOperation.Start
            before = self.area.textCursor()
            self.area.moveCursor(end)
            found = self.area.find(text, flags)
            if not found:
                self.area.setTextCursor(before)
        self.find_bar.tell(found=found)

    def _on_find_closed(self) -> None:
        self.area.setFocus()


class JsonEdit(QWidget):
    """JSON to edit; a problem is underlined and told below.

    Signals:
        changed: The text, each time it changes.

    Args:
        look: Colours and fonts.
        name: What this JSON is, for readers.
    """

    changed = Signal(str)

    def __init__(self, look: Look, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._problem: tuple[int, str] | None = None
        self.area = _JsonArea(look, self)
        self.area.installEventFilter(self)
        self.problem_label = QLabel(self)
        self.problem_label.setTextFormat(Qt.TextFormat.PlainText)
        self.problem_label.setWordWrap(True)
        self.problem_label.setProperty("tone", "bad")
        self.problem_label.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.area, 1)
        column.addWidget(self.problem_label)
        self.setFocusProxy(self.area)
        self.setAccessibleName(name or self.tr("JSON"))
        self.area.textChanged.connect(self._on_text)
        look.changed.connect(self._underline)

    def text(self) -> str:
        """What is written."""
        return self.area.toPlainText()

    def set_text(self, text: str) -> None:
        """Write this text; a caret in it stays near its place."""
        if text == self.text():
            return
        place = self.area.textCursor().position()
        self.area.setPlainText(text)
        cursor = self.area.textCursor()
        cursor.setPosition(min(place, len(text)))
        self.area.setTextCursor(cursor)

    def set_json(self, value: Any) -> None:  # noqa: ANN401 - any JSON
        """Write a value, or the JSON in bytes, in readable lines."""
        self.set_text(pretty(value))

    def set_problem(self, line: int | None, text: str = "") -> None:
        """Underline a line (1 is the first) and say why; None or 0 and no text clears it."""
        self._problem = (line or 0, text) if (line or text) else None
        self.problem_label.setText(text)
        self.problem_label.setVisible(bool(text))
        self.area.setAccessibleDescription(text)
        self._underline()

    def set_placeholder(self, text: str) -> None:
        """Say what belongs here while there is nothing."""
        self.area.setPlaceholderText(text)

    def setAccessibleName(self, name: str) -> None:
        """Say what this JSON is."""
        super().setAccessibleName(name)
        self.area.setAccessibleName(name)

    def eventFilter(self, watched: Any, event: QEvent) -> bool:  # noqa: ANN401 - Qt
        """Begin a new line as deep as the one above."""
        if event.type() == QEvent.Type.KeyPress:
            key: QKeyEvent = event  # type: ignore[assignment]
            if key.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not key.modifiers():
                self._new_line()
                return True
        return super().eventFilter(watched, event)

    def _new_line(self) -> None:
        cursor = self.area.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        depth = len(before) - len(before.lstrip(" "))
        if before.rstrip().endswith(("{", "[")):
            depth += 2
        cursor.insertText("\n" + " " * depth)
        self.area.setTextCursor(cursor)
        self.area.ensureCursorVisible()

    def _on_text(self) -> None:
        self.changed.emit(self.text())

    def _underline(self) -> None:
        marks: list[QTextEdit.ExtraSelection] = []
        if self._problem is not None and self._problem[0] > 0:
            block = self.area.document().findBlockByNumber(self._problem[0] - 1)
            if block.isValid():
                marks.append(self._mark(QTextCursor(block), self._problem[1]))
        self.area.setExtraSelections(marks)

    def _mark(self, cursor: QTextCursor, text: str) -> QTextEdit.ExtraSelection:
        cursor.select(QTextCursor.SelectionType.LineUnderCursor)
        form = QTextCharFormat()
        form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        form.setUnderlineColor(self._look.colour("bad"))
        form.setBackground(self._look.colour("bad_soft"))
        form.setToolTip(text)
        mark = QTextEdit.ExtraSelection()
        mark.cursor, mark.format = cursor, form
        return mark
