"""JSON as readable text, and its colours."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat

if TYPE_CHECKING:
    from PySide6.QtGui import QTextDocument

    from gui.look import Look

INDENT = 2
TOKEN = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*"(?=\s*:))'
    r'|(?P<string>"(?:[^"\\]|\\.)*"?)'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<word>\b(?:true|false|null)\b)"
    r"|(?P<mark>[{}\[\],:])"
)
KINDS = ("key", "string", "number", "word", "mark")


def pretty(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Write a value, or the JSON in bytes, with one entry per line.

    Bytes keep their order, their numbers and their spelling; what is no JSON stays as it is.
    """
    if value is None:
        return ""
    if isinstance(value, bytes | bytearray | memoryview):
        raw = bytes(value)
    else:
        raw = msgspec.json.encode(value, enc_hook=str)
    with contextlib.suppress(msgspec.DecodeError):
        raw = msgspec.json.format(raw, indent=INDENT)
    return raw.decode("utf-8", "replace")


class JsonColours(QSyntaxHighlighter):
    """Colours the JSON in a document, and again when the look changes.

    Args:
        look: Colours.
        document: What to colour; it owns this.
    """

    def __init__(self, look: Look, document: QTextDocument) -> None:
        super().__init__(document)
        self._look = look
        self._formats: dict[str, QTextCharFormat] = {}
        self._read_colours()
        look.changed.connect(self._on_look)

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        for found in TOKEN.finditer(text):
            form = self._formats[found.lastgroup or "mark"]
            self.setFormat(found.start(), found.end() - found.start(), form)

    def _read_colours(self) -> None:
        for kind in KINDS:
            form = QTextCharFormat()
            form.setForeground(self._look.colour(f"json_{kind}"))
            self._formats[kind] = form

    def _on_look(self) -> None:
        self._read_colours()
        self.rehighlight()
