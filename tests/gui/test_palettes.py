"""Every text can be read on every ground it stands on, light and dark."""

from __future__ import annotations

import pytest

from gui.palettes import DARK, LIGHT, TONES
from gui.widgets.json_text import KINDS
from tests.gui.contrast import contrast

GROUNDS = ("window", "base", "raised", "selection", "hover")
PAIRS = [
    *((text, ground) for text in ("text", "muted", *TONES) for ground in GROUNDS),
    *((tone, f"{tone}_soft") for tone in TONES),
    *(("text", f"{tone}_soft") for tone in TONES),
    *(("accent", ground) for ground in ("window", "base", "raised", "selection")),
    ("text", "pressed"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    *((f"json_{kind}", ground) for kind in KINDS for ground in ("base", "window", "bad_soft")),
]
#: what must be seen, not read
MARKS = [
    *((mark, ground) for mark in ("edge", "accent") for ground in ("window", "base", "raised")),
    ("accent", "idle_soft"),
]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_has_a_contrast_of_4_5(colours: dict[str, str], text: str, ground: str) -> None:
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_outlines_and_focus_rings_have_a_contrast_of_3(
    colours: dict[str, str], mark: str, ground: str
) -> None:
    assert contrast(colours[mark], colours[ground]) >= 3


def test_both_sets_name_the_same_colours() -> None:
    assert set(LIGHT) == set(DARK)
