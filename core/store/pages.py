"""Composes the SQL of pages: columns in the order of rows.py, filters of webhooks. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.store.words import storable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.store.base import WebhookFilter
    from core.store.ways import Way

DELIVERY_COLUMNS = (
    "d.id, d.webhook_id, d.message_id, d.type, d.event, d.conversation_id, d.customer_id, "
    "d.user_id, d.occurred_at, d.received_at, d.created_at, d.channel, d.status, d.reason, "
    "d.incomplete, d.attempts, d.next_attempt_at, d.last_code, d.last_error, d.accepted_at, "
    "d.ambiguous_since, d.replay_of, d.confirmed_at, d.source"
)
DELIVERY_BY_ID = f"SELECT {DELIVERY_COLUMNS} FROM delivery d WHERE d.id = :id"  # noqa: S608 - constant
WEBHOOK_COLUMNS = (
    "w.id, w.dedupe_key, w.kind, w.channel, w.received_at, w.occurred_ns, w.conversation_id, "
    "w.customer_id, w.status, w.reason, w.attempts, w.due_at, w.body"
)


def effect_sql(way: Way, over: Sequence[str]) -> str:
    """How many rows come this way, and of those that a replay puts back, how many of each kind.

    Never accepted, accepted `:since`, accepted before; what may be put back is `:over0` and so on.
    """
    names = ", ".join(f":over{number}" for number in range(len(over)))
    possible = (
        f"status IN ({names}) AND NOT EXISTS (SELECT 1 FROM delivery_content c "  # noqa: S608
        "WHERE c.delivery_id = found.id AND c.payload IS NULL)"
    )
    kinds = ("accepted_at IS NULL", "accepted_at > :since", "accepted_at <= :since")
    counts = ", ".join(f"COUNT(CASE WHEN {kind} AND {possible} THEN 1 END)" for kind in kinds)
    rows = way.select("d.id, d.status, d.accepted_at")
    return f"SELECT COUNT(*), {counts} FROM ({rows}) AS found"  # noqa: S608


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


def _merged(select: str, conditions: Sequence[str], alternatives: Sequence[str]) -> str:
    """Newest first; each status is a run of its own index, merged, so nothing is sorted."""
    runs = [
        f"{select} WHERE {' AND '.join(filter(None, (*conditions, alternative)))}"
        for alternative in alternatives or ("",)
    ]
    return f"{' UNION ALL '.join(runs)} ORDER BY id DESC LIMIT :limit"
