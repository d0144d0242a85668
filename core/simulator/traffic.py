"""Invents what went on in Gladly, and says which track events that should cause (pure)."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Literal, TypeAlias

from core.model import Fact
from core.simulator.events import Conversation, Event, EventMaker
from core.simulator.people import new_id
from core.simulator.timestamps import NS_PER_MS, NS_PER_SECOND, timestamp_ns, to_ns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.simulator.people import World

OpenedWhen: TypeAlias = Literal["assigned", "created"]
Expected: TypeAlias = tuple[str, str, int]

OPENED = "opened"
CLOSED = "closed"
DEFAULT_CONVERSATIONS = 100
DEFAULT_DAYS = 2.0
SECONDS_PER_DAY = 86_400
_REGULARS = 0.2
_FROM_REGULARS = 0.6
_BORN_WITH_AGENT = 0.2
_NEVER_TAKEN = 0.15
_HANDED_OVER = 0.15
_LEFT_OPEN = 0.1
_COMES_BACK = 0.25
_KEEPS_AGENT = 0.5
_MAX_PERIODS = 4
_MERGED = 0.05
_DELETED = 0.03


def truth(events: Iterable[Event], opened_when: OpenedWhen = "assigned") -> set[Expected]:
    """What should reach Segment: (opened or closed, conversation, time in ms).

    Opened once per open period, dated at its start: when an agent is on the conversation, at
    the start or later in the same period; or at every start, if `opened_when` says so. Closed
    once per CLOSED. Reads the whole history in the order in which it happened.
    """
    expected: set[Expected] = set()
    waiting: dict[str, int] = {}
    for event in sorted(events, key=lambda event: timestamp_ns(event["timestamp"])):
        at = timestamp_ns(event["timestamp"]) // NS_PER_MS
        content = event["content"]
        conversation = content.get("conversationId", "")
        match event["type"]:
            case Fact.CREATED | Fact.REOPENED:
                waiting[conversation] = at
                taken = opened_when == "created" or "agentId" in content["context"]["assignee"]
            case Fact.ASSIGNED:
                taken = "agentId" in content["assignee"]
            case Fact.CLOSED:
                expected.add((CLOSED, conversation, at))
                waiting.pop(conversation, None)
                continue
            case _:
                continue
        if taken and conversation in waiting:
            expected.add((OPENED, conversation, waiting.pop(conversation)))
    return expected


def make_history(
    world: World,
    *,
    ends_at: float,
    seed: int = 0,
    conversations: int = DEFAULT_CONVERSATIONS,
    days: float = DEFAULT_DAYS,
) -> list[Event]:
    """Invent `days` of traffic that end at `ends_at`, in the order in which it happened."""
    story = _Story(world, seed, to_ns(ends_at), round(days * SECONDS_PER_DAY) * NS_PER_SECOND)
    for _ in range(conversations):
        story.tell_conversation()
    story.part_with_customers()
    return sorted(story.events, key=lambda event: timestamp_ns(event["timestamp"]))


class _Story:
    """Collects events; what would happen after the end has not happened yet."""

    def __init__(self, world: World, seed: int, end_ns: int, span_ns: int) -> None:
        self.events: list[Event] = []
        self._dice = random.Random(seed)  # noqa: S311 - the same history for the same seed
        self._maker = EventMaker(self._dice)
        self._world = world
        self._end = end_ns
        self._span = span_ns
        self._last_seen: dict[str, int] = {}
        self._now = end_ns

    def tell_conversation(self) -> None:
        """One conversation from its first period to its last."""
        conversation = Conversation(
            id=new_id(self._dice),
            customer_id=self._some_customer(),
            inbox_id=self._dice.choice(self._world.inboxes)["id"],
            agent_id=self._some_agent() if self._happens(_BORN_WITH_AGENT) else None,
        )
        self._now = self._end - self._dice.randrange(self._span)
        self._add(self._maker.created(conversation, self._now))
        for _ in range(_MAX_PERIODS):
            if not self._tell_period(conversation) or not self._happens(_COMES_BACK):
                return
            self._pass(600, SECONDS_PER_DAY)
            if conversation.agent_id is not None and not self._happens(_KEEPS_AGENT):
                self._add(self._maker.assigned(conversation, self._now, None))
                self._pass(60, 600)
            self._add(self._maker.reopened(conversation, self._now))

    def part_with_customers(self) -> None:
        """Some customers, done with all their conversations, are merged or deleted."""
        people = [person["id"] for person in self._world.customers]
        merged, deleted = self._share(people, _MERGED), self._share(people, _DELETED)
        idle = [person for person in people if person not in self._with_open_conversation()]
        leaving = self._dice.sample(idle, k=min(merged + deleted, len(idle)))
        staying = [person for person in people if person not in leaving]
        for index, person in enumerate(leaving):
            self._now = self._last_seen.get(person, self._end - self._span)
            self._pass(60, 600)
            if index < merged:
                other = self._dice.choice(staying)
                self._add(self._maker.merged(person, other, self._now))
            else:
                self._add(self._maker.deleted(person, self._now))

    def _with_open_conversation(self) -> set[str]:
        owners: dict[str, str] = {}
        for event in self.events:
            owners[event["content"]["conversationId"]] = event["content"]["customerId"]
        done = {e["content"]["conversationId"] for e in self.events if e["type"] == Fact.CLOSED}
        return {customer for conversation, customer in owners.items() if conversation not in done}

    def _tell_period(self, conversation: Conversation) -> bool:
        """From here to CLOSED; false if it stays open."""
        if conversation.agent_id is None and not self._happens(_NEVER_TAKEN):
            self._pass(30, 7200)
            self._add(self._maker.assigned(conversation, self._now, self._some_agent()))
        if conversation.agent_id is not None and self._happens(_HANDED_OVER):
            self._pass(60, 3600)
            self._add(self._maker.assigned(conversation, self._now, self._some_agent()))
        for topic in self._dice.sample(self._world.topics, k=self._dice.randrange(3)):
            self._pass(5, 600)
            self._add(self._maker.topic_added(conversation, self._now, topic["id"]))
        if self._happens(_LEFT_OPEN):
            return False
        self._pass(60, 8 * 3600)
        self._add(self._maker.closed(conversation, self._now))
        return True

    def _add(self, event: Event) -> None:
        if self._now <= self._end:
            self.events.append(event)
        customer = event["content"].get("customerId")
        if customer is not None:
            self._last_seen[customer] = max(self._now, self._last_seen.get(customer, 0))

    def _pass(self, least: int, most: int) -> None:
        self._now += self._dice.randrange(least * NS_PER_SECOND, most * NS_PER_SECOND)

    def _happens(self, probability: float) -> bool:
        return self._dice.random() < probability

    def _share(self, people: list[str], part: float) -> int:
        return max(1, round(len(people) * part))

    def _some_agent(self) -> str:
        return str(self._dice.choice(self._world.agents)["id"])

    def _some_customer(self) -> str:
        people = self._world.customers
        regulars = people[: max(1, int(len(people) * _REGULARS))]
        return str(self._dice.choice(regulars if self._happens(_FROM_REGULARS) else people)["id"])
