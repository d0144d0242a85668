"""Composes the SQL of a page: filters from a fixed vocabulary, newest first, by key. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.store.base import Driver, Filter, WebhookFilter

DELIVERY_COLUMNS = (
    "d.id, d.webhook_id, d.message_id, d.type, d.event, d.conversation_id, d.customer_id, "
    "d.user_id, d.occurred_at, d.received_at, d.created_at, d.channel, d.status, d.reason, "
    "d.incomplete, d.attempts, d.next_attempt_at, d.last_code, d.last_error, d.accepted_at, "
    "d.ambiguous_since, d.replay_of"
)
DELIVERY_BY_ID = f"SELECT {DELIVERY_COLUMNS} FROM delivery d WHERE d.id = :id"  # noqa: S608 - constant
WEBHOOK_COLUMNS = (
    "w.id, w.dedupe_key, w.kind, w.channel, w.received_at, w.occurred_ns, w.conversation_id, "
    "w.customer_id, w.status, w.reason, w.attempts, w.due_at, w.body"
)


def page_sql(
    wanted: Filter, before: int | None, limit: int, driver: Driver
) -> tuple[str, dict[str, object]]:
    """A page of deliveries, newest first: the statement and its parameters."""
    return _deliveries(wanted, driver, ("< :before", "before", before), limit, order="DESC")


def block_sql(
    wanted: Filter, first: int, limit: int, driver: Driver
) -> tuple[str, dict[str, object]]:
    """Deliveries oldest first: the statement and its parameters."""
    return _deliveries(wanted, driver, (">= :first", "first", first), limit, order="ASC")


def ids_sql(wanted: Filter, driver: Driver) -> tuple[str, dict[str, object]]:
    """The ids of all deliveries that pass, oldest first."""
    return _deliveries(wanted, driver, (">= :first", "first", 0), -1, order="ASC", columns="d.id")


def effect_sql(
    wanted: Filter, over: Sequence[str], since: float, driver: Driver
) -> tuple[str, dict[str, object]]:
    """What a replay would do with all that pass, by kind: the statement and its parameters."""
    columns = "d.id, d.status, d.accepted_at"
    bound = (">= :first", "first", 0)
    inner, parameters = _deliveries(wanted, driver, bound, -1, order="ASC", columns=columns)
    names = {f"over{number}": str(one) for number, one in enumerate(over)}
    parameters |= names | {"accepted_since": since}
    return (
        f"SELECT CASE WHEN status NOT IN ({', '.join(':' + name for name in names)}) OR EXISTS "
        "(SELECT 1 FROM delivery_content c WHERE c.delivery_id = found.id AND c.payload IS NULL) "
        "THEN 'impossible' WHEN accepted_at IS NULL THEN 'fresh' "
        "WHEN accepted_at > :accepted_since THEN 'dropped' ELSE 'again' END, COUNT(*) "
        f"FROM ({inner}) AS found GROUP BY 1",
        parameters,
    )


def _deliveries(
    wanted: Filter,
    driver: Driver,
    bound: tuple[str, str, int | None],
    limit: int,
    *,
    order: str,
    columns: str = DELIVERY_COLUMNS,
) -> tuple[str, dict[str, object]]:
    parameters: dict[str, object] = {"limit": limit}
    searched = " ".join(filter(None, (wanted.search, wanted.customer, wanted.agent, wanted.email)))
    words = _words(searched)
    key = "delivery_fts.rowid" if words else "d.id"
    conditions = _conditions(
        parameters,
        ("d.event = :event", "event", wanted.event),
        ("d.received_at >= :since", "since", wanted.since),
        ("d.received_at < :until", "until", wanted.until),
        ("d.channel = :channel", "channel", wanted.channel),
        ("d.conversation_id = :conversation", "conversation", wanted.conversation),
        ("(d.channel = 'test') = :test", "test", wanted.test),
        ("(d.incomplete <> 0) = :incomplete", "incomplete", wanted.incomplete),
        ("(d.replay_of IS NOT NULL) = :replay", "replay", wanted.replay),
        (f"{key} {bound[0]}", bound[1], bound[2]),
        (driver.search_condition, "search", words or None),
    )
    for column, values in (
        ("d.id", wanted.ids),
        ("d.event", wanted.events),
        ("d.channel", wanted.channels),
        ("d.message_id", wanted.messages),
        ("d.last_code", wanted.codes),
    ):
        if values:
            names = {f"{column[2:]}{number}": one for number, one in enumerate(values)}
            parameters.update(names)
            conditions.append(f"{column} IN ({', '.join(':' + name for name in names)})")
    select = f"SELECT {columns} FROM delivery d"  # noqa: S608 - constant
    statuses = _by_status("d.status", wanted.statuses, parameters)
    if not words:
        return _merged(select, conditions, statuses, order), parameters
    if statuses:
        conditions.append(f"({' OR '.join(statuses)})")
    return (
        f"{select} {driver.search_join} WHERE {' AND '.join(conditions)} "
        f"ORDER BY {key} {order} LIMIT :limit",
        parameters,
    )


def webhook_page_sql(
    wanted: WebhookFilter, before: int | None, limit: int
) -> tuple[str, dict[str, object]]:
    """A page of webhooks: the statement and its parameters."""
    parameters: dict[str, object] = {"limit": limit}
    conditions = _conditions(
        parameters,
        ("w.kind = :kind", "kind", wanted.kind),
        ("w.received_at >= :since", "since", wanted.since),
        ("w.received_at < :until", "until", wanted.until),
        (
            "(w.conversation_id = :search OR w.customer_id = :search OR w.dedupe_key = :search)",
            "search",
            None if wanted.search is None else storable(wanted.search),
        ),
        ("w.id < :before", "before", before),
    )
    select = f"SELECT {WEBHOOK_COLUMNS} FROM webhook w"  # noqa: S608 - constant
    statuses = _by_status("w.status", wanted.statuses, parameters)
    return _merged(select, conditions, statuses), parameters


def _conditions(parameters: dict[str, object], *terms: tuple[str, str, object | None]) -> list[str]:
    """The conditions whose value is given; the values join the parameters."""
    given = [term for term in terms if term[2] is not None]
    parameters.update({name: value for _, name, value in given})
    return ["1 = 1", *(condition for condition, _, _ in given)]


def _by_status(column: str, statuses: Sequence[str], parameters: dict[str, object]) -> list[str]:
    """One condition for each status."""
    names = {f"status{number}": str(one) for number, one in enumerate(dict.fromkeys(statuses))}
    parameters.update(names)
    return [f"{column} = :{name}" for name in names]


def _merged(
    select: str, conditions: Sequence[str], alternatives: Sequence[str], order: str = "DESC"
) -> str:
    """Newest first; each status is a run of its own index, merged, so nothing is sorted."""
    runs = [
        f"{select} WHERE {' AND '.join(filter(None, (*conditions, alternative)))}"
        for alternative in alternatives or ("",)
    ]
    return f"{' UNION ALL '.join(runs)} ORDER BY id {order} LIMIT :limit"


def _words(search: str) -> str:
    """A search text as words that must all occur, each as a prefix."""
    found = re.findall(r"[\w-]+", composed(search))
    words = (word for word in found if any(map(str.isalnum, word)))
    return " ".join(f'"{word}"*' for word in words)


def composed(text: str) -> str:
    """The text with each letter and its accents as one character, so that spellings meet."""
    return unicodedata.normalize("NFC", text)


def storable(text: str) -> str:
    """The text without what no database takes (NUL, half a surrogate pair)."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
