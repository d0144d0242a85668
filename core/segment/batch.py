"""Packs deliveries into batches under Segment's limits. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from core.model import Claimed

#: Segment takes 500 KB a request; the envelope and a margin stay free
MAX_BATCH_BYTES = 450_000
ENVELOPE_BYTES = 500
SEPARATOR_BYTES = 2


def pack(deliveries: Iterable[Claimed], max_events: int) -> Iterator[list[Claimed]]:
    """Batches of at most `max_events` and MAX_BATCH_BYTES, in the order given, losing none.

    A delivery that was tried before goes with others tried as often, and in batches that halve
    with each try, so that one event which makes Segment fail is soon alone.
    """
    batch: list[Claimed] = []
    size = ENVELOPE_BYTES
    for delivery in sorted(deliveries, key=lambda one: one.tries):
        room = max(1, max_events >> delivery.tries)
        added = len(delivery.payload) + SEPARATOR_BYTES
        full = len(batch) >= room or size + added > MAX_BATCH_BYTES
        if batch and (full or delivery.tries != batch[0].tries):
            yield batch
            batch, size = [], ENVELOPE_BYTES
        batch.append(delivery)
        size += added
    if batch:
        yield batch


def halves(batch: Sequence[Claimed]) -> tuple[list[Claimed], list[Claimed]]:
    """The two halves of a refused batch of two or more."""
    middle = len(batch) // 2
    return list(batch[:middle]), list(batch[middle:])
