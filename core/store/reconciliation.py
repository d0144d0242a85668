"""Whether everything that was seen is accounted for: two ways of counting that can disagree.

Counting the rows of a table by status always adds up, so it proves little. Here the webhooks say
how many were mapped, and the deliveries, on their own, say for how many mapped webhooks a call
stands in the outbox; where the two differ, the webhooks without one are looked for. Then rows are
held against each other: what a delivery came from, what a webhook told, what makes it accepted,
what will look at it again. All of it is one snapshot, so work under way makes no difference.

What looks wrong and is not:

- The same event told twice, or as created and reopened in one instant, has one call: it is found
  by the messageId that can be made from the webhook alone.
- Erasure takes the ids that connect rows. Of an erased webhook without a call nothing more can be
  known; it is counted as erased.
- Retention removes bodies first, which changes nothing here, and later whole rows, each at its
  own time: days of which rows were removed are left out (`PRUNED_BEFORE`).

Everything is read along the ids, or from the index on the deliveries' arrival: a call is never
dated before its webhook, whatever the clock did. No index on webhooks is made for this.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

import msgspec

from core.store.base import ERASED_REASON
from core.store.words import storable
from core.sums import ERASED, SHOWN, Daybook, Fault, Offender, Sums, from_midnight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.store.base import Row, Tx

#: epoch seconds before which retention removed rows, as a remembered value
PRUNED_BEFORE: Final = "pruned_before"
#: mapped webhooks without a call of their own that are looked into
MOST: Final = 10_000


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be added up.

    Args:
        since: From the beginning of this day on (epoch seconds).
        until: Before this time.
        zone: Whose days; None is this computer's.
        message_id: The messageId of the track call for a kind of webhook, a conversation and a
            time (epoch nanoseconds).
    """

    since: float
    until: float
    zone: tzinfo | None
    message_id: Callable[[str, str, int], str]


def sums(tx: Tx, asked: Question) -> Sums:
    """The days, and what does not add up."""
    since = from_midnight(asked.since, pruned_before(tx), asked.zone)
    window: dict[str, object] = {"since": since, "until": asked.until}
    daybook = Daybook(asked.zone)
    daybook.seen(tx.run("seen_by_quarter", **window))
    daybook.told(tx.run("told_by_quarter", **window))
    missing = [*_without_call(tx, asked, daybook, window)] if daybook.unmatched else []
    offenders = [
        *(Offender(row=f"w{one}", fault=Fault.NO_CALL) for one in missing[:SHOWN]),
        *_faulty(tx, "faulty_webhooks", "w", window),
        *_forgotten(tx, window),
        *_faulty(tx, "faulty_deliveries", "d", window),
    ]
    return Sums(since=since, until=asked.until, days=daybook.days, offenders=tuple(offenders))


def pruned_before(tx: Tx) -> float:
    """Before which time rows were removed; 0 when none were."""
    rows = tx.run("get_meta", name=PRUNED_BEFORE)
    return float(rows[0][0]) if rows else 0.0


def _without_call(
    tx: Tx, asked: Question, daybook: Daybook, window: dict[str, object]
) -> Iterator[int]:
    """Mapped webhooks that have no call; those that share one are told to the daybook."""
    for one, quarter, *told, reason in tx.run("resolved_without_call", limit=MOST, **window):
        status = ERASED if reason == ERASED_REASON else _shared(tx, asked, told)
        if status is None:
            yield one
        else:
            daybook.told([(quarter, status, 1)])


def _shared(tx: Tx, asked: Question, told: list[str | int | None]) -> str | None:
    """The status of the call that another webhook has led to."""
    kind, conversation_id, occurred_ns = told
    if not (isinstance(conversation_id, str) and isinstance(occurred_ns, int)):
        return None
    name = asked.message_id(str(kind), conversation_id, occurred_ns)
    rows = tx.run("status_by_message", message_id=storable(name))
    return str(rows[0][0]) if rows else None


def _faulty(tx: Tx, name: str, table: str, window: dict[str, object]) -> list[Offender]:
    rows = tx.run(name, limit=SHOWN, **window)
    return [Offender(row=f"{table}{one}", fault=Fault[fault.upper()]) for one, fault in rows]


def _forgotten(tx: Tx, window: dict[str, object]) -> list[Offender]:
    """Webhooks whose fact is gone, unless it went with a person who was erased."""
    rows: list[Row] = tx.run("forgotten_webhooks", limit=MOST, **window)
    erased = {tuple(row) for row in tx.run("erased_facts")} if rows else set()
    lost = [one for one, kind, ns in rows if (kind, ns // 1_000_000) not in erased]
    return [Offender(row=f"w{one}", fault=Fault.FORGOTTEN) for one in lost[:SHOWN]]
