"""Groups what wants attention by its cause: dead and retrying deliveries, webhooks that are stuck.

Deliveries are grouped by the code of their last attempt, webhooks by their reason as long as
there are few different ones. Whatever the backlog, this takes a moment only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from core.model import DeliveryStatus, WebhookStatus
from core.store.base import Page, WebhookPage
from core.store.pages import DELIVERY_COLUMNS, WEBHOOK_COLUMNS
from core.store.rows import delivery_of, webhook_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.store.base import Row, Tx
    from core.store.view import StoreView

#: so many of the newest rows of a status are read for what they say
SAMPLE = 5000
#: webhooks with more different reasons than this are one cause
MOST_REASONS = 6
DELIVERIES = (DeliveryStatus.DEAD, DeliveryStatus.RETRYING)
WEBHOOKS = (WebhookStatus.UNMAPPABLE, WebhookStatus.WAITING)


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that are where they are for the same reason.

    Args:
        status: Where they stand.
        code: Stable word for the reason; empty for webhooks.
        error: The sentence; the newest row's where they differ.
        sentences: How many different ones the newest rows have.
        rows: How many.
        next_attempt_at: When the first of them is tried again; None when none is.
        newest: Epoch seconds of the last thing that happened to the newest of them.
    """

    status: DeliveryStatus | WebhookStatus
    code: str
    error: str
    sentences: int
    rows: int
    next_attempt_at: float | None
    newest: float


class _Group(NamedTuple):
    """The rows of one status that share code (and sentence)."""

    code: str
    rows: int
    newest: int
    due_at: float | None
    sentence: str = ""


class _Table(NamedTuple):
    """Which columns tell the reason."""

    name: str
    code: str
    sentence: str
    due: str
    when: str
    condition: str = ""


_DELIVERY = _Table(
    "delivery",
    "last_code",
    "CASE WHEN last_error = '' THEN reason ELSE last_error END",
    "next_attempt_at",
    "COALESCE((SELECT MAX(a.started_at) FROM attempt a WHERE a.delivery_id = delivery.id),"
    " created_at)",
    "AND status IN ('dead', 'retrying')",
)
#: webhooks that merely wait for events still under way have made no attempt
_WEBHOOK = _Table("webhook", "''", "reason", "due_at", "received_at", "AND attempts > 0")
_STUCK = _WEBHOOK._replace(condition="")
_SELECT_DELIVERIES = f"SELECT {DELIVERY_COLUMNS} FROM delivery d"  # noqa: S608 - constant
_SELECT_WEBHOOKS = f"SELECT {WEBHOOK_COLUMNS} FROM webhook w"  # noqa: S608 - constant


async def causes(store: StoreView) -> list[Cause]:
    """What wants attention, by cause: dead first, then retrying, unmappable and waiting."""

    def read(tx: Tx) -> list[Cause]:
        found: list[Cause] = []
        for status in (*DELIVERIES, *WEBHOOKS):
            found += _causes_of(tx, status)
        return found

    return await store.driver.read(read)


async def page(store: StoreView, cause: Cause, before: int | None, limit: int) -> Page:
    """The deliveries of a cause, newest first, older than `before`."""
    rows = await _rows(store, cause, _SELECT_DELIVERIES, before, limit)
    found = tuple(delivery_of(row) for row in rows)
    return Page(rows=found, before=found[-1].id if len(found) == limit else None)


async def webhook_page(
    store: StoreView, cause: Cause, before: int | None, limit: int
) -> WebhookPage:
    """The webhooks of a cause, newest first, older than `before`."""
    rows = await _rows(store, cause, _SELECT_WEBHOOKS, before, limit)
    found = tuple(webhook_of(row) for row in rows)
    return WebhookPage(rows=found, before=found[-1].id if len(found) == limit else None)


async def ids(store: StoreView, cause: Cause, limit: int) -> list[int]:
    """The ids of the rows of a cause, newest first, at most `limit`."""
    select = f"SELECT id FROM {_table(cause.status).name}"  # noqa: S608 - constant
    return [row[0] for row in await _rows(store, cause, select, None, limit)]


async def last_accepted_at(store: StoreView) -> float | None:
    """When Segment accepted the newest of the deliveries that it took."""

    def read(tx: Tx) -> list[Row]:
        return tx.sql(
            "SELECT MAX(accepted_at) FROM delivery WHERE id IN ("
            " SELECT MAX(id) FROM delivery WHERE status = 'accepted'"
            " UNION ALL SELECT MAX(id) FROM delivery WHERE status = 'confirmed')",
            {},
        )

    found = (await store.driver.read(read))[0][0]
    return None if found is None else float(found)


def _causes_of(tx: Tx, status: DeliveryStatus | WebhookStatus) -> list[Cause]:
    table = _table(status)
    by_code: dict[str, list[_Group]] = {}
    for told in _sentences(tx, table, status):
        by_code.setdefault(told.code, []).append(told)
    found: list[Cause] = []
    for group in _groups(tx, table, status, by_code):
        said = by_code.get(group.code, [])
        whole = sum(one.rows for one in said) == group.rows
        if table is not _DELIVERY and whole and len(said) <= MOST_REASONS:
            found += [_cause(tx, table, status, one, sentences=1) for one in said]
        else:
            found.append(_cause(tx, table, status, group, sentences=len(said)))
    return sorted(found, key=lambda cause: (-cause.rows, cause.code, cause.error))


def _groups(tx: Tx, table: _Table, status: str, by_code: dict[str, list[_Group]]) -> list[_Group]:
    """Every code of the status, counted exactly."""
    if sum(one.rows for said in by_code.values() for one in said) < SAMPLE:
        return [_together(code, said) for code, said in by_code.items()]
    text = (
        f"SELECT {table.code}, COUNT(*), MAX(id), MIN({table.due}) FROM {table.name} "  # noqa: S608 - constant
        f"WHERE status = :status {table.condition} GROUP BY 1"
    )
    return [_Group(*row) for row in tx.sql(text, {"status": str(status)})]


def _together(code: str, said: Sequence[_Group]) -> _Group:
    """What a code's sentences come to."""
    due = [one.due_at for one in said if one.due_at is not None]
    return _Group(
        code,
        rows=sum(one.rows for one in said),
        newest=max(one.newest for one in said),
        due_at=min(due, default=None),
    )


def _sentences(tx: Tx, table: _Table, status: str) -> list[_Group]:
    """What the newest rows of the status say, by code and sentence."""
    text = (
        f"SELECT code, COUNT(*), MAX(id), MIN(due), sentence FROM ("  # noqa: S608 - constant
        f" SELECT id, {table.code} AS code, {table.sentence} AS sentence, {table.due} AS due"
        f" FROM {table.name} WHERE status = :status {table.condition}"
        f" ORDER BY id DESC LIMIT :limit) AS newest GROUP BY code, sentence"
    )
    return [_Group(*row) for row in tx.sql(text, {"status": str(status), "limit": SAMPLE})]


def _cause(
    tx: Tx, table: _Table, status: DeliveryStatus | WebhookStatus, group: _Group, *, sentences: int
) -> Cause:
    text = f"SELECT {table.sentence}, {table.when} FROM {table.name} WHERE id = :id"  # noqa: S608 - constant
    sentence, newest = tx.sql(text, {"id": group.newest})[0]
    return Cause(
        status=status,
        code=group.code,
        error=sentence,
        sentences=sentences,
        rows=group.rows,
        next_attempt_at=group.due_at,
        newest=newest,
    )


async def _rows(
    store: StoreView, cause: Cause, select: str, before: int | None, limit: int
) -> Sequence[Row]:
    table = _table(cause.status)
    parameters: dict[str, object] = {"status": str(cause.status), "limit": limit}
    terms = ["status = :status" + f" {table.condition}".rstrip()]
    if table is _DELIVERY:
        terms.append(f"{table.code} = :code")
        parameters["code"] = cause.code
    elif cause.sentences == 1:
        terms.append(f"{table.sentence} = :sentence")
        parameters["sentence"] = cause.error
    if before is not None:
        terms.append("id < :before")
        parameters["before"] = before
    text = f"{select} WHERE {' AND '.join(terms)} ORDER BY id DESC LIMIT :limit"
    return await store.driver.read(lambda tx: tx.sql(text, parameters))


def _table(status: DeliveryStatus | WebhookStatus) -> _Table:
    if isinstance(status, DeliveryStatus):
        return _DELIVERY
    return _WEBHOOK if status is WebhookStatus.WAITING else _STUCK
