"""Reads a request's body within its limits, or refuses the request."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from core.ingest.protocol import Headers

    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

DRAIN_SECONDS = 2.0


class Refused(Exception):
    """A request that is answered without looking further.

    `unread` means that the peer is still sending: the connection is closed, after a moment in
    which the peer gets to read the answer.
    """

    def __init__(
        self,
        status: HTTPStatus,
        error: str,
        *headers: tuple[bytes, bytes],
        unread: bool = False,
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.headers = (*headers, (b"connection", b"close")) if unread else headers
        self.unread = unread


async def read_body(headers: Headers, receive: Receive, limit: int) -> bytes:
    """The whole body, refused as soon as it is known to be over the limit or too slow."""
    for name, value in headers:
        if name == b"content-length" and _exceeds(value, limit):
            raise _too_large(unread=True)
    body, more = b"", True
    while more:  # the server cuts a peer that takes too long: receive() says so
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(HTTPStatus.BAD_REQUEST, "disconnected")
        more = message.get("more_body", False)
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_large(unread=more)
    return body


def _exceeds(length: bytes, limit: int) -> bool:
    """Whether a declared length is over the limit; int() would take too much, or too little."""
    if not length.isdigit():
        raise Refused(HTTPStatus.BAD_REQUEST, "bad content-length", unread=True)
    digits = length.lstrip(b"0") or b"0"
    return len(digits) > len(str(limit)) or int(digits) > limit


def _too_large(*, unread: bool) -> Refused:
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body too large", unread=unread)


async def drain(receive: Receive) -> None:
    """Read on for a moment after a refusal, so that the peer gets to read it."""
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            more = True
            while more:
                more = (await receive()).get("more_body", False)
    except TimeoutError:
        return
