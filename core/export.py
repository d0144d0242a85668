"""Writes deliveries to a file, as CSV or JSON Lines; without what names people unless asked for."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

import msgspec

from core.errors import OperationError
from core.mapping.identity import sha256
from core.model import Channel
from core.pipeline.operations import Step, unwatched
from core.search import MAIN
from core.sentences import about_delivery, iso
from core.store.base import Filter
from core.store.feed import payloads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.model import Delivery
    from core.pipeline.operations import Watch
    from core.store.view import StoreView

PAGE = 500
FORMATS = ("csv", "jsonl")
COLUMNS = (
    *("id", "event", "status", "reason", "conversationId", "userId", "messageId", "timestamp"),
    *("receivedAt", "acceptedAt", "confirmedAt", "attempts", "nextAttemptAt", "lastError"),
    *("channel", "test", "incomplete", "source"),
)
#: sentences may quote an answer of Segment
LEFT_OUT = frozenset({"reason", "lastError"})
HASHED = frozenset({"conversationId", "userId"})


class ExportStopped(OperationError):
    """Whoever watched did not want it any more; there is no file."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into the file.

    `redact` puts hashes in place of the ids of people and conversations and leaves sentences out.
    `payloads` adds what goes to Segment, personal data and all; only for lines of JSON.
    """

    form: Literal["csv", "jsonl"]
    redact: bool = True
    payloads: bool = False
    wanted: Filter = Filter()


async def to_file(
    store: StoreView | None, order: Order, target: Path, progress: Watch = unwatched
) -> int:
    """Write a file that only this user may read; how many deliveries are in it.

    It appears when it is whole, and only then takes the place of another.

    Raises:
        OperationError: It cannot be written; there is no new file.
        ExportStopped: `progress` said so.
    """
    with _whole(target) as file:
        return await write(store, order, file, progress)


def save_text(text: str, target: Path) -> None:
    """Write a text, line ends as they are, to a file that only this user may read; blocking.

    Raises:
        OperationError: It cannot be written; there is no new file.
    """
    with _whole(target) as file:
        file.write(text)


async def write(
    store: StoreView | None, order: Order, file: TextIO, progress: Watch = unwatched
) -> int:
    """Write deliveries, newest first, page by page; how many. Without a store there are none.

    Raises:
        ExportStopped: `progress` said so.
    """
    if order.form == "csv":
        file.write(_table([_columns(order)]))
    count, before = 0, None
    while store is not None:
        page = await store.page(order.wanted, before, PAGE)
        rows = [delivery_json(one) for one in page.rows]
        if order.payloads:
            sent = await payloads(store, [one.id for one in page.rows])
            for row, one in zip(rows, page.rows, strict=True):
                row["payload"] = decoded(sent.get(one.id))
        file.write(_text(order, rows))
        count, before = count + len(rows), page.before
        told = progress(Step(seen=count, done=count, before=before))
        if before is None:
            return count
        if told is False:
            raise ExportStopped("The export was stopped.", "No file was written.")
    return 0


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """A delivery by the names of the contract."""
    return {
        "id": f"d{delivery.id}",
        "event": delivery.event,
        "status": delivery.status,
        "reason": about_delivery(delivery),
        "conversationId": delivery.conversation_id,
        "userId": delivery.user_id,
        "messageId": delivery.message_id,
        "timestamp": iso(delivery.occurred_at),
        "receivedAt": iso(delivery.received_at),
        "acceptedAt": iso(delivery.accepted_at),
        "confirmedAt": iso(delivery.confirmed_at),
        "attempts": delivery.attempts,
        "nextAttemptAt": iso(delivery.next_attempt_at),
        "lastError": delivery.last_error or None,
        "channel": delivery.channel,
        "test": delivery.channel is Channel.TEST,
        "incomplete": delivery.incomplete,
        "source": delivery.source or MAIN,
    }


def decoded(content: bytes | None) -> Any:  # noqa: ANN401 - JSON
    """JSON as an object, anything else as text, as well as it can be shown."""
    if content is None:
        return None
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return content.decode("utf-8", "replace")


def _text(order: Order, rows: Sequence[Mapping[str, Any]]) -> str:
    if order.redact:
        rows = [_redacted(row) for row in rows]
    if order.form == "jsonl":
        return "".join(f"{msgspec.json.encode(row).decode()}\n" for row in rows)
    columns = _columns(order)
    return _table([[_cell(row[column]) for column in columns] for row in rows])


def _columns(order: Order) -> list[str]:
    return [one for one in COLUMNS if not (order.redact and one in LEFT_OUT)]


def _redacted(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: f"sha256:{sha256(value)[:16]}" if key in HASHED and value else value
        for key, value in row.items()
        if key not in LEFT_OUT
    }


def _table(rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cell(value: object) -> object:
    """A spreadsheet runs what begins like a formula; a leading quote stops that."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return "'" + value
    return value


@contextmanager
def _whole(target: Path) -> Iterator[TextIO]:
    """A private file that appears only when it is whole."""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as exc:
        raise OperationError(
            f"Cannot write {target}: {exc.strerror or exc}.", "Choose another place."
        ) from exc
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        Path(name).replace(target)
    except OSError as exc:
        Path(name).unlink(missing_ok=True)
        raise OperationError(
            f"Cannot write {target}: {exc.strerror or exc}.",
            "Free space, or choose another place. There is no half file.",
        ) from exc
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
