"""What a store promises: filters, pages and the seam between SqlStore and its drivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import msgspec

from core.model import (
    Channel,
    Delivery,
    DeliveryStatus,
    NewDelivery,
    Webhook,
    WebhookStatus,
)

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from core.model import ConversationFact
    from core.store.session import Session

#: what a webhook or a delivery says of which a person had everything erased; the statements of
#: resources/sql know it, too: nothing is queued from such a webhook any more
ERASED_REASON: Final = "Erased on request."
T = TypeVar("T")
Row = tuple[Any, ...]


class Tx(Protocol):
    """Statements inside one transaction."""

    def keep(self, conversation_ids: Iterable[str]) -> None:
        """Let no other engine work on these conversations before the commit; waits for it.

        What is decided on what was read stays true only so.
        """

    def run(self, name: str, /, **parameters: object) -> list[Row]:
        """Execute the named statement; all its rows."""

    def change(self, name: str, /, **parameters: object) -> int:
        """Execute the named statement; how many rows it changed."""

    def run_each(self, name: str, parameters: Sequence[dict[str, object]]) -> list[list[Row]]:
        """Execute the named statement once for each; the rows of each."""

    def change_each(self, name: str, parameters: Sequence[dict[str, object]]) -> int:
        """Execute the named statement once for each; how many rows all of them changed."""

    def insert_rows(self, name: str, rows: Sequence[Row]) -> list[Row]:
        """Execute the named insert, whose `{rows of n}` stands for these; all it returns."""

    def sql(self, text: str, parameters: dict[str, object]) -> list[Row]:
        """Execute a composed statement; all its rows."""


class Driver(Protocol):
    """One database engine: transactions in groups, reads, and its few words of dialect."""

    #: deliveries `d` by the words found; the words alone; their row's id; the condition
    search_join: str
    search_source: str
    search_key: str
    search_condition: str
    #: what makes a table be read in the order of its ids
    by_id: str
    #: a row always has a larger id than those that were committed before it
    ids_in_order: bool
    #: several engines may work on it at once, each with leases of its own
    shared: bool

    def by_index(self, name: str) -> str:
        """What makes a table be read by this index."""

    def search_query(self, words: Sequence[str], by_column: Mapping[str, Sequence[str]]) -> str:
        """What `search_condition` finds: all these words as prefixes, some in certain columns."""

    def session(self, *, candidate: bool) -> Session:
        """A standing connection for an engine; a candidate may lead."""

    def clock(self) -> float:
        """Epoch seconds, the same for all engines on one store: what leases are counted by."""

    async def open(self) -> None:
        """Lock, create or migrate."""

    async def close(self) -> None:
        """Commit what waits, then let go."""

    async def write(self, work: Callable[[Any], T], *, simple: bool = False) -> T:
        """Run `work` in a transaction and return after its commit.

        It may be run a second time, when another engine was in the way of the first.
        """

    def submit(self, work: Callable[[Any], T], *, simple: bool = False) -> asyncio.Future[T]:
        """Begin what `write` does, before all that is not urgent; done after the commit."""

    async def read(self, work: Callable[[Any], T]) -> T:
        """Run `work` without the right to change anything."""

    async def settled(self, table: str) -> int:
        """The id in this table up to which everything is there for whoever reads from now on."""

    async def version(self) -> int:
        """A number that changes with every commit of somebody else."""

    async def tidy(self) -> None:
        """Do in small steps what `scrub` would do at one go."""

    async def scrub(self) -> None:
        """Make deleted content unrecoverable."""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """Who claims rows, and until when (epoch seconds) if it says nothing more."""

    owner: str
    until: float


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which deliveries a page shows; empty members let everything pass.

    Members are joined by AND, the values of one member by OR. `since` and `until` are epoch
    seconds of arrival here. `search`, `customer`, `agent` and `email` are words that must all
    occur, each as a prefix: anywhere, or in that field (ids included).
    """

    statuses: tuple[DeliveryStatus, ...] = ()
    event: str | None = None
    events: tuple[str, ...] = ()
    since: float | None = None
    until: float | None = None
    search: str | None = None
    channel: Channel | None = None
    channels: tuple[Channel, ...] = ()
    ids: tuple[int, ...] = ()
    customer: str | None = None
    conversation: str | None = None
    agent: str | None = None
    email: str | None = None
    #: messageIds, and codes of the last attempt (`http.500`)
    messages: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    test: bool | None = None
    incomplete: bool | None = None
    #: queued by hand under a new messageId
    replay: bool | None = None
    #: aliases of further sources; empty text for the one of `segment`
    sources: tuple[str, ...] = ()


class WebhookFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which webhooks a page shows."""

    statuses: tuple[WebhookStatus, ...] = ()
    kind: str | None = None
    since: float | None = None
    until: float | None = None
    search: str | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first; `before` continues with older ones, None at the end."""

    rows: tuple[Delivery, ...]
    before: int | None


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """All rows that pass a filter, by position: 0 is the oldest, so new rows only append.

    `anchors[k]` is the id of the row at position `k * step`; `top` is the id of the newest
    row, 0 when there is none. `rows_from(filter, anchors[k], step)` reads those positions.
    """

    count: int
    anchors: tuple[int, ...]
    step: int
    top: int


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """What happened from `start` (epoch seconds) until the next bucket.

    `dead` counts what is dead now. Latencies are seconds from arrival here until Segment
    accepted, None where nothing was accepted. `backlog` is what was under way at the end.
    """

    start: float
    received: int
    accepted: int
    dead: int
    p50: float | None
    p95: float | None
    backlog: int


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """Buckets of equal width from `since` until `until`, oldest first."""

    since: float
    until: float
    buckets: tuple[Bucket, ...]


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """How many track calls of one event Segment accepted in the hour that begins at `hour`.

    `early` and `late` of them lie so near to the hour's beginning or end that another clock may
    count them to the hour before or after.
    """

    event: str
    hour: int
    count: int
    early: int = 0
    late: int = 0


class Arrivals(msgspec.Struct, frozen=True, kw_only=True):
    """Webhooks of one kind in a quarter of an hour: how many, and when the last one happened.

    `quarter` is epoch seconds over 900, `received_at` when the first of them was received.
    """

    kind: str
    quarter: int
    count: int
    last: float
    received_at: float


class WebhookPage(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first; `before` continues with older ones, None at the end."""

    rows: tuple[Webhook, ...]
    before: int | None


class WebhookUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """The new state of one inbox row."""

    id: int
    status: WebhookStatus
    reason: str
    attempts: int = 0
    due_at: float | None = None


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """What came of looking at one conversation (or at one webhook of none).

    `seen` is the version of the facts the decision was made on; if they have changed since,
    the resolution is not applied and the conversation has to be looked at again.
    `withdrawn` are messageIds that ought not to exist after all; those never tried are removed.
    """

    conversation_id: str | None
    seen: tuple[Row, ...]
    updates: tuple[WebhookUpdate, ...]
    deliveries: tuple[NewDelivery, ...] = ()
    withdrawn: tuple[str, ...] = ()


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """Epoch seconds before which bodies, and whole rows, are removed."""

    payload_before: float
    metadata_before: float


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows retention touched."""

    bodies: int
    rows: int


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows a person was erased from."""

    webhooks: int
    deliveries: int


def fact_version(rows: Sequence[Row]) -> tuple[Row, ...]:
    """What a decision depends on, comparable: time, kind, agent and customer of each fact."""
    return tuple(tuple(row) for row in rows)


def version_of(facts: Sequence[ConversationFact]) -> tuple[Row, ...]:
    """The version of facts that were read, as `fact_version` gives it for those in the store."""
    return tuple(
        (fact.occurred_ns, str(fact.kind), fact.agent_id, fact.customer_id) for fact in facts
    )
