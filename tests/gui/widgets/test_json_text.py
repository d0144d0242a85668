"""JSON as readable, coloured text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QTextDocument

from gui.palettes import DARK, LIGHT
from gui.widgets.json_text import JsonColours, pretty

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from gui.look import Look

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def inks(document: QTextDocument, line: int) -> dict[str, str]:
    block = document.findBlockByNumber(line)
    return {
        block.text()[span.start : span.start + span.length]: span.format.foreground().color().name()
        for span in block.layout().formats()
    }


@given(VALUES.filter(lambda value: value is not None))
def test_pretty_text_means_the_same(value: object) -> None:
    assert json.loads(pretty(value)) == value


def test_bytes_keep_order_numbers_and_spelling() -> None:
    raw = b'{"b":1.10,"a":"\\u00fc","n":12345678901234567890}'

    assert pretty(raw) == '{\n  "b": 1.10,\n  "a": "\\u00fc",\n  "n": 12345678901234567890\n}'


@pytest.mark.parametrize(
    ("raw", "text"), [(b"not json {", "not json {"), (b"\xff{", "\ufffd{"), (b"", ""), (None, "")]
)
def test_what_is_no_json_stays_as_it_is(raw: bytes | None, text: str) -> None:
    assert pretty(raw) == text


def test_what_json_does_not_know_is_written_as_text() -> None:
    assert json.loads(pretty({"what": Ellipsis})) == {"what": "Ellipsis"}


def test_keys_values_and_marks_differ(qapp: QApplication, look: Look) -> None:
    document = QTextDocument('{"k\\"ey": "te:xt", "n": -1.5e3, "t": true, "z": null}')
    colours = JsonColours(look, document)
    colours.rehighlight()

    found = inks(document, 0)

    assert found['"k\\"ey"'] == LIGHT["json_key"]
    assert found['"te:xt"'] == LIGHT["json_string"]
    assert found["-1.5e3"] == LIGHT["json_number"]
    assert found["true"] == found["null"] == LIGHT["json_word"]
    assert found["{"] == LIGHT["json_mark"]


def test_a_string_that_is_not_closed_yet_is_a_string(qapp: QApplication, look: Look) -> None:
    document = QTextDocument('["half')
    JsonColours(look, document).rehighlight()

    assert inks(document, 0)['"half'] == LIGHT["json_string"]


def test_colours_follow_the_look(qapp: QApplication, look: Look) -> None:
    document = QTextDocument("12")
    colours = JsonColours(look, document)
    colours.rehighlight()

    look.force("dark")

    assert inks(document, 0)["12"] == DARK["json_number"]
