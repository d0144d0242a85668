"""A Segment that stands in for the real one: as forgiving in its answers, but it keeps count.

The real service answers 200 to nearly everything and drops in silence what it cannot use. This
one answers the same and records what it dropped, and why, in `problems`.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter, deque
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.simulator import segment_batch, segment_rules
from core.simulator.base import BAD_REQUEST, Simulator, json_response
from core.simulator.faults import SEGMENT_FAULTS
from core.simulator.segment_batch import BatchRefused
from core.simulator.segment_public import (
    DEMO_PUBLIC_TOKEN,
    FAILED,
    RECEIVED,
    PublicPages,
    Source,
)
from core.simulator.timestamps import timestamp_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.requests import Request

    from core.simulator.fault_layer import Exchange
    from core.simulator.faults import Fault, Strike
    from core.simulator.segment_batch import Batch
    from core.simulator.segment_echo import EchoDestination

DEDUPE_SECONDS = 24 * 3600.0
MAX_PROBLEMS_KEPT = 10_000
MAX_PROBLEMS_SHOWN = 100
BATCH_PATH = "/v1/batch"
_NOT_FOUND = 404
_OPENED = frozenset({"opened", "created", "started"})
_CLOSED = frozenset({"closed", "ended"})


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Something the real Segment would pass over in silence."""

    message_id: str | None
    reason: str
    dropped: bool


class SegmentSimulator(Simulator):
    """POST /v1/batch with the real limits, the settings page that knows write keys, a Public API.

    Args:
        write_key: The only key that counts; None takes any.
        faults: Faults to begin with.
        seed: Of the dice behind faults with a rate.
        now: The clock, epoch seconds.
        echo: Sends what is accepted back.
        public: The Public API; by default of a workspace with one source.

    Attributes:
        accepted: What Segment would keep: the first copy of each event, by messageId.
        copies: How many copies of each arrived, by messageId.
        dropped: How many events were answered 200 and thrown away; duplicates do not count.
        problems: The latest things that Segment would have passed over in silence.
    """

    fault_names: ClassVar[frozenset[str]] = SEGMENT_FAULTS
    fault_path: ClassVar[str] = BATCH_PATH

    def __init__(
        self,
        write_key: str | None = None,
        *,
        faults: Iterable[str] = (),
        seed: int = 0,
        now: Callable[[], float] = time.time,
        echo: EchoDestination | None = None,
        public: PublicPages | None = None,
    ) -> None:
        self.echo = echo
        self.public = public or PublicPages(DEMO_PUBLIC_TOKEN, (only_source(write_key),))
        routes = [
            Route(BATCH_PATH, self._post_batch, methods=["POST"]),
            Route("/v1/projects/{key}/settings", self._get_settings, methods=["GET"]),
            *self.public.routes(),
        ]
        super().__init__(routes, faults=faults, seed=seed)
        self._write_key = write_key
        self._now = now
        self._kept_at: dict[str, float] = {}
        self.accepted: dict[str, dict[str, Any]] = {}
        self.copies: Counter[str] = Counter()
        self.dropped = 0
        self.duplicates = 0
        self.problems: deque[Problem] = deque(maxlen=MAX_PROBLEMS_KEPT)

    async def background(self) -> None:
        """Send back what is accepted, until cancelled."""
        if self.echo is not None:
            await self.echo.run()

    def reset(self) -> None:
        """Forget everything seen; faults stay switched on."""
        with self._changed:
            self._kept_at.clear()
            self.accepted.clear()
            self.copies.clear()
            self.dropped = self.duplicates = 0
            self.problems.clear()
            self.public.counts.clear()
            super().reset()

    def state(self, *, events: bool = False) -> dict[str, Any]:
        """Counts; with `events`, also the events and the copies of each."""
        with self._changed:
            names = Counter(str(event.get("event")) for event in self.accepted.values())
            state: dict[str, Any] = {
                "requests": self.request_count,
                "accepted": len(self.accepted),
                "copies": self.copies.total(),
                "duplicates": self.duplicates,
                "dropped": self.dropped,
                "problems": list(self.problems)[-MAX_PROBLEMS_SHOWN:],
                "byEvent": names,
                "faults": self.faults.texts(),
            }
            if events:
                state["events"] = list(self.accepted.values())
                state["copiesById"] = dict(self.copies)
            return state

    async def _get_settings(self, request: Request) -> Response:
        known = self._write_key in (None, request.path_params["key"])
        if not known:
            return PlainTextResponse("Not Found", _NOT_FOUND)
        return json_response({"integrations": {"Segment.io": {}}, "plan": {}})

    async def _post_batch(self, request: Request) -> Response:
        try:
            batch = segment_batch.read_batch(await request.body(), request.headers)
            key = segment_batch.read_key(batch, request.headers)
            events = segment_batch.read_events(batch)
        except BatchRefused as refused:
            if refused.cause_seen:
                self._note(None, refused.cause_seen, dropped=False)
            return json_response(_failure(str(refused)), BAD_REQUEST)
        if self._poisoned(request.url.path, events):
            return json_response(_failure("malformed event"), BAD_REQUEST)
        with self._changed:
            self._take(batch, key, events)
            self._changed.notify_all()
        return json_response({"success": True})

    def _poisoned(self, path: str, events: list[dict[str, Any]]) -> bool:
        def matches(fault: Fault) -> bool:
            return any(segment_batch.is_poison(event, fault.event) for event in events)

        return self.faults.strike_content(path, matches) is not None

    def _take(self, batch: Batch, key: str, events: list[dict[str, Any]]) -> None:
        surplus = len(batch.batch) - len(events)
        if surplus:
            self._drop(
                None, f"{surplus} events beyond {segment_batch.MAX_EVENTS} in one batch", surplus
            )
        if self._write_key not in (None, key):
            self._drop(None, f"{len(events)} events with a wrong write key", len(events))
            return
        for flaw in segment_rules.sent_at_flaws(batch.sentAt, self._now()):
            self._note(None, flaw, dropped=False)
        for event in events:
            self._take_event(event)

    def _take_event(self, event: dict[str, Any]) -> None:
        message_id = str(event.get("messageId") or f"generated-{uuid.uuid4()}")
        if reason := segment_rules.fatal_problem(event):
            self._drop(message_id, reason, 1)
            self.public.count(FAILED, str(event.get("event", "")), self._now())
            return
        for flaw in segment_rules.flaws(event):
            self._note(message_id, flaw, dropped=False)
        now = self._now()
        self.copies[message_id] += 1
        if now - self._kept_at.get(message_id, now - DEDUPE_SECONDS) < DEDUPE_SECONDS:
            self.duplicates += 1
            return
        if message_id in self.accepted:
            self._note(message_id, "repeated after 24 h: Segment counts it again", dropped=False)
        self._kept_at[message_id] = now
        self.accepted.setdefault(message_id, event)
        self.public.count(RECEIVED, str(event.get("event", "")), now)
        if self.echo is not None:
            self.echo.put([event])

    def _drop(self, message_id: str | None, reason: str, events: int) -> None:
        self.dropped += events
        self._note(message_id, reason, dropped=True)

    def _note(self, message_id: str | None, reason: str, *, dropped: bool) -> None:
        self.problems.append(Problem(message_id=message_id, reason=reason, dropped=dropped))

    def _refusal(self, status: int, strike: Strike) -> bytes:
        return msgspec.json.encode(_failure(f"simulated {status}"))

    def _describe(self, exchange: Exchange) -> tuple[int, str | None]:
        if exchange.path != BATCH_PATH:
            return 0, None
        try:
            batch = segment_batch.read_batch(exchange.body, exchange.headers)
        except BatchRefused:
            return 0, None
        return len(batch.batch), batch.writeKey if isinstance(batch.writeKey, str) else None


def arrived(events: Iterable[dict[str, Any]]) -> set[tuple[str, str, int]]:
    """What accepted track events say: (opened or closed, conversation, time in ms).

    Understands every naming profile, and compares with `traffic.truth()`.
    """
    found: set[tuple[str, str, int]] = set()
    for event in events:
        last_word = str(event.get("event", "")).rpartition(" ")[2].lower()
        kind = "opened" if last_word in _OPENED else "closed" if last_word in _CLOSED else None
        properties = event.get("properties") or {}
        conversation = properties.get("conversationId") or properties.get("conversation_id")
        if kind and conversation:
            found.add((kind, conversation, timestamp_ms(event["timestamp"])))
    return found


def only_source(write_key: str | None) -> Source:
    """The one source of a workspace that has no other."""
    keys = () if write_key is None else (write_key,)
    return Source(id="source-1", name="Gladly conversations", write_keys=keys)


def _failure(message: str) -> dict[str, Any]:
    return {"success": False, "code": "invalid_request", "message": message}
