"""What the ids in a webhook stand for, found with as few requests as possible."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import msgspec

from core.errors import CustomerMerged, GladlyError, GladlyNotFound
from core.gladly.budget import SystemClock
from core.gladly.cache import FetchCache
from core.gladly.directory import Directory
from core.gladly.payloads import Conversation, CustomerProfile
from core.gladly.traits import Traits, traits_of
from core.model import Context

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from core.gladly.budget import Clock
    from core.gladly.payloads import Agent, Topic

V = TypeVar("V")

CUSTOMER_TTL_SECONDS: Final = 300.0
#: a customer that Gladly does not know yet may turn up
GONE_TTL_SECONDS: Final = 60.0
#: long enough for the events that one click in Gladly causes
CONVERSATION_TTL_SECONDS: Final = 5.0
CUSTOMERS_KEPT: Final = 10_000
CONVERSATIONS_KEPT: Final = 1_000
MAX_MERGES: Final = 5


class Resources(Protocol):
    """The part of GladlyClient that look-ups need."""

    async def agents(self) -> tuple[Agent, ...]:
        """Return all agents."""

    async def topics(self) -> tuple[Topic, ...]:
        """Return all topics."""

    async def conversation(self, conversation_id: str) -> Conversation:
        """Return one conversation; GladlyNotFound."""

    async def customer(self, customer_id: str) -> CustomerProfile:
        """Return one customer; GladlyNotFound, CustomerMerged."""


class _Gone(msgspec.Struct, frozen=True, kw_only=True):
    """Gladly knows nothing by this id (404)."""


class _Moved(msgspec.Struct, frozen=True, kw_only=True):
    """The customer was merged into another (301)."""

    new_id: str


class _Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The customer that an event is about, after merges."""

    customer_id: str | None
    traits: Traits = Traits()


_FoundCustomer = CustomerProfile | _Moved | _Gone
_FoundConversation = Conversation | _Gone


class _Work:
    """One context in the making: what is gone, and (when it may be partial) what is missing.

    Without `ask`, only caches are read.
    """

    def __init__(self, *, partial_allowed: bool, ask: bool = True) -> None:
        self._partial_allowed = partial_allowed
        self._ask = ask
        self.gone: list[str] = []
        self.missing: list[str] = []

    async def cached(
        self, name: str, cache: FetchCache[str, V], key: str, fetch: Callable[[], Awaitable[V]]
    ) -> V | None:
        """Return what the cache or `fetch` holds; None once it is named as missing."""
        try:
            if self._ask:
                return await cache.get(key, fetch)
        except GladlyError:
            if not self._partial_allowed:
                raise
        found = cache.stale(key)
        if found is None:
            self.missing.append(name)
        return found

    async def named(self, name: str, directory: Directory, ids: Sequence[str]) -> Mapping[str, str]:
        """Return names by id; in need from an old list, and `name` is missing if that lacks any."""
        try:
            if self._ask:
                return await directory.names(ids)
        except GladlyError:
            if not self._partial_allowed:
                raise
        if any(one not in directory.known for one in ids):
            self.missing.append(name)
        return directory.known


class ContextLookup:
    """Turns ids into a Context through caches, with one request per thing wanted.

    Agents and topics come by one list call each, good for an hour. Customers are kept
    `customer_ttl` seconds, conversations for a few. Look-ups under way for the same id are shared.

    Args:
        client: Where resources come from.
        clock: Where time comes from.
        customer_ttl: Seconds for which a customer is good.
    """

    def __init__(
        self,
        client: Resources,
        *,
        clock: Clock | None = None,
        customer_ttl: float = CUSTOMER_TTL_SECONDS,
    ) -> None:
        clock = clock or SystemClock()
        self._client = client
        self._customer_ttl = customer_ttl
        self._agents = Directory(client.agents, clock)
        self._topics = Directory(client.topics, clock)
        self._customers: FetchCache[str, _FoundCustomer] = FetchCache(
            clock, size=CUSTOMERS_KEPT, ttl=self._ttl_of
        )
        self._conversations: FetchCache[str, _FoundConversation] = FetchCache(
            clock, size=CONVERSATIONS_KEPT, ttl=lambda _: CONVERSATION_TTL_SECONDS
        )

    def _ttl_of(self, found: _FoundCustomer) -> float:
        if isinstance(found, _Gone):
            return min(self._customer_ttl, GONE_TTL_SECONDS)
        return self._customer_ttl

    async def context(
        self,
        conversation_id: str | None,
        customer_id: str | None,
        agent_id: str | None,
        *,
        want_topics: bool,
    ) -> Context:
        """Look up customer, agent and (if wanted) topics.

        The conversation is fetched only for its topics, or when the webhook names no customer.
        Without `want_topics`, or without a conversation, `topic_ids` and `topic_names` are None;
        `topic_names` leaves out topics that Gladly's list does not hold. A 404 is no failure: it
        is named in `gone` as `customer` or `conversation`. A merged customer is followed, and
        `customer_id` is the new id.

        Raises:
            GladlyError: A part could not be had: GladlyUnauthorized, GladlyRateLimited,
                GladlyUnavailable.
        """
        work = _Work(partial_allowed=False)
        return await self._build(work, conversation_id, customer_id, agent_id, topics=want_topics)

    async def partial_context(
        self,
        conversation_id: str | None,
        customer_id: str | None,
        agent_id: str | None,
        *,
        want_topics: bool,
        ask: bool = True,
    ) -> Context:
        """Look up what can be had now, in need from caches past their time.

        Without `ask`, Gladly is left in peace and only the caches are read.

        Never raises GladlyError: `missing` names the parts that could not be had, of `customer`,
        `conversation` (and with it its topics), `agent`, `topics`.
        """
        work = _Work(partial_allowed=True, ask=ask)
        return await self._build(work, conversation_id, customer_id, agent_id, topics=want_topics)

    def invalidate_customer(self, customer_id: str) -> None:
        """Forget a customer, as after a change, a merge or an erasure."""
        self._customers.drop(customer_id)

    async def _build(
        self,
        work: _Work,
        conversation_id: str | None,
        customer_id: str | None,
        agent_id: str | None,
        *,
        topics: bool,
    ) -> Context:
        conversation: Conversation | None = None
        if conversation_id and (topics or not customer_id):
            conversation = await self._conversation(work, conversation_id)
            customer_id = customer_id or (conversation.customer_id if conversation else None)
        subject = await self._subject(work, customer_id)
        topic_ids = (conversation.topic_ids or ()) if topics and conversation else None
        topic_names = await work.named("topics", self._topics, topic_ids or ())
        agent_names = await work.named("agent", self._agents, (agent_id,) if agent_id else ())
        return Context(
            customer_id=subject.customer_id,
            customer_name=subject.traits.name,
            email=subject.traits.email,
            phone=subject.traits.phone,
            external_customer_id=subject.traits.external_customer_id,
            custom_attributes=subject.traits.custom_attributes,
            agent_name=agent_names.get(agent_id) if agent_id else None,
            topic_ids=topic_ids,
            topic_names=_known(topic_ids, topic_names),
            gone=tuple(work.gone),
            missing=tuple(work.missing),
        )

    async def _conversation(self, work: _Work, conversation_id: str) -> Conversation | None:
        """Return the conversation; None when it is gone or missing."""
        fetch = partial(self._fetch_conversation, conversation_id)
        found = await work.cached("conversation", self._conversations, conversation_id, fetch)
        if isinstance(found, _Gone):
            work.gone.append("conversation")
            return None
        return found

    async def _fetch_conversation(self, conversation_id: str) -> _FoundConversation:
        try:
            return await self._client.conversation(conversation_id)
        except GladlyNotFound:
            return _Gone()

    async def _subject(self, work: _Work, customer_id: str | None) -> _Subject:
        """Follow merges to the customer; a chain that is too long or a circle leads nowhere."""
        if customer_id is None and "conversation" in work.missing:
            work.missing.append("customer")
        seen: list[str] = []
        current = customer_id
        while current and current not in seen and len(seen) <= MAX_MERGES:
            seen.append(current)
            fetch = partial(self._fetch_customer, current)
            found = await work.cached("customer", self._customers, current, fetch)
            if isinstance(found, CustomerProfile):
                return _Subject(customer_id=current, traits=traits_of(found))
            if not isinstance(found, _Moved):
                if found is not None:
                    work.gone.append("customer")
                return _Subject(customer_id=current)
            current = found.new_id
        if seen:
            work.gone.append("customer")
        return _Subject(customer_id=customer_id)

    async def _fetch_customer(self, customer_id: str) -> _FoundCustomer:
        try:
            return await self._client.customer(customer_id)
        except GladlyNotFound:
            return _Gone()
        except CustomerMerged as exc:
            return _Moved(new_id=exc.new_id)


def _known(ids: tuple[str, ...] | None, names: Mapping[str, str]) -> tuple[str, ...] | None:
    if ids is None:
        return None
    return tuple(names[one] for one in ids if one in names)
