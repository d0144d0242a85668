"""What a Segment Webhooks destination sends back: is it signed, and which deliveries it confirms.

Segment signs with HMAC-SHA1 in hex, over the JSON that it sends:

- `X-Signature`: over the event; of a batch (a JSON array) over the first event alone, so the
  others are as good as the connection they came by, and as our messageIds are hard to guess.
- `X-Segment-Signature`, which the destination sends instead when told to: over the whole body.

Sources: github.com/segmentio/action-destinations, destinations/webhook/index.ts;
segment.com/docs/connections/destinations/catalog/webhooks (Authentication).
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Protocol

import msgspec

from core.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from core.credentials import Secret
    from core.health import Health

PATH = "/segment/echo"
OF_EVENT = b"x-signature"
OF_BODY = b"x-segment-signature"
#: of a SHA-1 digest in hex
DIGITS = 40
MAX_MESSAGE_ID = 100
#: requests without a right signature in a row that are an alarm
REFUSALS = 5
NAMELESS = (
    "What came back names no messageId: leave “Data” of the destination's mapping as it is, the "
    "whole event."
)
REFUSING = (
    "The last {0} echoes had no right signature: compare the shared secret of the Webhooks "
    "destination in Segment with echo-secret."
)


class Confirms(Protocol):
    """What this needs of a store."""

    async def confirm(self, message_ids: Sequence[str], now: float) -> int:
        """Note that Segment sent these messages back."""


class Echo:
    """Takes what comes back from Segment.

    Args:
        secret: The shared secret of the Webhooks destination.
        store: The outbox.
        health: Where it is told whether anything comes back, and rightly signed.
        clock: Epoch seconds.

    Attributes:
        confirmed: Told how many deliveries were confirmed by one request, if any.
        unsigned: How many requests had no right signature.
    """

    def __init__(
        self,
        secret: Secret,
        store: Confirms,
        *,
        health: Health,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._secret = secret
        self._store = store
        self._health = health
        self._clock = clock
        self._refused = 0
        self.confirmed: Signal[int] = Signal()
        self.unsigned = 0
        health.set("echo", "unknown", "Nothing came back from Segment yet.")

    def refuse(self) -> None:
        """Count a request that is not signed, or not rightly."""
        self.unsigned += 1
        self._refused += 1
        if self._refused >= REFUSALS:
            self._health.set("echo", "refusing", REFUSING.format(self._refused))

    def admits(self, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
        """Whether one of these headers (names in lower case) is the right signature of the body."""
        return is_signed(self._secret.reveal().encode(), headers, body)

    async def take(self, body: bytes) -> int:
        """Confirm what a signed body names; how many deliveries that were.

        Raises:
            StoreError: It could not be committed: answer 503, and Segment sends it again.
        """
        self._refused = 0
        found = message_ids(body)
        if not found:
            self._health.set("echo", "unknown", NAMELESS)
            return 0
        self._health.set("echo", "ok", "Events come back from Segment.")
        count = await self._store.confirm(found, self._clock())
        if count:
            self.confirmed.emit(count)
        return count


def is_tried(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether any header has the form of a signature, right or wrong."""
    return any(len(value) == DIGITS for value in _given(headers).values())


def is_signed(secret: bytes, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
    """Whether one of the headers is the right signature; nothing is, without a secret."""
    given = _given(headers)
    if not (secret and given):
        return False
    whole = signature(secret, body)
    if any(_same(value, whole) for value in given.values()):
        return True
    first = _first(body) if OF_EVENT in given else None
    return first is not None and _same(given[OF_EVENT], signature(secret, first))


def signature(secret: bytes, content: bytes) -> bytes:
    """HMAC-SHA1 in hex."""
    return hmac.new(secret, content, hashlib.sha1).hexdigest().encode()


def message_ids(body: bytes) -> list[str]:
    """The messageIds of one event, or of each event of a batch; what has none is passed over."""
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    events = content if isinstance(content, list) else [content]
    found = (event.get("messageId") for event in events if isinstance(event, dict))
    # Ours are ASCII and short; the rest is somebody else's, and may be anything.
    ours = (
        one
        for one in found
        if isinstance(one, str) and one.isascii() and 0 < len(one) <= MAX_MESSAGE_ID
    )
    return list(dict.fromkeys(ours))


def _given(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The signatures; of several of one name only the first, so that many cost no more."""
    given: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in {OF_EVENT, OF_BODY}:
            given.setdefault(name, value)
    return given


def _first(body: bytes) -> bytes | None:
    """The first event of a batch, to the byte as it stands there; None when it is no batch."""
    if not body.lstrip().startswith(b"["):
        return None
    try:
        events = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return bytes(events[0]).strip() if events else None


def _same(given: bytes, wanted: bytes) -> bool:
    return hmac.compare_digest(given.lower(), wanted)
