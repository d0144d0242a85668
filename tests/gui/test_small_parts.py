"""Emblem, bringing windows up, wishes: small modules of the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gui.emblem import SIZES, draw_emblem, make_emblem
from gui.front import bring_up
from gui.mood import Mood
from gui.wishes import connect_wishes

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


def test_each_mood_has_a_picture_of_its_own_without_its_colours(look: Look) -> None:
    grey = [
        draw_emblem(look, 64, mood)
        .toImage()
        .convertToFormat(draw_emblem(look, 64).toImage().Format.Format_Grayscale8)
        for mood in Mood
    ]

    assert all(one != other for place, one in enumerate(grey) for other in grey[:place])


def test_the_window_icon_comes_in_all_sizes(look: Look) -> None:
    sizes = {size.width() for size in make_emblem(look).availableSizes()}

    assert set(SIZES) == sizes


def test_a_minimised_window_is_brought_up(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.showMinimized()

    bring_up(window)

    qtbot.waitUntil(lambda: window.isVisible() and not window.isMinimized())


class Asker(QObject):
    """Wishes for one thing."""

    open_page = Signal(str)
    plain = "not a signal"


def test_a_wish_reaches_who_can_answer_it(qapp: object) -> None:
    del qapp
    asker = Asker()
    heard: list[str] = []
    connected = connect_wishes(
        asker, {"open_page": heard.append, "plain": heard.append, "nothing": heard.append}
    )
    asker.open_page.emit("health")

    assert connected == ["open_page"]
    assert heard == ["health"]


@pytest.mark.parametrize("size", [16, 22, 256])
def test_the_emblem_is_drawn_in_any_size(look: Look, size: int) -> None:
    picture = draw_emblem(look, size, Mood.PAUSED)

    assert (picture.width(), picture.height()) == (size, size)
