"""The columns of the event table: their titles, widths, and what a row says in each."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from core.model import Channel, DeliveryStatus
from core.search import MAIN
from core.sentences import duration
from core.store.feed import NOTHING
from gui import words

if TYPE_CHECKING:
    from core.model import Delivery
    from core.store.feed import Gist


class Column(IntEnum):
    """A column by its place in the model; people may put them in another order."""

    TIME = 0
    EVENT = 1
    STATUS = 2
    CUSTOMER = 3
    CONVERSATION = 4
    AGENT = 5
    CHANNEL = 6
    ATTEMPTS = 7
    NEXT_TRY = 8
    OCCURRED = 9
    ACCEPTED = 10
    LATENCY = 11
    LAST_ERROR = 12
    MESSAGE_ID = 13
    ID = 14
    SOURCE = 15


class Heading(NamedTuple):
    """What stands over a column, what it means, its name in files, and a text of usual width."""

    name: str
    #: what QT_TRANSLATE_NOOP gives
    title: object
    meaning: object
    sample: str


#: shown until somebody chooses others
USUAL = frozenset(range(Column.TIME, Column.NEXT_TRY + 1))
RIGHT_ALIGNED = frozenset({Column.ATTEMPTS, Column.LATENCY, Column.ID})
#: ids and numbers, which are read letter by letter
EXACT = frozenset({Column.CONVERSATION, Column.MESSAGE_ID, Column.ID})


#: in the order of Column
HEADINGS = (
    Heading(
        "time",
        QT_TRANSLATE_NOOP("Events", "Time"),
        QT_TRANSLATE_NOOP("Events", "When we received it"),
        "Nov 21, 14:03",
    ),
    Heading(
        "event",
        QT_TRANSLATE_NOOP("Events", "Event"),
        QT_TRANSLATE_NOOP("Events", "What it is called in Segment"),
        "Conversation Opened",
    ),
    Heading(
        "status",
        QT_TRANSLATE_NOOP("Events", "Status"),
        QT_TRANSLATE_NOOP("Events", "Where it stands"),
        "Discarded MM",
    ),
    Heading(
        "customer",
        QT_TRANSLATE_NOOP("Events", "Customer"),
        QT_TRANSLATE_NOOP("Events", "Name or e-mail address, else the id in Gladly"),
        "Maximiliana Nowak",
    ),
    Heading(
        "conversation",
        QT_TRANSLATE_NOOP("Events", "Conversation"),
        QT_TRANSLATE_NOOP("Events", "The conversation's id in Gladly"),
        "mJx3kT8lQ2aPz0Vb7RcYwA",
    ),
    Heading(
        "agent",
        QT_TRANSLATE_NOOP("Events", "Agent"),
        QT_TRANSLATE_NOOP("Events", "The agent on the conversation"),
        "Agnieszka W.",
    ),
    Heading(
        "channel",
        QT_TRANSLATE_NOOP("Events", "Channel"),
        QT_TRANSLATE_NOOP("Events", "How Gladly told us"),
        "Webhooks",
    ),
    Heading(
        "attempts",
        QT_TRANSLATE_NOOP("Events", "Attempts"),
        QT_TRANSLATE_NOOP("Events", "Uploads to Segment so far"),
        "Attempts",
    ),
    Heading(
        "next_try",
        QT_TRANSLATE_NOOP("Events", "Next try"),
        QT_TRANSLATE_NOOP("Events", "When it is uploaded again"),
        "14:03:22",
    ),
    Heading(
        "occurred",
        QT_TRANSLATE_NOOP("Events", "Happened"),
        QT_TRANSLATE_NOOP("Events", "When it happened, by Gladly's clock"),
        "Nov 21, 14:03",
    ),
    Heading(
        "accepted",
        QT_TRANSLATE_NOOP("Events", "Accepted at"),
        QT_TRANSLATE_NOOP("Events", "When Segment answered 2xx"),
        "Nov 21, 14:03",
    ),
    Heading(
        "latency",
        QT_TRANSLATE_NOOP("Events", "Latency"),
        QT_TRANSLATE_NOOP("Events", "From our receiving it to Segment's accepting it"),
        "Latency",
    ),
    Heading(
        "last_error",
        QT_TRANSLATE_NOOP("Events", "Last error"),
        QT_TRANSLATE_NOOP("Events", "Why the last attempt failed"),
        "Segment answered 503: it is down.",
    ),
    Heading(
        "message_id",
        "messageId",
        QT_TRANSLATE_NOOP("Events", "Segment's duplicate key"),
        "gs-0123456789abcdef",
    ),
    Heading(
        "id",
        QT_TRANSLATE_NOOP("Events", "Id"),
        QT_TRANSLATE_NOOP("Events", "The delivery's id here"),
        "d1234567",
    ),
    Heading(
        "source",
        QT_TRANSLATE_NOOP("Events", "Source"),
        QT_TRANSLATE_NOOP("Events", "The Segment source it is for; main is the one of the card"),
        "marketing",
    ),
)


def title(column: int) -> str:
    """What stands over a column."""
    return QCoreApplication.translate("Events", str(HEADINGS[column].title))


def meaning(column: int) -> str:
    """What a column holds, as a phrase."""
    return QCoreApplication.translate("Events", str(HEADINGS[column].meaning))


CHANNELS = {
    Channel.WEBHOOK: QT_TRANSLATE_NOOP("Events", "Webhook"),
    Channel.POLL: QT_TRANSLATE_NOOP("Events", "Poll"),
    Channel.BOTH: QT_TRANSLATE_NOOP("Events", "Both"),
    Channel.TEST: QT_TRANSLATE_NOOP("Events", "Test"),
    Channel.BACKFILL: QT_TRANSLATE_NOOP("Events", "Backfill"),
}


def channel_word(channel: Channel) -> str:
    """How Gladly told us, as one word."""
    return QCoreApplication.translate("Events", str(CHANNELS[channel]))


class EventRow:
    """One delivery with what a list says of it; every text is made once, when it is first seen."""

    __slots__ = ("_texts", "_word", "delivery", "gist", "id")

    def __init__(self, delivery: Delivery, gist: Gist = NOTHING) -> None:
        self.id = delivery.id
        self.delivery = delivery
        self.gist = gist
        self._texts: list[str | None] = [None] * len(Column)
        self._word: words.Word | None = None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, EventRow)
            and self.delivery == other.delivery
            and self.gist == other.gist
        )

    def __hash__(self) -> int:
        return self.id

    def text(self, column: int) -> str:
        """What stands in a column."""
        text = self._texts[column]
        if text is None:
            text = self._texts[column] = _text(self.delivery, self.gist, column)
        return text

    def word(self) -> words.Word:
        """The status with its icon and tone."""
        if self._word is None:
            self._word = words.delivery_word(self.delivery.status)
        return self._word

    def forget_texts(self) -> None:
        """Make the texts anew when they are seen next: a day has begun, or a zone changed."""
        self._texts = [None] * len(Column)


def updated(row: EventRow, delivery: Delivery) -> EventRow:
    """The row as its delivery stands now; an erased one says no names any more."""
    erased = delivery.customer_id is None and row.delivery.customer_id is not None
    return EventRow(delivery, NOTHING if erased else row.gist)


def tooltip(row: EventRow, column: int) -> str:
    """What a cell says when asked: the exact time, the full text."""
    delivery, gist = row.delivery, row.gist
    match column:
        case Column.TIME | Column.OCCURRED | Column.ACCEPTED | Column.NEXT_TRY:
            seconds = _seconds(delivery, column)
            return "" if seconds is None else words.utc(seconds)
        case Column.CUSTOMER:
            known = (gist.customer, gist.email, delivery.customer_id or "")
            return "\n".join(dict.fromkeys(one for one in known if one))
        case Column.STATUS:
            return delivery.last_error or delivery.reason or row.word().text
        case Column.EVENT if delivery.incomplete:
            text = QCoreApplication.translate("Events", "{event}, incomplete")
            return text.format(event=delivery.event)
        case _:
            return row.text(column)


def _seconds(delivery: Delivery, column: int) -> float | None:
    """The moment (epoch seconds) that stands in a column of times."""
    match column:
        case Column.TIME:
            return delivery.received_at
        case Column.OCCURRED:
            return delivery.occurred_at
        case Column.ACCEPTED:
            return delivery.accepted_at
        case _:
            again = delivery.status is DeliveryStatus.RETRYING
            return delivery.next_attempt_at if again else None


def _text(delivery: Delivery, gist: Gist, column: int) -> str:
    match column:
        case Column.TIME | Column.OCCURRED | Column.ACCEPTED | Column.NEXT_TRY:
            seconds = _seconds(delivery, column)
            return "" if seconds is None else words.when(seconds)
        case Column.STATUS:
            return words.delivery_word(delivery.status).text
        case Column.CUSTOMER:
            return gist.customer or gist.email or delivery.customer_id or ""
        case Column.ATTEMPTS:
            return words.number(delivery.attempts) if delivery.attempts else ""
        case Column.LATENCY:
            accepted = delivery.accepted_at
            return "" if accepted is None else duration(max(0.0, accepted - delivery.received_at))
        case _:
            return _plain(delivery, gist)[column]


def _plain(delivery: Delivery, gist: Gist) -> dict[int, str]:
    """The columns that say what the row says."""
    return {
        Column.EVENT: delivery.event,
        Column.CONVERSATION: delivery.conversation_id or "",
        Column.AGENT: gist.agent,
        Column.CHANNEL: channel_word(delivery.channel),
        Column.LAST_ERROR: delivery.last_error,
        Column.MESSAGE_ID: delivery.message_id,
        Column.ID: f"d{delivery.id}",
        Column.SOURCE: delivery.source or MAIN,
    }
