"""A walk over every page: names for whoever cannot see, nothing cut off, enough contrast."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QFont, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QWidget,
)

from gui.activity.page import SUMS, ActivityPage
from gui.factories import make_wizard
from gui.look import Look
from gui.pages import ORDER
from gui.widgets.elided import ElidedLabel
from tests.gui.contrast import contrast
from tests.gui.scenes import scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from core.home import Home
    from gui.bridge import Bridge
    from gui.window import MainWindow

CONTROLS = (
    QAbstractButton,
    QLineEdit,
    QComboBox,
    QAbstractSpinBox,
    QAbstractItemView,
    QPlainTextEdit,
    QAbstractSlider,
)
ENOUGH = 4.5
#: what the rasterizer may take of a thin stroke's colour
BLURRED = 4.0
PATIENCE_MS = 15_000
PIXEL = 2
STEPS = ("welcome", "segment", "gladly", "arrival", "sent", "trial", "done")


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    """Each theme in turn."""
    return str(request.param)


@pytest.fixture(params=["1024x640", "200 %"])
def size(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[tuple[int, int]]:
    """The smallest window, and text twice as large."""
    font = QFont(qapp.font())
    if request.param == "200 %":
        twice = QFont(font)
        twice.setPointSizeF(font.pointSizeF() * 2)
        qapp.setFont(twice)
        yield (1366, 900)
        qapp.setFont(font)
    else:
        yield (1024, 640)


@pytest.fixture
def look(qapp: QApplication, theme: str, size: tuple[int, int]) -> Look:
    """The theme's colours, made when the text has its size."""
    return Look(qapp, dark=theme == "dark")


@pytest.fixture
def window(
    qtbot: QtBot, bridge: Bridge, look: Look, home: Home, size: tuple[int, int]
) -> Iterator[MainWindow]:
    """The main window on a busy day."""

    def wait(predicate: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(predicate()), timeout=PATIENCE_MS)

    with scene(bridge, look, home, wait, rows=400) as shown:
        shown.resize(*size)
        yield shown


def visible(top: QWidget) -> list[QWidget]:
    """Every widget a person can see, or scroll to."""
    return [top, *(one for one in top.findChildren(QWidget) if one.isVisibleTo(top))]


def words(widget: QWidget) -> str:
    """What stands on it."""
    return widget.text() if isinstance(widget, QLabel | QAbstractButton | QLineEdit) else ""


def label(widget: QWidget) -> str:
    """How a failure names a widget."""
    return f"{type(widget).__name__} {widget.objectName()!r} {words(widget)!r} in {_path(widget)}"


def _path(widget: QWidget) -> str:
    names = []
    above: QWidget | None = widget.parentWidget()
    while above is not None:
        names.append(type(above).__name__)
        above = above.parentWidget()
    return " < ".join(names[:5])


def nameless(top: QWidget) -> list[str]:
    """Controls that a screen reader could not name."""
    found = []
    for widget in visible(top):
        if not isinstance(widget, CONTROLS) or isinstance(widget, QScrollBar | QHeaderView):
            continue
        if isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox):
            continue  # a part of what has the name
        if widget.focusPolicy() is Qt.FocusPolicy.NoFocus and not isinstance(
            widget, QAbstractButton
        ):
            continue
        seen = QAccessible.queryAccessibleInterface(widget)
        if seen is None or not seen.text(QAccessible.Text.Name).strip():
            found.append(label(widget))
    return found


def cut_off(top: QWidget) -> list[str]:
    """Texts that do not fit into the place they have."""
    found = []
    for widget in visible(top):
        if isinstance(widget, ElidedLabel) or not widget.width():
            continue
        if isinstance(widget, QLabel) and widget.text() and not widget.pixmap().cacheKey() < 0:
            if widget.wordWrap():
                if widget.heightForWidth(widget.width()) > widget.height() + PIXEL:
                    found.append(f"too low: {label(widget)}")
            elif widget.minimumSizeHint().width() > widget.width() + PIXEL:
                found.append(f"too narrow: {label(widget)}")
        elif (
            isinstance(widget, QAbstractButton)
            and widget.text()
            and widget.sizeHint().width() > widget.width() + PIXEL
        ):
            found.append(f"too narrow: {label(widget)}")
        if _is_outside(widget, top):
            found.append(f"outside: {label(widget)}")
    return found


def _is_outside(widget: QWidget, top: QWidget) -> bool:
    """Whether a part of a text lies where nobody can scroll to."""
    if not isinstance(widget, QLabel | QAbstractButton | QLineEdit | QComboBox):
        return False
    place, above = QRect(QPoint(0, 0), widget.size()), widget
    while above is not top:
        parent = above.parentWidget()
        if parent is None or isinstance(parent, QAbstractScrollArea | QTabBar):
            return False
        place.translate(above.pos())
        if isinstance(parent.parentWidget(), QScrollArea | QAbstractScrollArea):
            return False
        if not parent.rect().adjusted(-PIXEL, -PIXEL, PIXEL, PIXEL).contains(place):
            return True
        above = parent
    return False


def pale(top: QWidget) -> list[str]:
    """Texts that are too close to what is behind them, as painted."""
    picture = top.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    ratio = picture.devicePixelRatio()
    found = []
    for widget in visible(top):
        if not isinstance(widget, QLabel | QAbstractButton) or not widget.isEnabled():
            continue
        if not widget.text().strip() or widget.visibleRegion().isEmpty():
            continue
        place = widget.visibleRegion().boundingRect()
        if place.width() < widget.width() or place.height() < widget.height():
            continue  # scrolled half away
        place.moveTo(widget.mapTo(top, place.topLeft()))
        seen = _strongest(picture, QRect(place.topLeft() * ratio, place.size() * ratio))
        if seen < BLURRED:
            found.append(f"{seen:.1f}: {label(widget)}")
    return found


def _strongest(picture: QImage, place: QRect) -> float:
    """The contrast of the colour behind a text with the one farthest from it."""
    part = picture.copy(place)
    colours = Counter(memoryview(part.constBits()).cast("I"))  # RGB32: one number a pixel
    behind = QColor(colours.most_common(1)[0][0])
    return max(contrast(behind, QColor(one)) for one in colours)


def check(top: QWidget, where: str) -> list[str]:
    """Everything that is wrong with what is shown."""
    found = [
        *(f"no name: {one}" for one in nameless(top)),
        *(f"cut off, {one}" for one in cut_off(top)),
        *(f"pale, {one}" for one in pale(top)),
    ]
    return [f"{where}: {one}" for one in found]


@pytest.mark.logs_warnings
def test_everybody_can_read_every_page_and_every_step_of_the_wizard(
    qtbot: QtBot, window: MainWindow, look: Look, size: tuple[int, int]
) -> None:
    found = []
    for page in ORDER:
        widget = window.open_page(page)
        qtbot.waitUntil(widget.isVisible)
        settle(qtbot, window)
        found += check(window, page)
        if isinstance(widget, ActivityPage):
            found += check_import(qtbot, widget)
            widget.tabs.setCurrentIndex(SUMS)
            qtbot.waitUntil(widget.sums.table.isVisible, timeout=PATIENCE_MS)
            settle(qtbot, window)
            found += check(window, "reconciliation")
    for step in STEPS:
        window.session.memory.set("setup", {"at": step, "furthest": STEPS[-1]})
        wizard = make_wizard(window, look, autostart=False)
        wizard.resize(*size)
        wizard.open()
        settle(qtbot, wizard)
        found += check(wizard, step)
        wizard.close()
        wizard.deleteLater()

    assert found == []


def check_import(qtbot: QtBot, page: ActivityPage) -> list[str]:
    """What is wrong with the dialog that imports history, once it has said what it found."""
    part = page.coverage.lost
    qtbot.waitUntil(part.notice.isVisible, timeout=PATIENCE_MS)
    part.notice.button.click()
    dialog = part.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.text.isVisible, timeout=PATIENCE_MS)
    settle(qtbot, dialog)
    found = check(dialog, "import")
    dialog.close()
    return found


def settle(qtbot: QtBot, top: QWidget) -> None:
    """Until what is shown no longer changes from one look to the next."""
    last: list[object] = [None]

    def same() -> bool:
        now = [(one.geometry().getRect(), words(one)) for one in visible(top)]
        before, last[0] = last[0], now
        return now == before

    qtbot.waitUntil(same, timeout=PATIENCE_MS)


@pytest.mark.parametrize(
    ("spoil", "wanted"),
    [
        pytest.param(lambda label, _: label.setFixedWidth(20), "too narrow", id="cut off"),
        pytest.param(lambda label, _: label.move(390, 10), "outside", id="outside"),
        pytest.param(lambda label, _: label.setStyleSheet("color: #bbb"), "pale", id="pale"),
        pytest.param(lambda _, edit: edit.setAccessibleName(""), "no name", id="nameless"),
        pytest.param(lambda *_: None, "", id="nothing wrong"),
    ],
)
def test_the_walk_notices_what_is_wrong(
    qtbot: QtBot, spoil: Callable[[QLabel, QLineEdit], object], wanted: str
) -> None:
    top = QWidget()
    qtbot.addWidget(top)
    top.setStyleSheet("background: white; color: black")
    top.resize(400, 100)
    shown, edit = QLabel("A sentence of some length", top), QLineEdit(top)
    edit.setAccessibleName("A field")
    edit.move(10, 50)
    shown.move(10, 10)
    spoil(shown, edit)
    top.show()

    found = check(top, "here")

    assert [one for one in found if wanted in one] == found
    assert bool(found) is bool(wanted)
