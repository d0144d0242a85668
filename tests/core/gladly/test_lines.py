"""Lines out of pieces, however the text is cut."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.gladly.lines import Lines

LONGEST = 8

texts = st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"-")), max_size=8)


def cut(text: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(min(place, len(text)) for place in places), len(text)]
    return [text[start:end] for start, end in pairwise(bounds)]


@given(texts, st.lists(st.integers(0, 120), max_size=12))
def test_wherever_the_text_is_cut_the_lines_are_the_same(texts: list[bytes], places: list[int]):
    whole = b"".join(text + b"\n" for text in texts)
    lines = Lines(LONGEST)
    found = [line for piece in cut(whole, places) for line in lines.feed(piece)]
    assert found == [text for text in texts if text.strip() and len(text) <= LONGEST]
    assert lines.too_long == sum(len(text) > LONGEST for text in texts)
    assert lines.end() == b""


def test_what_stands_behind_the_last_line_end_is_a_line():
    lines = Lines(LONGEST)
    assert lines.feed(b"one\ntwo") == [b"one"]
    assert lines.end() == b"two"
    assert lines.end() == b""


def test_a_line_that_never_ends_is_not_gathered():
    lines = Lines(LONGEST)
    for _ in range(1000):
        assert lines.feed(b"x" * 100) == []
    assert lines.too_long == 1
    assert lines.feed(b"\nnext\n") == [b"next"]
