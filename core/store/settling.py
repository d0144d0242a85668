"""Up to which id nothing new can appear, though ids are given out before the commit. Pure."""

from __future__ import annotations


class Settling:
    """Waits for the transactions that may yet commit a lower id.

    Whoever inserts holds a lock on the table from before it takes an id until it has ended. So
    once all have ended that held it when an id was the newest, no row comes below that id any
    more. Every reading says how far that is.
    """

    def __init__(self) -> None:
        self._settled = 0
        self._newest = 0
        self._writers: frozenset[str] = frozenset()

    def note(self, newest: int, writers: frozenset[str]) -> int:
        """Take in a reading; the id up to which everything is there for whoever reads from now on.

        Args:
            newest: The newest id that was committed.
            writers: Whose transactions held the lock, read after `newest` was.
        """
        if not self._writers & writers:
            self._settled = max(self._settled, self._newest)
            self._newest, self._writers = newest, writers
        if not writers:
            self._settled = max(self._settled, newest)
        return self._settled
