"""On which line each member of a JSON text stands, by its path such as `$[1].content.id`. Pure."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

ROOT = "$"
#: nothing that is looked for lies deeper
MAX_DEPTH = 64
_PART = re.compile(r'"(?:[^"\\\n]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+|"|\n')


class _Open(NamedTuple):
    """An object or array that is being read; `key` is the member or the index under way."""

    path: str
    is_array: bool


def lines_of(text: str) -> dict[str, int]:
    """The line (from 1) of each path; of a text that is no JSON, as far as it can be made out."""
    walk = _Walk()
    for match in _PART.finditer(text):
        walk.take(match[0])
    return walk.lines


def member(path: str, name: str) -> str:
    """The path of a member."""
    return f"{path}.{name}"


def item(path: str, index: int) -> str:
    """The path of an item of an array."""
    return f"{path}[{index}]"


class _Walk:
    """Goes from part to part; without recursion, so that no depth is too deep."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self._line = 1
        self._stack: list[_Open] = []
        self._indexes: list[int] = []
        self._key: str | None = None
        self._expects_value = True

    def take(self, part: str) -> None:
        if part == "\n":
            self._line += 1
        elif part in {"}", "]"}:
            self._close()
        elif part == ",":
            self._next()
        elif part == ":":
            self._expects_value = True
        elif part in {"{", "["}:
            self._open(is_array=part == "[")
        elif self._expects_value:
            self._note()
        elif part.startswith('"'):
            self._key = _unquoted(part)
            self._note()

    def _path(self) -> str:
        if not self._stack:
            return ROOT
        if len(self._stack) > MAX_DEPTH:
            return ""
        inside = self._stack[-1]
        if inside.is_array:
            return item(inside.path, self._indexes[-1])
        return member(inside.path, self._key or "")

    def _note(self) -> None:
        if path := self._path():
            self.lines.setdefault(path, self._line)
        self._expects_value = False

    def _open(self, *, is_array: bool) -> None:
        path = self._path()
        self._note()
        self._stack.append(_Open(path, is_array))
        self._indexes.append(0)
        self._expects_value = is_array

    def _close(self) -> None:
        if self._stack:
            self._stack.pop()
            self._indexes.pop()
        self._expects_value = False

    def _next(self) -> None:
        if self._stack and self._stack[-1].is_array:
            self._indexes[-1] += 1
            self._expects_value = True
        else:
            self._key = None
            self._expects_value = False


def _unquoted(part: str) -> str:
    try:
        return str(json.loads(part))
    except ValueError:
        return part.strip('"')
