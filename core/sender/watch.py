"""Follows test events through the store, from their inbox rows to what Segment said."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from core.sender.progress import ENDS, RESTS, Progress, Step, stand
from core.sentences import about_delivery, about_webhook, exact

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.model import Delivery, Webhook
    from core.store.sql_store import SqlStore

#: rows that one look reads at most
AT_ONCE = 200
NOT_HERE = "Its row is not in this home: another home's engine has the port."


class _Followed(msgspec.Struct, kw_only=True):
    """One event that is followed, and what was last said of it."""

    number: int
    webhook_id: int
    step: Step = Step.STORED
    sentence: str = ""


class Watch:
    """Looks at the rows of test events and says what changed since the last look.

    Args:
        moment: Writes the times in its sentences.
    """

    def __init__(self, moment: Callable[[float], str] = exact) -> None:
        self._moment = moment
        self._followed: list[_Followed] = []
        self._next = 0
        self._quiet = 0

    def follow(self, number: int, webhook_id: int) -> None:
        """Look at this inbox row, too."""
        self._followed.append(_Followed(number=number, webhook_id=webhook_id))
        self._quiet = 0

    @property
    def at_rest(self) -> bool:
        """Whether all came to an end; looked at twice, as rows are not read in one moment."""
        resting = all(one.step in RESTS for one in self._followed)
        return not self._followed or (resting and self._quiet > 1)

    async def look(self, store: SqlStore) -> list[Progress]:
        """What changed; those that ended are not looked at again."""
        count = len(self._followed)
        start = self._next if count > AT_ONCE else 0
        turn = [self._followed[(start + step) % count] for step in range(min(count, AT_ONCE))]
        found = [one for one in [await self._look_at(store, row) for row in turn] if one]
        self._next = (start + len(turn)) % count if count else 0
        self._followed = [one for one in self._followed if one.step not in ENDS]
        self._quiet = 0 if found or count > AT_ONCE else self._quiet + 1
        return found

    async def give_up(self, store: SqlStore | None, seconds: float) -> list[Progress]:
        """What is said of events that took too long."""
        return [
            Progress(
                number=one.number,
                step=Step.LATE,
                at=time.time(),
                sentence=f"Not accepted by Segment within {seconds:.0f} s. "
                + (await self._why(store, one.webhook_id)),
                webhook_id=one.webhook_id,
                label=f"w{one.webhook_id}",
            )
            for one in self._followed
            if one.step not in RESTS
        ]

    async def _look_at(self, store: SqlStore, followed: _Followed) -> Progress | None:
        rows = await _rows(store, followed.webhook_id)
        if rows is None:
            return None
        webhook, deliveries = rows
        step, sentence = stand(webhook, deliveries, time.time(), moment=self._moment)
        if (step, sentence) == (followed.step, followed.sentence):
            return None
        followed.step, followed.sentence = step, sentence
        return Progress(
            number=followed.number,
            step=step,
            at=time.time(),
            sentence=sentence,
            webhook_id=followed.webhook_id,
            deliveries=tuple(deliveries),
            event=deliveries[0].event if deliveries else webhook.kind,
            label=f"w{followed.webhook_id}",
        )

    async def _why(self, store: SqlStore | None, webhook_id: int) -> str:
        """Why a test event has not arrived: its delivery's reason, or its webhook's."""
        rows = await _rows(store, webhook_id) if store is not None else None
        if rows is None:
            return NOT_HERE
        webhook, deliveries = rows
        if not deliveries:
            return about_webhook(webhook)
        return about_delivery(deliveries[0], time.time(), moment=self._moment)


async def _rows(store: SqlStore, webhook_id: int) -> tuple[Webhook, list[Delivery]] | None:
    pair = await store.webhook(webhook_id)
    if pair is None:
        return None
    details = [await store.delivery(one) for one in pair[1]]
    return pair[0], [one.delivery for one in details if one is not None]
