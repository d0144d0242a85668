"""Compares what ought to be at Segment with what is there, without reading anything twice."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec

from core.simulator.segment import arrived

if TYPE_CHECKING:
    from core.simulator.driver import Driver
    from core.simulator.gladly import GladlySimulator
    from core.simulator.segment import SegmentSimulator
    from core.simulator.traffic import Expected


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo has to show for itself.

    `sent` events ought to be at Segment, `accepted` are; `missing` are under way or lost;
    `twice` were counted more than once or never ought to be there. `copies` were repeated on
    the way and dropped by their messageId, as Segment does. Test events do not count.
    """

    sent: int = 0
    accepted: int = 0
    missing: int = 0
    twice: int = 0
    copies: int = 0
    lookups: int = 0
    rate_limited: int = 0
    given_up: int = 0


class Tally:
    """Keeps the score of a demo; its methods may be called from any thread.

    Args:
        gladly: Where things happen.
        segment: Where they ought to arrive.
    """

    def __init__(self, gladly: GladlySimulator, segment: SegmentSimulator) -> None:
        self._gladly = gladly
        self._segment = segment
        self._drivers: list[Driver] = []
        self._lock = threading.Lock()
        self._read = 0
        self._arrived: set[Expected] = set()
        self._accepted = 0

    def add(self, driver: Driver) -> None:
        """What this driver causes ought to arrive, too."""
        self._drivers.append(driver)

    @property
    def caused(self) -> int:
        """How many track events what happened so far ought to cause."""
        return sum(driver.caused for driver in self._drivers)

    @property
    def truth(self) -> set[Expected]:
        """What ought to reach Segment of all that happened so far."""
        return set().union(*(driver.truth for driver in tuple(self._drivers)))

    def missing(self, expected: set[Expected] | None = None) -> set[Expected]:
        """What of `expected`, or of everything, is not at Segment yet."""
        wanted = self.truth if expected is None else expected
        with self._lock:
            self._look()
            return wanted - self._arrived

    def messages(self, known: int = 0) -> list[dict[str, Any]]:
        """What Segment took after its first `known` events, in the order of arrival."""
        return list(self._segment.accepted.values())[known:]

    def figures(self) -> Figures:
        """How things stand."""
        truth = self.truth
        with self._lock:
            self._look()
            extra = len(self._arrived - truth)
            return Figures(
                sent=len(truth),
                accepted=self._accepted,
                missing=len(truth - self._arrived),
                twice=self._accepted - len(self._arrived) + extra,
                copies=self._segment.duplicates,
                lookups=sum(self._gladly.lookups.values()),
                rate_limited=self._gladly.rate_limited,
                given_up=self._gladly.sender.given_up,
            )

    def _look(self) -> None:
        """Take note of what Segment took since the last look; test events do not count."""
        new = self.messages(self._read)
        self._read += len(new)
        ours = [one for one in new if not (one.get("context") or {}).get("test")]
        tracks = [one for one in ours if one.get("type") == "track"]
        self._accepted += len(tracks)
        self._arrived |= arrived(tracks)
