"""What Gladly knows at the moment: customers and conversations, kept up to date by events."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from core.model import Fact
from core.simulator.events import (
    CUSTOMER_MERGED,
    PROFILE_DELETED,
    TOPIC_ADDED,
    TOPIC_REMOVED,
    Event,
)
from core.simulator.timestamps import NS_PER_MS, timestamp_ns

if TYPE_CHECKING:
    from core.simulator.people import Profile, World

_MS_DIGITS = 3


class Directory:
    """Resources by id, in the shape in which the REST API gives them out.

    A resource is replaced, never changed, so a reader on another thread sees the old or the
    new one.

    Attributes:
        customers: Profiles that can be read.
        moved: Merged customers, and the id under which each lives on.
        conversations: Every conversation that an event told of.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.reset()

    def reset(self) -> None:
        """Go back to the beginning, when nothing had happened."""
        world = self._world
        self.organization = world.organization
        self.customers = {person["id"]: copy.deepcopy(person) for person in world.customers}
        self.moved: dict[str, str] = {}
        self.conversations: dict[str, Profile] = {}
        self.agents = {agent["id"]: agent for agent in world.agents}
        self.inboxes = {inbox["id"]: inbox for inbox in world.inboxes}
        self.topics = {topic["id"]: topic for topic in world.topics}

    def apply(self, event: Event) -> None:
        """Take note of what happened."""
        content = event["content"]
        if event["type"] == CUSTOMER_MERGED:
            self._merge(content["sourceCustomerId"], content["destinationCustomerId"])
        elif event["type"] == PROFILE_DELETED:
            self.customers.pop(content["customerId"], None)
        elif "conversationId" in content:
            self._touch(event)

    def _merge(self, source: str, destination: str) -> None:
        self.customers.pop(source, None)
        self.moved[source] = destination
        for key, conversation in self.conversations.items():
            if conversation["customerId"] == source:
                self.conversations[key] = {**conversation, "customerId": destination}

    def _touch(self, event: Event) -> None:
        content = event["content"]
        key = content["conversationId"]
        known = self.conversations.get(key) or _begun(event)
        match event["type"]:
            case Fact.CREATED:
                changed = {**_begun(event), "topicIds": known["topicIds"]}
            case Fact.REOPENED:
                changed = {**_without(known, "closedAt"), "status": "OPEN"}
            case Fact.CLOSED:
                changed = {**known, "status": "CLOSED", "closedAt": _millis(event["timestamp"])}
            case Fact.ASSIGNED:
                changed = {**_without(known, "agentId"), **content["assignee"]}
            case kind if kind == TOPIC_ADDED:
                changed = {**known, "topicIds": _with(known["topicIds"], content["topicId"])}
            case kind if kind == TOPIC_REMOVED:
                left = [topic for topic in known["topicIds"] if topic != content["topicId"]]
                changed = {**known, "topicIds": left}
            case _:
                changed = known
        self.conversations[key] = changed


def _begun(event: Event) -> Profile:
    content = event["content"]
    return {
        "id": content["conversationId"],
        "customerId": content.get("customerId", ""),
        **content.get("context", {}).get("assignee", {}),
        "topicIds": [],
        "createdAt": _millis(event["timestamp"]),
        "status": "OPEN",
    }


def _without(resource: Profile, name: str) -> Profile:
    return {key: value for key, value in resource.items() if key != name}


def _with(topics: list[str], topic: str) -> list[str]:
    return topics if topic in topics else [*topics, topic]


def _millis(timestamp: str) -> str:
    """As REST resources write times: always three fraction digits."""
    millis = timestamp_ns(timestamp) // NS_PER_MS % 1000
    return f"{timestamp[:19]}.{millis:0{_MS_DIGITS}d}Z"
