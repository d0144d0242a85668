"""The list of pages at the left of the window, with icons and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from gui.words import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from gui.look import Look

KEY = int(Qt.ItemDataRole.UserRole)
ICON = KEY + 1
BADGE = KEY + 2

SIDE = 10
GAP = 10
RISE = 8
RADIUS = 7.0
#: the widest count that gets room
WIDEST = 9_999


class Navigation(QListWidget):
    """One row per page; the current one is the page that is shown.

    Args:
        look: Colours and icons.
        pages: Key, icon by meaning, title and shortcut of each.

    Signals:
        chosen: The key of the page a person wants.
    """

    chosen = QtSignal(str)

    def __init__(
        self,
        look: Look,
        pages: Sequence[tuple[str, str, str, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self.setAccessibleName(self.tr("Pages"))
        self.setItemDelegate(_RowDelegate(look, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListWidget { background: transparent; border: none; padding: 8px 0; }")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self._compact = False
        self._rows: dict[str, QListWidgetItem] = {}
        for key, icon, title, shortcut in pages:
            item = QListWidgetItem(title, self)
            item.setData(KEY, key)
            item.setData(ICON, icon)
            item.setToolTip(f"{title} ({shortcut})")
            self._rows[key] = item
            self.set_badge(key, 0)
        self.currentItemChanged.connect(self._on_current)
        look.changed.connect(self.viewport().update)

    def show_page(self, key: str) -> None:
        """Mark the page that is shown."""
        self.setCurrentItem(self._rows[key])

    def set_badge(self, key: str, count: int, meaning: str = "") -> None:
        """Show a count beside a page; 0 shows none.

        Args:
            key: The page.
            count: How many.
            meaning: What is counted, for readers.
        """
        item = self._rows[key]
        text = number(count) if count else ""
        item.setData(BADGE, text)
        if self._compact:
            self.updateGeometry()
        spoken = f"{item.text()}, {text} {meaning}".strip() if text else item.text()
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)

    def badge(self, key: str) -> str:
        """The count beside a page, as it is shown."""
        return str(self._rows[key].data(BADGE))

    @property
    def compact(self) -> bool:
        """Whether only icons and counts are shown."""
        return self._compact

    def set_compact(self, *, compact: bool) -> None:
        """Leave the titles to the tooltips, where the page needs the room."""
        if compact != self._compact:
            self._compact = compact
            self.updateGeometry()
            self.viewport().update()

    def sizeHint(self) -> QSize:
        """As wide as the widest page with a count."""
        return QSize(self._width(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """All rows are never cut off at the side; downwards there is a scroll bar."""
        return QSize(self._width(), super().minimumSizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Make room for another font."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self.scheduleDelayedItemsLayout()
            self.updateGeometry()

    def _width(self) -> int:
        bold = QFontMetrics(_bold(self.font()))
        text = max((bold.horizontalAdvance(item.text()) for item in self._rows.values()), default=0)
        badge = _badge_width(QFontMetrics(self.font()), number(WIDEST))
        margins = self.contentsMargins()
        if self._compact:
            counts = [
                _badge_width(QFontMetrics(self.font()), self.badge(key))
                for key in self._rows
                if self.badge(key)
            ]
            inner = SIDE + self._look.icon_size() + SIDE + max((0, *(GAP + one for one in counts)))
        else:
            inner = SIDE + self._look.icon_size() + GAP + text + GAP + badge + SIDE
        return inner + margins.left() + margins.right() + 2 * SIDE

    def _on_current(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(KEY))


class _RowDelegate(QStyledItemDelegate):
    """Paints one row: a soft ground where it is current, icon, title, count."""

    def __init__(self, look: Look, navigation: Navigation) -> None:
        super().__init__(navigation)
        self._look, self._navigation = look, navigation

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """A comfortable line."""
        del index
        metrics: QFontMetrics = option.fontMetrics
        return QSize(0, max(metrics.height(), self._look.icon_size()) + 2 * RISE + 2)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the row."""
        look, font = self._look, QFont(option.font)
        rect: QRect = option.rect.adjusted(SIDE, 1, -SIDE, -1)
        state: QStyle.StateFlag = option.state
        current = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_ground(painter, QRectF(rect), state, current=current)
        size = look.icon_size()
        icon = QRect(rect.left() + SIDE, rect.center().y() - size // 2 + 1, size, size)
        look.icon(index.data(ICON), "accent" if current else "muted").paint(painter, icon)
        right = self._draw_badge(painter, rect, font, index.data(BADGE))
        if self._navigation.compact:
            painter.restore()
            return
        text = QRect(icon.right() + GAP, rect.top(), 0, rect.height())
        text.setRight(right - GAP)
        painter.setFont(_bold(font) if current else font)
        painter.setPen(look.colour("text"))
        shown = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, text.width()
        )
        painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), shown)
        painter.restore()

    def _draw_ground(
        self, painter: QPainter, rect: QRectF, state: QStyle.StateFlag, *, current: bool
    ) -> None:
        look = self._look
        painter.setPen(Qt.PenStyle.NoPen)
        if current:
            painter.setBrush(look.colour("selection"))
            painter.drawRoundedRect(rect, RADIUS, RADIUS)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(look.colour("hover"))
            painter.drawRoundedRect(rect, RADIUS, RADIUS)
        if current and state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(look.colour("accent"))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)

    def _draw_badge(self, painter: QPainter, rect: QRect, font: QFont, text: str) -> int:
        """Draw the count; where the room left of it ends."""
        if not text:
            return rect.right() - SIDE
        metrics = QFontMetrics(font)
        width, height = _badge_width(metrics, text), metrics.height() + 2
        pill = QRect(0, 0, width, height)
        pill.moveCenter(rect.center())
        pill.moveRight(rect.right() - SIDE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.colour("bad_soft"))
        painter.drawRoundedRect(QRectF(pill), height / 2, height / 2)
        painter.setFont(font)
        painter.setPen(self._look.colour("bad"))
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), text)
        return pill.left()


def _bold(font: QFont) -> QFont:
    copy = QFont(font)
    copy.setWeight(QFont.Weight.DemiBold)
    return copy


def _badge_width(metrics: QFontMetrics, text: str) -> int:
    return max(metrics.height() + 2, metrics.horizontalAdvance(text) + metrics.height())
