"""Gathers webhooks that arrive together into one insert, and tells each when it is on disk."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from core.durations import Durations
from core.errors import StoreBusy
from core.model import Added, Channel, CustomerEvent, NewWebhook, WebhookStatus

if TYPE_CHECKING:
    from core.store.base import Driver, Row, Tx

log = logging.getLogger(__name__)

NS_PER_MS = 1_000_000
MAX_UNDER_WAY = 20_000
GATHER_SECONDS = 0.002
#: so many are worth a commit of their own, if none is under way: they wait for no others
ENOUGH = 32
#: so many rows go in with one statement
ONE_STATEMENT = 128
#: Gladly waits 15 s for its answer
COMMIT_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 15.0)

#: told once, on the loop: what was added, or why it could not be
Told = Callable[[Added | None, BaseException | None], None]
_Waiting = tuple[NewWebhook, Told]


class Inbox:
    """Adds webhooks: those that arrive within a moment in one insert.

    Args:
        driver: Runs the inserts.

    Attributes:
        commit_seconds: How long inserts took, from their beginning until they were on disk.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._waiting: list[_Waiting] = []
        self._timer: asyncio.TimerHandle | None = None
        self._committing = 0
        self._under_way = 0
        self._committed_at = 0.0
        self.commit_seconds = Durations(COMMIT_BOUNDS)

    async def add(self, new: NewWebhook) -> Added:
        """Return once the webhook is committed, or is known to have been there before.

        Raises:
            StoreError: It could not be committed.
        """
        future: asyncio.Future[Added] = asyncio.get_running_loop().create_future()

        def tell(added: Added | None, error: BaseException | None) -> None:
            if future.done():
                return  # whoever waited has gone; the webhook is stored all the same
            if error is not None:
                future.set_exception(error)
            elif added is not None:
                future.set_result(added)

        self.put(new, tell)
        return await future

    def put(self, new: NewWebhook, tell: Told) -> None:
        """Begin to add a webhook; `tell` is called on the loop once it is committed, or failed.

        Raises:
            StoreBusy: Too many are under way.
        """
        if self._under_way >= MAX_UNDER_WAY:
            raise StoreBusy("The store is too busy.", "Try again shortly.")
        self._waiting.append((new, tell))
        self._under_way += 1
        if self._are_enough():
            self._commit()
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            # The first of a calm moment is committed at once; in a rush, commits keep a distance.
            at = max(loop.time(), self._committed_at + GATHER_SECONDS)
            self._timer = loop.call_at(at, self._commit)

    def flush(self) -> None:
        """Commit now what has gathered; the store is about to close."""
        if self._waiting:
            self._commit()

    def _are_enough(self) -> bool:
        return not self._committing and len(self._waiting) >= ENOUGH

    def _commit(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._committed_at = asyncio.get_running_loop().time()
        group, self._waiting = self._waiting, []
        news = [new for new, _ in group]
        try:
            done = self._driver.submit(lambda tx: _add(tx, news), simple=len(news) <= ONE_STATEMENT)
        except BaseException as exc:  # noqa: BLE001 - handed to those who wait
            self._tell_all(group, None, exc)
            return
        self._committing += 1
        began = time.monotonic()
        done.add_done_callback(lambda done: self._committed(group, done, began))

    def _committed(
        self, group: list[_Waiting], done: asyncio.Future[list[Added]], began: float
    ) -> None:
        self._committing -= 1
        self.commit_seconds.add(time.monotonic() - began)
        if self._are_enough():
            self._commit()
        error = done.exception()
        self._tell_all(group, None if error is not None else done.result(), error)

    def _tell_all(
        self, group: list[_Waiting], added: list[Added] | None, error: BaseException | None
    ) -> None:
        self._under_way -= len(group)
        for number, (_, tell) in enumerate(group):
            try:
                tell(None if added is None else added[number], error)
            except Exception:
                log.exception("one who waited for a webhook failed")


def plain(record: msgspec.Struct) -> dict[str, object]:
    """A record's members for a statement; enums as plain text, which sqlite3 binds far faster."""
    members: dict[str, object] = msgspec.to_builtins(record, builtin_types=(bytes,))
    return members


def _add(tx: Tx, news: list[NewWebhook]) -> list[Added]:
    """Insert all in one statement; what conflicts was there before, or stands twice among them."""
    ids = {key: one for one, key in tx.insert_rows("add_webhooks", [_row(new) for new in news])}
    return [_outcome(tx, new, ids) for new in news]


def _outcome(tx: Tx, new: NewWebhook, ids: dict[str, int]) -> Added:
    one = ids.pop(new.dedupe_key, None)
    if one is not None:
        return Added(id=one, duplicate=False)
    one = tx.run("webhook_by_key", dedupe_key=new.dedupe_key)[0][0]
    seen_again(tx, one, new.channel)
    return Added(id=one, duplicate=True)


def add_many(tx: Tx, news: Sequence[NewWebhook]) -> list[Added]:
    """Insert what is news; the same fact under another id is the same event."""
    known = {number: one for number, new in enumerate(news) if (one := _told_by(tx, new))}
    fresh = iter(_add(tx, [new for number, new in enumerate(news) if number not in known]))
    for number, one in known.items():
        seen_again(tx, one, news[number].channel)
    return [
        Added(id=known[number], duplicate=True) if number in known else next(fresh)
        for number in range(len(news))
    ]


def _told_by(tx: Tx, new: NewWebhook) -> int | None:
    """The inbox row that told the same fact, if one did."""
    if new.status is not WebhookStatus.RECEIVED or new.occurred_ns is None:
        return None
    rows = tx.run(
        "told_by",
        conversation_id=new.conversation_id,
        occurred_ms=new.occurred_ns // NS_PER_MS,
        kind=new.kind,
    )
    return rows[0][0] if rows else None


def seen_again(tx: Tx, one: int, channel: Channel) -> None:
    """Note on a webhook, and on what came of it, that the other channel told of it as well.

    What comes of it later takes the channel from the row (`add_fact`, `add_delivery`).
    """
    rows = tx.run("channel_of", id=one)
    if rows and {rows[0][0], channel} == {Channel.WEBHOOK, Channel.POLL}:
        for statement in ("set_channel", "set_fact_channel", "set_delivery_channel"):
            tx.change(statement, id=one, channel=Channel.BOTH.value)
        if rows[0][1] == CustomerEvent.MERGED:
            tx.change("set_alias_channel", id=one, channel=Channel.BOTH.value)


def _row(new: NewWebhook) -> Row:
    return (
        new.dedupe_key,
        new.kind,
        new.channel.value,
        new.received_at,
        new.occurred_ns,
        new.conversation_id,
        new.customer_id,
        new.status.value,
        new.reason,
        new.body,
    )
