"""What the store knows of covered times and of gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.coverage import Covered, Fate, Gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.store.base import Driver, Row, Tx


class Ledger:
    """Covered times by channel, and the gaps between them.

    Args:
        driver: The store's own.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    async def cover(self, spans: Sequence[Covered], *, tolerance: float) -> None:
        """Note that channels covered these times; what joins on within `tolerance` is one span."""

        def cover(tx: Tx) -> None:
            for span in spans:
                terms = {"channel": span.channel, "start": span.start, "end": span.end}
                if not tx.change("extend_span", tolerance=tolerance, **terms):
                    tx.change("add_span", **terms)

        await self._driver.write(cover)

    async def spans(self, since: float) -> list[Covered]:
        """Covered times that end after `since`."""
        rows = await self._driver.read(lambda tx: tx.run("spans", since=since))
        return [Covered(channel=row[0], start=row[1], end=row[2]) for row in rows]

    async def first_covered_at(self) -> float | None:
        """Since when anything is known."""
        rows = await self._driver.read(lambda tx: tx.run("first_span"))
        return rows[0][0] if rows else None

    async def add(self, gap: Gap) -> int:
        """Put a gap into the ledger; its id."""
        rows = await self._driver.write(lambda tx: tx.run("add_gap", **_terms(gap)))
        one: int = rows[0][0]
        return one

    async def settle(self, gap: Gap, parts: Sequence[Gap]) -> bool:
        """Put these in place of a gap: itself with another fate, or parts of it.

        False, and nothing is changed, when somebody else did so meanwhile.
        """

        def settle(tx: Tx) -> bool:
            first, *rest = parts
            was = {"was_fate": gap.fate.value, "was_start": gap.start, "was_end": gap.end}
            if not tx.change("settle_gap", id=gap.id, **was, **_terms(first)):
                return False
            for part in rest:
                tx.run("add_gap", **_terms(part))
            return True

        return await self._driver.write(settle)

    async def prune(self, spans_before: float, gaps_before: float) -> None:
        """Forget what is older."""

        def prune(tx: Tx) -> None:
            tx.change("prune_spans", before=spans_before)
            tx.change("prune_gaps", before=gaps_before)

        await self._driver.write(prune)

    async def open_gaps(self) -> list[Gap]:
        """Those that are not healed and not lost, oldest first."""
        rows = await self._driver.read(lambda tx: tx.run("open_gaps"))
        return [_gap(row) for row in rows]

    async def gaps(self, since: float, limit: int) -> list[Gap]:
        """The newest gaps that end after `since`, newest first."""
        rows = await self._driver.read(lambda tx: tx.run("gaps", since=since, limit=limit))
        return [_gap(row) for row in rows]


def _terms(gap: Gap) -> dict[str, object]:
    return {
        "start": gap.start,
        "end": gap.end,
        "reason": gap.reason,
        "fate": gap.fate.value,
        "settled_at": gap.settled_at,
        "events": gap.events,
    }


def _gap(row: Row) -> Gap:
    return Gap(
        id=row[0],
        start=row[1],
        end=row[2],
        reason=row[3],
        fate=Fate(row[4]),
        settled_at=row[5],
        events=row[6],
    )
