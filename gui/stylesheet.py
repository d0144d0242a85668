"""The stylesheet of the window: `resources/style.qss` with the colours filled in."""

from __future__ import annotations

from importlib import resources
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def stylesheet(colours: Mapping[str, str], scheme: str) -> str:
    """Fill the colours and the folder of the drawn marks (ticks, arrows) into the stylesheet.

    Raises:
        KeyError: The stylesheet names a colour that there is not.
    """
    files = resources.files("resources")
    text = files.joinpath("style.qss").read_text("utf-8")
    marks = str(files.joinpath("icons", scheme)).replace("\\", "/")
    return Template(text).substitute(colours, marks=marks)
