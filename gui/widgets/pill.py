"""A status as icon and word on a soft ground: in cells of a table, and as a label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from gui.words import Word

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QWidget

    from gui.look import Look

#: a model's data under this role is a `Word` or None; DisplayRole has its text for readers
WordRole = int(Qt.ItemDataRole.UserRole) + 1
#: logical pixels
RADIUS = 5.0
GAP = 5
SIDE = 7
CELL_SIDE = 4
RISE = 2
#: widths are rounded: without this, words that fit would be shortened
SLACK = 2
KEPT = 256

Index = QModelIndex | QPersistentModelIndex


class PillPainter:
    """Draws pills; each is painted once per font, width and screen, then kept as a picture.

    Args:
        look: Colours and icons.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._kept: dict[tuple[object, ...], QPixmap] = {}

    def forget(self) -> None:
        """Draw anew: the colours changed."""
        self._kept.clear()

    def size(self, word: Word, font: QFont) -> QSize:
        """The room for the whole word."""
        metrics = QFontMetrics(font)
        icon = _icon_size(metrics)
        width = SIDE + icon + GAP + metrics.horizontalAdvance(word.text) + SLACK + SIDE
        return QSize(width, metrics.height() + 2 * RISE)

    def paint(
        self, painter: QPainter, rect: QRect, word: Word, font: QFont, *, selected: bool = False
    ) -> None:
        """Draw a pill at the left of `rect`, centred in its height."""
        wanted = self.size(word, font)
        size = QSize(min(wanted.width(), rect.width()), min(wanted.height(), rect.height()))
        if size.width() <= 0 or size.height() <= 0:
            return
        ratio = painter.device().devicePixelRatio()
        key = (word, size.width(), size.height(), font.key(), selected, self._look.dark, ratio)
        picture = self._kept.get(key)
        if picture is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            picture = self._kept[key] = self._draw(word, size, font, ratio, selected=selected)
        painter.drawPixmap(rect.x(), rect.y() + (rect.height() - size.height()) // 2, picture)

    def _draw(
        self, word: Word, size: QSize, font: QFont, ratio: float, *, selected: bool
    ) -> QPixmap:
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        metrics = QFontMetrics(font)
        icon = _icon_size(metrics)
        # all that may fail comes first: an error while a painter is at work would crash Qt
        ground = self._look.colour("base" if selected else f"{word.tone}_soft")
        ink = self._look.colour(word.tone)
        glyph = self._look.pixmap(word.icon, icon, word.tone, ratio)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(0, 0, size.width(), size.height()), RADIUS, RADIUS)
        painter.drawPixmap(SIDE, (size.height() - icon) // 2, glyph)
        painter.setFont(font)
        painter.setPen(ink)
        left = SIDE + icon + GAP
        room = max(0, size.width() - left - SIDE + SLACK)
        text = metrics.elidedText(word.text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(
            QRect(left, 0, size.width() - left, size.height()),
            int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft),
            text,
        )
        painter.end()
        return picture


class StatusDelegate(QStyledItemDelegate):
    """Paints the `Word` a model gives under `WordRole`; without one, the cell as usual.

    Args:
        look: Colours and icons.
    """

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pills = PillPainter(look)
        look.changed.connect(self._on_look)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the cell's ground as the style does, and the pill on it."""
        word = as_word(index.data(WordRole))
        if word is None:
            super().paint(painter, option, index)
            return
        cell = QStyleOptionViewItem(option)
        self.initStyleOption(cell, index)
        cell.text = ""
        widget: QWidget | None = cell.widget
        style = widget.style() if widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, cell, painter, widget)
        rect: QRect = cell.rect
        state: QStyle.StateFlag = cell.state
        self._pills.paint(
            painter,
            rect.adjusted(CELL_SIDE, 0, -CELL_SIDE, 0),
            word,
            cell.font,
            selected=bool(state & QStyle.StateFlag.State_Selected),
        )

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for the whole pill."""
        word = as_word(index.data(WordRole))
        if word is None:
            return super().sizeHint(option, index)
        pill = self._pills.size(word, option.font)
        return QSize(pill.width() + 2 * CELL_SIDE, pill.height() + 2 * RISE)

    def _on_look(self) -> None:
        self._pills.forget()


class StatusLabel(QLabel):
    """A status pill as a label; its text is the word.

    Args:
        look: Colours and icons.
        word: What to show at first; None shows nothing.
    """

    def __init__(self, look: Look, word: Word | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pills = PillPainter(look)
        self._word: Word | None = None
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        look.changed.connect(self._on_look)
        self.set_word(word)

    def word(self) -> Word | None:
        """What is shown."""
        return self._word

    def set_word(self, word: Word | None) -> None:
        """Show this status; None shows nothing."""
        if word == self._word:
            return
        self._word = word
        self.setText(word.text if word is not None else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the whole pill."""
        return self._pills.size(self._word, self.font()) if self._word is not None else QSize(0, 0)

    def minimumSizeHint(self) -> QSize:
        """Room for the icon and a few letters."""
        hint = self.sizeHint()
        return QSize(min(hint.width(), 4 * hint.height()), hint.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the pill."""
        if self._word is not None:
            self._pills.paint(QPainter(self), self.rect(), self._word, self.font())

    def _on_look(self) -> None:
        self._pills.forget()
        self.update()


def as_word(value: Any) -> Word | None:  # noqa: ANN401 - whatever a model gives
    """A `Word` out of a model: Qt hands tuples of text back as lists."""
    if not value:
        return None
    return value if isinstance(value, Word) else Word(*value)


def _icon_size(metrics: QFontMetrics) -> int:
    return max(12, round(metrics.ascent() * 1.15))
