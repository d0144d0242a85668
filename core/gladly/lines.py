"""Splits what comes in pieces into lines. Pure."""

from __future__ import annotations


class Lines:
    """The lines of a text that comes in pieces, without empty ones and those that are too long.

    Args:
        longest: So many bytes a line may have.

    Attributes:
        too_long: How many lines were longer.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._rest = b""
        self._passing = False
        self.too_long = 0

    def feed(self, piece: bytes) -> list[bytes]:
        """The lines that this piece ends."""
        *ended, rest = (self._rest + piece).split(b"\n")
        if self._passing and ended:
            del ended[0]
            self._passing = False
        lines = [line for line in ended if self._fits(line) and line.strip()]
        self._rest = b"" if self._passing else rest
        if len(self._rest) > self._longest:
            self.too_long += 1
            self._passing = True
            self._rest = b""
        return lines

    def end(self) -> bytes:
        """What stands behind the last line end, if that is a line."""
        rest, self._rest = self._rest, b""
        return rest if rest.strip() else b""

    def _fits(self, line: bytes) -> bool:
        if len(line) <= self._longest:
            return True
        self.too_long += 1
        return False
