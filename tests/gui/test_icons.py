"""Icons by meaning."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from importlib import resources
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon

from gui.icons import DRAWINGS, GLYPHS, Icons, drawn
from tests.gui.contrast import contrast

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap
    from PySide6.QtWidgets import QApplication

PANELS = ("#f6f6f6", "#2b2b2b")
INK = QColor("#123456")
PALE = QColor("#998877")


@pytest.fixture(scope="module")
def icons() -> Icons:
    """Read the font once."""
    return Icons()


def inks(picture: QPixmap) -> set[str]:
    image = picture.toImage()
    spots = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return {spot.name() for spot in spots if spot.alpha() == 255}


@pytest.mark.parametrize("name", sorted(GLYPHS))
def test_every_meaning_has_a_glyph_inside_its_square(
    qapp: QApplication, icons: Icons, name: str
) -> None:
    image = icons.pixmap(name, 64, INK, 1.0).toImage()

    painted = [(x, y) for x in range(64) for y in range(64) if image.pixelColor(x, y).alpha() > 99]
    across, down = zip(*painted, strict=True)

    assert min(across) >= 1
    assert max(across) <= 62
    assert min(down) >= 2
    assert max(down) <= 61
    assert abs(min(across) + max(across) - 63) <= 12


def test_an_unknown_meaning_is_an_error(qapp: QApplication, icons: Icons) -> None:
    with pytest.raises(KeyError):
        icons.pixmap("no-such-thing", 16, INK, 1.0)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_pictures_are_as_sharp_as_the_screen(
    qapp: QApplication, icons: Icons, ratio: float
) -> None:
    picture = icons.pixmap("ok", 16, INK, ratio)

    assert picture.width() == 16 * ratio
    assert picture.devicePixelRatio() == ratio


def test_an_icon_pales_only_on_a_control_that_is_off(qapp: QApplication, icons: Icons) -> None:
    icon = icons.icon("stop", (INK, PALE), [16, 32], [1.0, 2.0])

    modes = {mode: inks(icon.pixmap(QSize(32, 32), 1.0, mode)) for mode in QIcon.Mode}

    assert modes[QIcon.Mode.Disabled] == {PALE.name()}
    assert modes[QIcon.Mode.Normal] == modes[QIcon.Mode.Selected] == {INK.name()}


@pytest.mark.parametrize("name", DRAWINGS)
def test_our_drawings_are_crisp_at_every_size(qapp: QApplication, name: str) -> None:
    icon = drawn(name)

    assert not icon.isNull()
    assert [icon.pixmap(side, side).width() for side in (16, 22, 64, 256)] == [16, 22, 64, 256]


@pytest.mark.parametrize("name", [name for name in DRAWINGS if name.startswith("tray")])
def test_the_tray_is_seen_on_light_and_dark_panels(name: str) -> None:
    file = resources.files("resources").joinpath("icons", f"{name}.svg")
    bubble = ET.fromstring(file.read_text("utf-8"))[0]  # noqa: S314 - our own file
    colour = bubble.get("fill") if bubble.get("fill") != "none" else bubble.get("stroke")

    assert min(contrast(str(colour), panel) for panel in PANELS) >= 3


def test_a_drawing_that_there_is_not_is_an_error() -> None:
    with pytest.raises(KeyError):
        drawn("no-such-drawing")


def test_qtawesome_is_never_imported_and_the_end_is_clean() -> None:
    code = """
import sys
from PySide6.QtWidgets import QApplication
from gui.icons import GLYPHS
from gui.look import Look
app = QApplication([])
look = Look(app, dark=False)
kept = [look.icon(name) for name in GLYPHS]
sys.exit("qtawesome" in sys.modules or "qtpy" in sys.modules)
"""
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)

    assert (ended.returncode, ended.stderr) == (0, b"")


def test_without_qtawesome_it_says_what_is_missing(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.icons.util.find_spec", lambda _: None)

    with pytest.raises(ModuleNotFoundError, match="QtAwesome"):
        Icons().pixmap("ok", 16, INK, 1.0)
