"""Colours, icons and fonts that follow the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QLabel

from gui.look import Look
from gui.palettes import DARK, LIGHT

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot


class FakeHints:
    """A system that says light, dark or nothing."""

    def __init__(self, scheme: Qt.ColorScheme) -> None:
        self.scheme = scheme

    def colorScheme(self) -> Qt.ColorScheme:  # noqa: N802 - Qt's name
        return self.scheme


@pytest.fixture
def following(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> tuple[Look, FakeHints]:
    """A look that follows a system that can be switched."""
    look = Look(qapp, dark=False)
    hints = FakeHints(Qt.ColorScheme.Light)
    monkeypatch.setattr(look, "_hints", hints)
    look.force(None)
    return look, hints


def test_it_follows_the_system_when_that_turns_dark(
    qtbot: QtBot, following: tuple[Look, FakeHints]
) -> None:
    look, hints = following
    hints.scheme = Qt.ColorScheme.Dark

    with qtbot.waitSignal(look.changed):
        look._on_scheme()

    assert look.dark
    assert look.colour("window").name() == DARK["window"]


def test_it_says_nothing_when_nothing_changed(
    qtbot: QtBot, following: tuple[Look, FakeHints]
) -> None:
    look, _ = following

    with qtbot.assertNotEmitted(look.changed):
        look._on_scheme()


def test_a_system_that_says_nothing_is_judged_by_its_palette(
    following: tuple[Look, FakeHints], qapp: QApplication
) -> None:
    look, hints = following
    hints.scheme = Qt.ColorScheme.Unknown
    qapp.setProperty("gladly-source-system-dark", True)
    try:
        look._on_scheme()

        assert look.dark
    finally:
        qapp.setProperty("gladly-source-system-dark", False)


def test_a_forced_scheme_stays_whatever_the_system_says(
    following: tuple[Look, FakeHints],
) -> None:
    look, hints = following
    look.force("light")
    hints.scheme = Qt.ColorScheme.Dark

    look._on_scheme()

    assert not look.dark


def test_switching_repaints_what_is_there(qtbot: QtBot, look: Look) -> None:
    label = QLabel("text")
    qtbot.addWidget(label)
    label.ensurePolished()
    light = label.palette().color(QPalette.ColorRole.WindowText).name()

    look.force("dark")

    dark = label.palette().color(QPalette.ColorRole.WindowText).name()
    assert (light, dark) == (LIGHT["text"], DARK["text"])


def test_icons_take_the_colour_of_the_scheme(look: Look) -> None:
    def ink() -> set[str]:
        image = look.pixmap("stop", 32, "bad").toImage()
        spots = [image.pixelColor(x, y) for x in range(32) for y in range(32)]
        return {spot.name() for spot in spots if spot.alpha() == 255}

    light = ink()
    look.force("dark")

    assert LIGHT["bad"] in light
    assert DARK["bad"] in ink()


@pytest.mark.parametrize("ask", [lambda look: look.colour("?"), lambda look: look.icon("?")])
def test_a_name_that_there_is_not_is_an_error(look: Look, ask) -> None:
    with pytest.raises(KeyError):
        ask(look)


def test_pictures_are_as_large_as_asked(look: Look) -> None:
    picture = look.pixmap("search", 20)

    assert picture.deviceIndependentSize().toSize().width() == 20


@pytest.mark.parametrize("pixels", [0, 22])
def test_fonts_follow_the_size_of_the_system(
    qapp: QApplication, look: Look, monkeypatch: pytest.MonkeyPatch, pixels: int
) -> None:
    font = QFont(qapp.font())
    if pixels:
        font.setPixelSize(pixels)
    monkeypatch.setattr(qapp, "font", lambda: font)

    def size(one: QFont) -> float:
        return one.pixelSize() if pixels else one.pointSizeF()

    assert size(look.mono()) == size(font)
    assert size(look.heading(1)) > size(look.heading(2)) > size(look.heading(3)) == size(font)
    assert look.heading(3).weight() == QFont.Weight.DemiBold


def test_our_own_drawings_are_at_hand(look: Look) -> None:
    assert not look.drawn("tray-well").isNull()


def test_icons_are_never_smaller_than_16(look: Look) -> None:
    assert look.icon_size(0.1) == 16
    assert look.icon_size(4) > 32
