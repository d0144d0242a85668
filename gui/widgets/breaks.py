"""Places where very long words may go on in the next line. Pure."""

from __future__ import annotations

import re

LONG_WORD = re.compile(r"\S{25,}")
BREAK_AFTER = re.compile(r"([/\\._:,;-])")
#: what is still long without any of these breaks anywhere
STILL_LONG = re.compile(r"([^\s\u200b]{12})(?=[^\s\u200b])")


def breakable(text: str) -> str:
    """The text with places where very long words (paths, JSON) may go on in the next line."""
    return LONG_WORD.sub(lambda found: _broken(found[0]), text)


def _broken(word: str) -> str:
    return STILL_LONG.sub("\\1\u200b", BREAK_AFTER.sub("\\1\u200b", word))
