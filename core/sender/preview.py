"""What Segment would get for webhook bodies, or why nothing goes out for one. Pure."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import msgspec

from core.errors import EventRefused, Unmappable
from core.mapping import transform
from core.mapping.periods import judge
from core.model import Channel, Context, CustomerEvent, WebhookStatus
from core.model import Webhook as Row
from core.pipeline import merges
from core.pipeline.departures import TEST_ONLY
from core.pipeline.facts import NOT_IN_PLAN, REPEATED, fact_of, view_of
from core.segment.message import MessageBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.mapping.periods import Wanted
    from core.mapping.plan import Plan
    from core.model import ConversationFact
    from core.sender.bodies import Body

    LookUp = Callable[[str | None, str | None], Context]

PING = "PING"
ONLY_ASKS = "A PING only asks whether the listener answers: nothing goes to Segment."
NOTHING_SENT = {PING: ONLY_ASKS, str(CustomerEvent.DELETED): TEST_ONLY}


class Mapped(msgspec.Struct, frozen=True, kw_only=True):
    """What one body becomes: messages as Segment gets them, or the reason why there is none.

    `reason` may also stand beside a message: what another event did to this one.
    """

    payloads: tuple[bytes, ...] = ()
    reason: str = ""

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages as objects."""
        return [msgspec.json.decode(one) for one in self.payloads]


def ids_only(customer_id: str | None, agent_id: str | None) -> Context:
    """What is known where nobody is asked."""
    del agent_id
    return Context(customer_id=customer_id)


def map_bodies(
    bodies: Sequence[Body], plan: Plan, look_up: LookUp = ids_only
) -> tuple[Mapped, ...]:
    """What becomes of each body, judged together with the others of its conversation.

    Args:
        bodies: As they would be sent; all count as test events.
        plan: The tracking plan.
        look_up: What is known of a customer and an agent.
    """
    found: dict[int, Mapped] = {}
    facts: dict[str, list[ConversationFact]] = {}
    for number, body in enumerate(bodies):
        told = _fact(number, body)
        if isinstance(told, str):
            found[number] = Mapped(reason=told)
        elif isinstance(told, Row):
            found[number] = _merge(told, plan)
        else:
            facts.setdefault(told[0], []).append(told[1])
    builder = MessageBuilder() if facts else None
    for conversation_id, known in facts.items():
        judgement = judge(known, plan.opened_when)
        for verdict in judgement.verdicts:
            found[verdict.webhook_id] = Mapped(reason=verdict.reason)
        for wanted in judgement.wanted:
            assert builder is not None  # noqa: S101 - there are facts
            context = look_up(_customer(wanted), wanted.agent_id)
            mapped = _build(builder, _calls(wanted, conversation_id, context, plan))
            found[wanted.fact.webhook_id] = mapped
    nothing = Mapped(reason=REPEATED)
    return tuple(found.get(number, nothing) for number in range(len(bodies)))


def _customer(wanted: Wanted) -> str | None:
    return wanted.fact.customer_id


def _calls(
    wanted: Wanted, conversation_id: str, context: Context, plan: Plan
) -> Iterator[transform.Call]:
    yield transform.track(wanted, conversation_id, context, plan, test=True)
    if plan.identify:
        extra = transform.identify_call(wanted, conversation_id, context, plan, test=True)
        if extra is not None:
            yield extra


def _build(builder: MessageBuilder, calls: Iterator[transform.Call]) -> Mapped:
    try:
        return Mapped(payloads=tuple(builder.build(call) for call in calls))
    except EventRefused as exc:
        return Mapped(reason=str(exc))


def _merge(row: Row, plan: Plan) -> Mapped:
    """The alias call of a merge, or why there is none."""
    update, calls = merges.settle(row, (plan,), MessageBuilder(), row.received_at)
    return Mapped(payloads=tuple(one.payload for one in calls), reason=update.reason)


def _fact(number: int, body: Body) -> tuple[str, ConversationFact] | Row | str:
    """The conversation and the fact that a body tells, or why it tells none; a merge's row."""
    kind = ""
    try:
        row = _row(number, json.dumps(body).encode())
        kind = view_of(row).type
        if kind in NOTHING_SENT:
            return NOTHING_SENT[kind]
        if kind == CustomerEvent.MERGED:
            return row
        return fact_of(msgspec.structs.replace(row, kind=kind))
    except Unmappable as exc:
        return exc.title
    except RecursionError:
        return "The body is nested too deeply."
    except ValueError:
        return NOT_IN_PLAN.format(kind=kind)


def _row(number: int, content: bytes) -> Row:
    return Row(
        id=number,
        dedupe_key="",
        kind="",
        channel=Channel.TEST,
        received_at=time.time(),
        occurred_ns=None,
        conversation_id=None,
        customer_id=None,
        status=WebhookStatus.RECEIVED,
        reason="",
        attempts=0,
        due_at=None,
        body=content,
    )
