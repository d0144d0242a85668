"""The people of a simulated Gladly for the test sender, and conversations they never had."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from core.model import Fact
from core.sender.people import Named, People, Person
from core.sender.problems import check
from core.simulator.events import Conversation, EventMaker
from core.simulator.timestamps import timestamp_ns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.simulator.events import Event
    from core.simulator.people import World


def people_of(world: World) -> People:
    """The people of a simulated Gladly, to choose from."""
    return People(
        customers=tuple(
            Person(
                id=one["id"],
                name=one.get("name", ""),
                email=_shown(one.get("emails", ()), "original"),
                phone=_shown(one.get("phones", ()), "normalized"),
            )
            for one in world.customers
        ),
        agents=tuple(Named(id=one["id"], name=one["name"]) for one in world.agents),
        topics=tuple(
            Named(id=one["id"], name=one["name"]) for one in world.topics if not one["disabled"]
        ),
        known=True,
    )


def _shown(entries: Iterable[dict[str, Any]], member: str) -> str:
    """The primary entry, else the first one."""
    ordered = sorted(entries, key=lambda one: not one.get("primary"))
    return str(ordered[0][member]) if ordered else ""


def introductions(bodies: Iterable[Event], topic_ids: Sequence[str], now: float) -> list[Event]:
    """What Gladly has to know so that look-ups for test events find something.

    The events themselves, and topics on their conversations; what Gladly could not have written
    is left out.
    """
    events = [one for one in bodies if _is_written_well(one, now)]
    maker = EventMaker(random.Random())  # noqa: S311 - ids, not secrets
    conversations = {one["content"]["conversationId"]: one for one in events}
    return events + [
        maker.topic_added(_conversation(one), timestamp_ns(one["timestamp"]), topic_id)
        for one in conversations.values()
        for topic_id in topic_ids
    ]


def _conversation(event: Event) -> Conversation:
    content = event["content"]
    assignee = content["context"]["assignee"]
    return Conversation(
        id=content["conversationId"],
        customer_id=content["customerId"],
        inbox_id=assignee.get("inboxId", ""),
        agent_id=assignee.get("agentId"),
    )


def _is_written_well(body: Event, now: float) -> bool:
    return body.get("type") in set(Fact) and not check(body, now)
