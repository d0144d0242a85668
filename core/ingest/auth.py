"""Constant-time check of the webhook's credentials; several may be right at a time."""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.credentials import Secret

#: Gladly waits so long for an answer: what was sent with the old credentials is here by then
GRACE_SECONDS = 20.0


class Keys(NamedTuple):
    """The secrets of one webhook's credentials; None where there is none."""

    password: Secret | None = None
    token: Secret | None = None


class _Right(NamedTuple):
    """Keys as they look in headers, and until when they are right (monotonic seconds)."""

    keys: Keys
    credentials: bytes | None
    authorization: bytes | None
    token: bytes | None
    until: float


class Gate:
    """Knows what the Authorization header or the token header must hold.

    Args:
        auth: Which of the two is asked for; `both` means that either is enough.
        username: User name of basic authentication.
        password: Its password.
        header: Name of the token header.
        token: Its value.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        auth: Literal["basic", "header", "both", "none"],
        *,
        username: str = "",
        password: Secret | None = None,
        header: str = "",
        token: Secret | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open = auth == "none"
        self._basic = auth in {"basic", "both"}
        self._by_header = auth in {"header", "both"}
        self._username = username
        self._header = header.lower().encode()
        self._names = (b"authorization", self._header)
        self._clock = clock
        self._right: tuple[_Right, ...] = ()
        self.accept(Keys(password, token))

    @property
    def asks_for_basic(self) -> bool:
        """Whether basic authentication can pass."""
        return any(one.credentials is not None for one in self._right)

    def accept(self, keys: Keys) -> None:
        """Take these for right, too, until `only` says otherwise."""
        self._right = (self._as_sent(keys, float("inf")), *self._others(keys))

    def only(self, keys: Keys) -> None:
        """Take these for right, and all others no longer than what is under way needs."""
        end = self._clock() + GRACE_SECONDS
        others = (one._replace(until=min(one.until, end)) for one in self._others(keys))
        self._right = (self._as_sent(keys, float("inf")), *others)

    def admits(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether these request headers (names in lower case) hold the right credentials."""
        if self._open:
            return True
        for name, value in headers:
            if name in self._names:
                for one in self._right:
                    if self._fits(name, value, one):
                        return True
        return False

    def is_tried(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether these headers hold any credentials, right or wrong."""
        return any(name in self._names for name, _ in headers)

    def _others(self, keys: Keys) -> list[_Right]:
        """What is right beside `keys`, without what no longer is."""
        now = self._clock()
        return [one for one in self._right if one.keys != keys and now < one.until]

    def _as_sent(self, keys: Keys, until: float) -> _Right:
        credentials = authorization = token = None
        if self._basic and keys.password is not None:
            credentials = f"{self._username}:{keys.password.reveal()}".encode()
            authorization = b"Basic " + base64.b64encode(credentials)
        if self._by_header and keys.token is not None:
            token = keys.token.reveal().encode()
        return _Right(keys, credentials, authorization, token, until)

    def _fits(self, name: bytes, value: bytes, one: _Right) -> bool:
        right = (name == b"authorization" and _right_basic(value, one)) or (
            one.token is not None and name == self._header and _same(value, one.token)
        )
        return right and self._clock() < one.until


def _right_basic(value: bytes, one: _Right) -> bool:
    if one.credentials is None or one.authorization is None:
        return False
    if _same(value, one.authorization):
        return True
    scheme, _, encoded = value.partition(b" ")
    if scheme.lower() != b"basic":
        return False
    try:
        credentials = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        return False
    return _same(credentials, one.credentials)


def _same(given: bytes, wanted: bytes) -> bool:
    return hmac.compare_digest(given, wanted)
