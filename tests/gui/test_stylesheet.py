"""The stylesheet is complete in both schemes."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from gui.palettes import DARK, LIGHT
from gui.stylesheet import stylesheet


@pytest.mark.parametrize(("colours", "scheme"), [(LIGHT, "light"), (DARK, "dark")])
def test_every_mark_it_names_is_there(colours: dict[str, str], scheme: str) -> None:
    sheet = stylesheet(colours, scheme)

    files = re.findall(r'url\("([^"]+)"\)', sheet)

    assert files
    assert [file for file in files if not Path(file).exists()] == []


@pytest.mark.parametrize(("colours", "scheme"), [(LIGHT, "light"), (DARK, "dark")])
def test_the_marks_are_drawn_in_colours_of_the_house(colours: dict[str, str], scheme: str) -> None:
    files = resources.files("resources").joinpath("icons", scheme).iterdir()

    used = {ink for file in files for ink in re.findall(r"#[0-9a-f]{6}", file.read_text("utf-8"))}

    assert used <= set(colours.values())


def test_no_placeholder_is_left() -> None:
    assert "$" not in stylesheet(LIGHT, "light")


def test_it_sets_no_size_of_text() -> None:
    assert "font-size" not in stylesheet(LIGHT, "light")


def test_a_colour_that_there_is_not_is_an_error() -> None:
    with pytest.raises(KeyError):
        stylesheet({"window": "#fff"}, "light")
