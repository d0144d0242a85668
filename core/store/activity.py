"""Figures for a chart: what came in, what went out, how long it took, what waited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.store.base import Activity, Bucket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.store.base import Tx

#: latencies looked at for one bucket; of more, a part is taken, evenly
SAMPLE: Final = 1000
FOREVER: Final = 1e18


def activity(tx: Tx, since: float, until: float, buckets: int) -> Activity:
    """What happened in so many equal parts of a time."""
    if until <= since or buckets < 1:
        return Activity(since=since, until=until, buckets=())
    figures = _Figures(tx, since, until, buckets)
    return Activity(since=since, until=until, buckets=tuple(figures.buckets()))


class _Figures:
    """Counts by bucket, with one more for all that came later."""

    def __init__(self, tx: Tx, since: float, until: float, count: int) -> None:
        self._tx = tx
        self._since = since
        self._width = (until - since) / count
        self._count = count
        starts = [since + number * self._width for number in range(count)]
        self._edges = [*zip(starts, [*starts[1:], until], strict=True), (until, FOREVER)]

    def buckets(self) -> list[Bucket]:
        """The buckets, oldest first."""
        received = self._between("received_between")
        accepted = self._between("accepted_between", every=1)
        dead = self._sorted(row[0] for row in self._tx.run("died_since", since=self._since))
        backlog = self._backlog(received, accepted, dead)
        return [
            Bucket(
                start=start,
                received=received[number],
                accepted=accepted[number],
                dead=dead[number],
                **self._latencies(start, end, accepted[number]),
                backlog=backlog[number],
            )
            for number, (start, end) in enumerate(self._edges[: self._count])
        ]

    def _between(self, name: str, **also: object) -> list[int]:
        return [
            self._tx.run(name, since=since, until=until, **also)[0][0]
            for since, until in self._edges
        ]

    def _sorted(self, times: Iterable[float]) -> list[int]:
        """How many of the times lie in each bucket."""
        counts = [0] * (self._count + 1)
        for time in times:
            if time >= self._since:
                counts[min(int((time - self._since) / self._width), self._count)] += 1
        return counts

    def _latencies(self, since: float, until: float, accepted: int) -> dict[str, float | None]:
        terms = {"since": since, "until": until, "every": accepted // SAMPLE + 1}
        rows = self._tx.run("accepted_between", **terms) if accepted > SAMPLE else [(accepted,)]
        places = {"middle": -(-rows[0][0] // 2), "high": -(-rows[0][0] * 95 // 100)}
        found = [row[0] for row in self._tx.run("latencies_between", **terms, **places)]
        return {"p50": found[0], "p95": found[-1]} if found else {"p50": None, "p95": None}

    def _backlog(self, received: list[int], accepted: list[int], dead: list[int]) -> list[int]:
        """What was under way at the end of each bucket: from now backwards.

        What was queued long after it was received (replayed, or looked up late) has been waiting
        only since then.
        """
        late = self._tx.run("late_since", since=self._since)
        early = self._sorted(row[0] for row in late)
        queued = self._sorted(row[1] for row in late)
        discarded = self._sorted(
            row[0] for row in self._tx.run("discarded_since", since=self._since)
        )
        (under_way,) = self._tx.run("under_way")[0]
        backlog = []
        for number in range(self._count, 0, -1):
            entered = received[number] - early[number] + queued[number] - discarded[number]
            under_way += accepted[number] + dead[number] - entered
            backlog.append(max(0, under_way))
        return backlog[::-1]
