"""Status pills in cells and as labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QTableView

from gui.palettes import DARK, LIGHT
from gui.widgets.pill import KEPT, PillPainter, StatusDelegate, StatusLabel, WordRole, as_word
from gui.words import Word, delivery_word

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

DEAD = delivery_word("dead")


def colours(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def canvas(width: int = 160, height: int = 30, ratio: float = 1.0) -> QImage:
    image = QImage(QSize(width, height) * ratio, QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("white"))
    return image


@pytest.fixture
def table(qtbot: QtBot, look: Look) -> QTableView:
    """One cell with a status, one without."""
    view = QTableView()
    qtbot.addWidget(view)
    model = QStandardItemModel(2, 1, view)
    cell = QStandardItem(DEAD.text)
    cell.setData(DEAD, WordRole)
    model.setItem(0, 0, cell)
    model.setItem(1, 0, QStandardItem("plain"))
    view.setModel(model)
    view.setItemDelegate(StatusDelegate(look, view))
    return view


def painted(table: QTableView, row: int, *, selected: bool = False) -> set[str]:
    image = canvas()
    painter = QPainter(image)
    option = QStyleOptionViewItem()
    option.initFrom(table)
    option.widget = table
    option.rect = QRect(0, 0, 160, 30)
    if selected:
        option.state |= QStyle.StateFlag.State_Selected
    table.itemDelegate().paint(painter, option, table.model().index(row, 0))
    painter.end()
    return colours(image)


def test_a_cell_shows_the_status_on_its_soft_ground(table: QTableView) -> None:
    assert {LIGHT["bad"], LIGHT["bad_soft"]} <= painted(table, 0)


def test_a_selected_cell_shows_it_on_a_ground_that_stands_out(table: QTableView) -> None:
    inks = painted(table, 0, selected=True)

    assert {LIGHT["bad"], LIGHT["base"], LIGHT["selection"]} <= inks
    assert LIGHT["bad_soft"] not in inks


def test_a_cell_without_a_status_is_painted_as_usual(table: QTableView) -> None:
    assert LIGHT["bad_soft"] not in painted(table, 1)


def test_cells_change_with_the_look(table: QTableView, look: Look) -> None:
    painted(table, 0)

    look.force("dark")

    assert {DARK["bad"], DARK["bad_soft"]} <= painted(table, 0)


def test_readers_are_told_the_word(table: QTableView) -> None:
    face = QAccessible.queryAccessibleInterface(table)
    names = [face.child(at).text(QAccessible.Text.Name) for at in range(face.childCount())]

    assert "Dead" in names


def test_a_cell_has_room_for_its_pill(table: QTableView) -> None:
    option = QStyleOptionViewItem()
    option.font = table.font()

    def hint(row: int) -> QSize:
        return table.itemDelegate().sizeHint(option, table.model().index(row, 0))

    assert hint(0).width() > table.fontMetrics().horizontalAdvance("Dead")
    assert hint(0).height() > table.fontMetrics().height()
    assert hint(1).isValid()


def test_a_picture_is_painted_once_and_kept(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    pills = PillPainter(look)
    image = canvas()
    painter = QPainter(image)
    font = painter.font()

    for _ in range(3):
        pills.paint(painter, QRect(0, 0, 160, 30), DEAD, font)
    painter.end()

    assert len(pills._kept) == 1


def test_no_more_pictures_are_kept_than_there_are_statuses_to_see(look: Look) -> None:
    pills = PillPainter(look)
    painter = QPainter(image := canvas())
    font = painter.font()

    for width in range(30, 30 + KEPT + 10):
        pills.paint(painter, QRect(0, 0, width, 30), Word("W" * 90, "ok", "good"), font)
    painter.end()

    assert len(pills._kept) <= KEPT
    assert not image.isNull()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_pictures_are_as_sharp_as_the_screen(look: Look, ratio: float) -> None:
    pills = PillPainter(look)
    painter = QPainter(image := canvas(ratio=ratio))
    font = painter.font()
    pills.paint(painter, QRect(0, 0, 160, 30), DEAD, font)
    painter.end()

    (picture,) = pills._kept.values()

    assert picture.devicePixelRatio() == image.devicePixelRatio() == ratio
    assert picture.width() >= pills.size(DEAD, font).width() * ratio - 1


def test_nothing_is_painted_where_there_is_no_room(look: Look) -> None:
    pills = PillPainter(look)
    painter = QPainter(image := canvas())

    pills.paint(painter, QRect(0, 0, 0, 0), DEAD, painter.font())
    painter.end()

    assert colours(image) == {"#ffffff"}


def test_a_word_comes_back_from_a_model_as_a_word() -> None:
    assert as_word(list(DEAD)) == DEAD
    assert as_word(DEAD) is DEAD
    assert as_word(None) is None


def test_a_label_reads_as_its_word(qtbot: QtBot, look: Look) -> None:
    label = StatusLabel(look, DEAD)
    qtbot.addWidget(label)

    assert label.text() == "Dead"
    assert label.word() == DEAD
    assert {LIGHT["bad"], LIGHT["bad_soft"]} <= colours(label.grab().toImage())


def test_a_label_follows_status_and_look(qtbot: QtBot, look: Look) -> None:
    label = StatusLabel(look, DEAD)
    qtbot.addWidget(label)
    label.grab()

    label.set_word(delivery_word("accepted"))
    look.force("dark")
    label.adjustSize()

    assert {DARK["good"], DARK["good_soft"]} <= colours(label.grab().toImage())


def test_a_label_without_a_status_takes_no_room(qtbot: QtBot, look: Look) -> None:
    label = StatusLabel(look)
    qtbot.addWidget(label)

    assert label.sizeHint() == QSize(0, 0)
    assert label.minimumSizeHint().isEmpty()
    assert label.textFormat() is Qt.TextFormat.PlainText
    label.grab()


@pytest.mark.parametrize("word", [Word("?", "no-icon", "good"), Word("?", "ok", "no-tone")])
def test_a_wrong_word_is_an_error_and_no_crash(look: Look, word: Word) -> None:
    painter = QPainter(image := canvas())

    with pytest.raises(KeyError):
        PillPainter(look).paint(painter, QRect(0, 0, 160, 30), word, painter.font())

    painter.end()
    assert colours(image) == {"#ffffff"}
