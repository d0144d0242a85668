"""Reads the body of POST /v1/batch within Segment's limits (pure)."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from typing import TYPE_CHECKING, Any

import msgspec

from core.simulator.base import basic_credentials

if TYPE_CHECKING:
    from starlette.datastructures import Headers

MAX_REQUEST_BYTES = 500 * 1024
MAX_EVENT_BYTES = 32 * 1024
MAX_EVENTS = 2_500
MIN_KEY_LENGTH = 5
DEFAULT_POISON = "poison"


class Batch(msgspec.Struct):
    """The body of POST /v1/batch; the events stay as they were written, to be measured."""

    batch: list[msgspec.Raw]
    sentAt: Any = None  # noqa: N815 - Segment's name
    writeKey: Any = None  # noqa: N815 - Segment's name


class BatchRefused(Exception):
    """The request is answered 400; `cause_seen` names a cause that Segment would not tell."""

    def __init__(self, message: str, cause_seen: str = "") -> None:
        super().__init__(message)
        self.cause_seen = cause_seen


def read_batch(body: bytes, headers: Headers) -> Batch:
    """Unpack and parse.

    Raises:
        BatchRefused: Too large, or not the JSON of a batch.
    """
    plain = _unpacked(body) if headers.get("content-encoding", "").lower() == "gzip" else body
    if len(plain) > MAX_REQUEST_BYTES:
        raise BatchRefused("request exceeds 500KB")
    try:
        return msgspec.json.decode(plain, type=Batch)
    except msgspec.DecodeError as exc:
        raise BatchRefused("malformed JSON", _non_finite(plain)) from exc


def read_key(batch: Batch, headers: Headers) -> str:
    """The write key: the Basic user, else the one in the body.

    Raises:
        BatchRefused: There is none, or it is too short to be one.
    """
    credentials = basic_credentials(headers.get("authorization"))
    key = credentials[0] if credentials else batch.writeKey
    if not isinstance(key, str) or len(key) < MIN_KEY_LENGTH:
        raise BatchRefused("invalid write key")
    return key


def read_events(batch: Batch) -> list[dict[str, Any]]:
    """The events that Segment looks at: the surplus is cut off.

    Raises:
        BatchRefused: One is too large, or not an object.
    """
    return [_event(raw) for raw in batch.batch[:MAX_EVENTS]]


def is_poison(event: dict[str, Any], wanted: str | None) -> bool:
    """Whether the fault poison-400 strikes at this event."""
    if wanted is not None:
        return wanted in json.dumps(event, ensure_ascii=False)
    properties = event.get("properties")
    members = properties if isinstance(properties, dict) else {}
    return any(
        DEFAULT_POISON in str(members.get(name, "")).lower()
        for name in ("customerName", "conversationId")
    )


def _event(raw: msgspec.Raw) -> dict[str, Any]:
    if len(memoryview(raw)) > MAX_EVENT_BYTES:
        raise BatchRefused("event exceeds 32KB")
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except msgspec.DecodeError as exc:
        raise BatchRefused("malformed event") from exc


def _unpacked(body: bytes) -> bytes:
    try:
        # One byte beyond the limit is enough to know that it is too large.
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            return file.read(MAX_REQUEST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as exc:
        raise BatchRefused("malformed gzip") from exc


def _non_finite(body: bytes) -> str:
    """Name the usual cause of bad JSON: Python writes NaN where JSON has no such thing."""
    found: list[str] = []
    try:
        json.loads(body, parse_constant=found.append)
    except ValueError:
        return ""
    return f"{found[0]} is a non-finite number, and no JSON" if found else ""
