"""Gladly's export jobs, and the changes of status in their files. Pure.

Facts: Gladly's OpenAPI document, /api/v1/export/jobs (jobs and files live 14 days) and
/api/v1/export/jobs/{jobId}/files/{filename} (conversation_items.jsonl).
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from core.gladly.payloads import MAX_TEXT, Wire
from core.gladly.timestamps import parse_timestamp

ITEMS: Final = "conversation_items.jsonl"
COMPLETED: Final = "COMPLETED"
AGENT: Final = "AGENT"
STATUS_CHANGE: Final = "CONVERSATION_STATUS_CHANGE"
_WORD: Final = STATUS_CHANGE.encode()
NS_PER_S: Final = 1_000_000_000


class JobParameters(Wire, frozen=True):
    """Which time a job exports, RFC 3339."""

    start_at: str | None = None
    end_at: str | None = None


class ExportJob(Wire, frozen=True):
    """An export job; `status` is PENDING, IN_PROGRESS, COMPLETED or FAILED."""

    id: str = ""
    status: str | None = None
    updated_at: str | None = None
    parameters: JobParameters | None = None
    files: tuple[str, ...] | None = None

    @property
    def window(self) -> tuple[float, float] | None:
        """From when to when it exports (epoch seconds); None where it does not say."""
        told = self.parameters or JobParameters()
        start, end = _seconds(told.start_at), _seconds(told.end_at)
        return None if start is None or end is None or start >= end else (start, end)

    @property
    def readable(self) -> bool:
        """Whether its conversation items can be read."""
        return self.status == COMPLETED and ITEMS in (self.files or ())


class StatusChange(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that was opened or closed, as an export file tells it.

    "OPEN means conversation is assigned to an agent" (Gladly's OpenAPI document); which one is
    not said. `initiator_id` and `initiator_type` say who did it.
    """

    item_id: str
    conversation_id: str
    customer_id: str
    at_ns: int
    status: Literal["OPEN", "CLOSED"]
    initiator_id: str | None = None
    initiator_type: str | None = None

    @property
    def agent_id(self) -> str | None:
        """The agent who did it, if an agent did."""
        return self.initiator_id if self.initiator_type == AGENT else None


class _Initiator(Wire, frozen=True):
    id: str | None = None
    type: str | None = None


class _Content(Wire, frozen=True):
    type: str
    status: str = ""


class _Item(Wire, frozen=True):
    id: str
    customer_id: str
    timestamp: str
    content: _Content
    conversation_id: str | None = None
    initiator: _Initiator | None = None


_DECODER: Final = msgspec.json.Decoder(_Item)


def status_change(line: bytes) -> StatusChange | None:
    """The change of status that a line of conversation_items.jsonl tells; None for anything else.

    Raises:
        ValueError: It is a change of status that cannot be understood.
    """
    if _WORD not in line:
        return None  # nearly all lines; what somebody wrote is not looked at
    try:
        item = _DECODER.decode(line)
    except (msgspec.DecodeError, RecursionError) as exc:
        if _is_other(line):
            return None
        raise ValueError("not a conversation item") from exc
    if item.content.type != STATUS_CHANGE or item.conversation_id is None:
        return None
    if item.content.status not in {"OPEN", "CLOSED"}:
        raise ValueError("a status that the documents do not know")
    ids = (item.id, item.conversation_id, item.customer_id)
    if not all(_usable(one) for one in ids):
        raise ValueError("an id that is none")
    at_ns = parse_timestamp(item.timestamp)
    if at_ns < 0:
        raise ValueError("a time before 1970")
    by = item.initiator or _Initiator()
    return StatusChange(
        item_id=item.id,
        conversation_id=item.conversation_id,
        customer_id=item.customer_id,
        at_ns=at_ns,
        status="OPEN" if item.content.status == "OPEN" else "CLOSED",
        initiator_id=by.id if by.id and _usable(by.id) else None,
        initiator_type=by.type,
    )


class _AnyContent(Wire, frozen=True):
    type: str = ""


class _AnyItem(Wire, frozen=True):
    content: _AnyContent = _AnyContent()


def _is_other(line: bytes) -> bool:
    """Whether the line is an item of another type that happens to hold the word."""
    try:
        return msgspec.json.decode(line, type=_AnyItem).content.type != STATUS_CHANGE
    except (msgspec.DecodeError, RecursionError):
        return False


def _usable(text: str) -> bool:
    return 0 < len(text) <= MAX_TEXT and "\0" not in text


def _seconds(text: str | None) -> float | None:
    try:
        return None if text is None else parse_timestamp(text) / NS_PER_S
    except ValueError:
        return None
