"""Long words may be broken so that nothing is pushed out of its place."""

from __future__ import annotations

from gui.widgets.breaks import breakable


def test_very_long_words_may_be_broken_and_others_stay_whole() -> None:
    path = "/home/zoë/.local/share/gladly-source"

    assert breakable("listener.port is taken.") == "listener.port is taken."
    assert breakable(f"See {path}.").replace("\u200b", "") == f"See {path}."
    assert "share/\u200bgladly-\u200bsource" in breakable(path)


def test_what_has_no_natural_place_to_break_breaks_anywhere() -> None:
    said = '{"success":false,"code":"' + "x" * 100 + '"}'

    pieces = breakable(said).split("\u200b")

    assert "".join(pieces) == said
    assert max(map(len, pieces)) <= 20
