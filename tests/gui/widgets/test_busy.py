"""Something is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.widgets.busy import BusyLabel

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

#: the offscreen platform says so whenever a window with a smallest size is shown
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def page(qtbot: QtBot, look: Look) -> QWidget:
    """A page that is on the screen, with a busy label as `page.busy`."""
    page = QWidget()
    qtbot.addWidget(page)
    page.busy = BusyLabel(look, page)
    QVBoxLayout(page).addWidget(page.busy)
    page.show()
    return page


def test_it_is_hidden_and_still_until_started(page: QWidget) -> None:
    assert page.busy.isHidden()
    assert not page.busy.spinner.is_turning()


def test_it_turns_while_something_is_under_way(qtbot: QtBot, page: QWidget) -> None:
    page.busy.start("Asking Segment…")

    angle = page.busy.spinner._angle
    qtbot.waitUntil(lambda: page.busy.spinner._angle != angle)

    assert page.busy.label.text() == page.busy.accessibleName() == "Asking Segment…"


def test_it_stands_still_when_it_is_over(page: QWidget) -> None:
    page.busy.start("Asking Segment…")

    page.busy.stop()

    assert page.busy.isHidden()
    assert not page.busy.spinner.is_turning()


def test_it_stands_still_while_its_page_is_not_to_be_seen(page: QWidget) -> None:
    page.busy.start("Asking Segment…")
    page.hide()
    hidden = page.busy.spinner.is_turning()

    page.show()

    assert not hidden
    assert page.busy.spinner.is_turning()


def test_it_is_as_large_as_an_icon(page: QWidget, look: Look) -> None:
    assert page.busy.spinner.minimumSizeHint().width() == look.icon_size()
