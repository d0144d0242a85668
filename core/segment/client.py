"""Uploads one batch to Segment's tracking API and says in words what came of it.

Only `segment.analytics.request.post` is used of the library: its queue lives in memory.
"""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec
import requests.exceptions  # noqa: TID251 - the library's own transport; only its errors are used
import urllib3.exceptions
from segment.analytics import request as upload

from core.errors import SegmentUnreachable
from core.segment.threads import DaemonThreads

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from requests import PreparedRequest, Response  # noqa: TID251 - types of the library

    from core.credentials import Secret

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
WHOLE_SECONDS = 30.0
CONNECTIONS = 32
DETAIL_CHARACTERS = 200
KEY_LENGTH = 32
PERSONAL = ("properties", "traits", "userId", "anonymousId")
#: shorter texts of an event would tear up the words of an answer
SHORTEST_QUOTE = 5
MASK = "**********"
OK = 200
REFUSED_KEY = frozenset({401, 403})
NOT_THERE = frozenset({404, 405, 501, 505})
RETRYABLE = frozenset({408, 410, 429, 460})
SERVER_ERRORS = range(500, 600)
#: Segment's documentation: the event itself is at fault
FINAL = frozenset({400, 413, 422})
_BROKEN = (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)


class Result(StrEnum):
    """What an answer means for the events of the batch."""

    #: received by Segment
    ACCEPTED = "accepted"
    #: try again later
    RETRY = "retry"
    #: these events, or one of them, will never be taken
    REJECTED = "rejected"
    #: nothing will be taken until a person mends key or address
    REFUSED = "refused"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt's outcome.

    `ambiguous` means that Segment may have the events although it did not say so;
    `retry_after` and `skew` (Segment's clock minus ours) are seconds. `odd_key` means that the
    write key has not the usual 32 characters.
    """

    result: Result
    code: str
    sentence: str
    http_status: int | None = None
    retry_after: float | None = None
    ambiguous: bool = False
    skew: float | None = None
    odd_key: bool = False


UNREADABLE = Answer(
    result=Result.RETRY,
    code="segment.unreadable",
    sentence="The answer cannot be read; Segment may have it. "
    "The same messageId makes that harmless.",
    ambiguous=True,
)


class SegmentClient:
    """Uploads batches for one write key.

    Args:
        write_key: The source's write key.
        host: Base address of the tracking API.
    """

    def __init__(self, write_key: Secret, host: str) -> None:
        self._write_key = write_key
        self._host = host
        self._threads = DaemonThreads("segment-upload")
        _harden()

    async def upload(self, payloads: Sequence[bytes], *, retry_count: int = 0) -> Answer:
        """Try once to upload the payloads as one batch; never raises for what Segment does."""
        try:
            # The library's time-out is per read; a peer that trickles would never end.
            async with asyncio.timeout(WHOLE_SECONDS):
                return await self._threads.run(lambda: self._post(payloads, retry_count))
        except TimeoutError:
            return _no_answer()

    def _post(self, payloads: Sequence[bytes], retry_count: int) -> Answer:
        batch: list[dict[str, Any]] = [_read(payload) for payload in payloads]
        try:
            response = upload.post(
                self._write_key.reveal(),
                self._host,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                retry_count=retry_count,
                batch=batch,
            )
        except upload.APIError as exc:
            return _unquoted(classify(exc.response, self._write_key.reveal()), batch)
        except requests.exceptions.TooManyRedirects as exc:
            return _not_segment(exc.response, "redirects elsewhere")
        except requests.exceptions.RequestException as exc:
            return _failed(exc)
        except Exception:  # noqa: BLE001 - whatever the peer made the library stumble over
            return UNREADABLE
        return classify(response, self._write_key.reveal())


def _read(payload: bytes) -> dict[str, Any]:
    """A message as the library takes it; its own JSON reader needs three times as long."""
    try:
        message: dict[str, Any] = msgspec.json.decode(payload)
    except msgspec.DecodeError:  # half of a surrogate pair, which JSON allows in an escape
        message = json.loads(payload)
    return message


def classify(response: Response, write_key: str) -> Answer:
    """What an HTTP answer of the tracking API means; the table of segment.md."""
    status = response.status_code
    skew = _skew(response)
    if status == OK:
        return _accepted_or_not(response, skew)
    if status in REFUSED_KEY:
        return Answer(
            result=Result.REFUSED,
            code="segment.refused",
            sentence=f"Segment refuses the write key ({status}): check it. All events wait, and "
            "Segment is asked again by itself.",
            http_status=status,
            skew=skew,
        )
    if status in NOT_THERE:
        return Answer(
            result=Result.REFUSED,
            code="segment.no_api",
            sentence=f"There is no tracking API at this address ({status}): check segment.host.",
            http_status=status,
            skew=skew,
        )
    if status in RETRYABLE or status in SERVER_ERRORS:
        return _later(response, skew)
    if status not in FINAL:
        return _not_segment(response, f"answers {status}")
    return Answer(
        result=Result.REJECTED,
        code=f"segment.rejected_{status}",
        sentence=f"Segment rejects it ({status}): {_detail(response, write_key)}",
        http_status=status,
        skew=skew,
        odd_key=len(write_key) != KEY_LENGTH,
    )


def _accepted_or_not(response: Response, skew: float | None) -> Answer:
    if response.history:
        return _not_segment(response, "redirects elsewhere")
    try:
        success = response.json().get("success") is True
    except (ValueError, AttributeError, RecursionError):
        return _not_segment(response, "answers 200 with something that is not Segment's")
    if not success:
        return _not_segment(response, "answers 200 without success")
    return Answer(
        result=Result.ACCEPTED,
        code="segment.accepted",
        sentence="Accepted by Segment.",
        http_status=OK,
        skew=skew,
    )


def _later(response: Response, skew: float | None) -> Answer:
    status = response.status_code
    wait = upload.parse_retry_after(response)
    said = f"; it asks to wait {wait} s" if wait else ""
    what = (
        f"Segment asks for fewer requests ({status})"
        if status == 429  # noqa: PLR2004 - Too Many Requests
        else f"Segment has a problem of its own ({status})"
    )
    return Answer(
        result=Result.RETRY,
        code=f"segment.http_{status}",
        sentence=f"{what}{said}.",
        http_status=status,
        retry_after=wait,
        skew=skew,
    )


def _not_segment(response: Response | None, how: str) -> Answer:
    return Answer(
        result=Result.RETRY,
        code="segment.not_segment",
        sentence=f"Not Segment: the address {how} (a captive portal, a proxy or a wrong host).",
        http_status=None if response is None else response.status_code,
    )


def _no_answer() -> Answer:
    return Answer(
        result=Result.RETRY,
        code="segment.no_answer",
        sentence="No answer in time; Segment may have it. The same messageId makes that harmless.",
        ambiguous=True,
    )


def _failed(exc: requests.exceptions.RequestException) -> Answer:
    """What an exception of the transport means: was the request sent or not?"""
    if isinstance(exc, requests.exceptions.ReadTimeout):
        return _no_answer()
    if isinstance(exc, requests.exceptions.SSLError):
        return _unreached("segment.tls", "its certificate cannot be verified")
    if isinstance(exc, requests.exceptions.ConnectTimeout):
        return _unreached("segment.connect_timeout", "no connection in time")
    cause = exc.args[0] if exc.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        unknown = isinstance(reason, urllib3.exceptions.NameResolutionError)
        why = "its name cannot be resolved" if unknown else "no connection"
        return _unreached("segment.unreachable", why)
    if isinstance(exc, _BROKEN):
        return Answer(
            result=Result.RETRY,
            code="segment.connection_lost",
            sentence="The connection broke before the answer; Segment may have it. "
            "The same messageId makes that harmless.",
            ambiguous=True,
        )
    return _unreached("segment.request_failed", type(exc).__name__)


def _unreached(code: str, why: str) -> Answer:
    error = SegmentUnreachable(f"Segment cannot be reached: {why}.")
    return Answer(result=Result.RETRY, code=code, sentence=error.title)


def _detail(response: Response, write_key: str) -> str:
    """The beginning of the reason, without the key: who refuses may repeat what was sent."""
    text = _message(response) or response.text
    for secret in (write_key, b64encode(f"{write_key}:".encode()).decode()):
        text = text.replace(secret, MASK) if secret else text
    return " ".join(text.split())[:DETAIL_CHARACTERS] or "no reason given"


def _message(response: Response) -> str:
    """What the answer says to people, where it is JSON that does."""
    try:
        said = response.json()["message"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return said.strip() if isinstance(said, str) else ""


def _skew(response: Response) -> float | None:
    try:
        return parsedate_to_datetime(response.headers["Date"]).timestamp() - time.time()
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _unquoted(answer: Answer, batch: list[dict[str, Any]]) -> Answer:
    """A rejection without what it quotes of the events: names and addresses stay out of errors."""
    if answer.result is not Result.REJECTED:
        return answer
    sentence = answer.sentence
    told = [[message.get(name) for name in PERSONAL] for message in batch]
    for text in sorted(set(_texts(told)), key=len, reverse=True):
        if len(text) >= SHORTEST_QUOTE:
            sentence = sentence.replace(text, "…")
    return msgspec.structs.replace(answer, sentence=sentence)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        yield json.dumps(value)[1:-1]
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _no_netrc(prepared: PreparedRequest) -> PreparedRequest:
    """An authentication that changes nothing: without one, a .netrc entry would win."""
    return prepared


def _harden() -> None:
    """Make the library's session safe: no redirect followed, no .netrc, room for uploads.

    A followed redirect would turn POST into GET, or carry the write key to another host.
    """
    session = upload._session  # noqa: SLF001 - the library offers no other way; pinned <2.5
    session.max_redirects = 0
    session.auth = _no_netrc
    for adapter in session.adapters.values():
        if getattr(adapter, "_pool_maxsize", None) != CONNECTIONS:
            adapter.init_poolmanager(CONNECTIONS, CONNECTIONS)
            adapter._pool_maxsize = CONNECTIONS  # noqa: SLF001
