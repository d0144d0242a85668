"""What needs attention, one concern for each cause: troubles first, then rows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QCoreApplication

from core.model import DeliveryStatus, WebhookStatus
from core.store.base import Filter
from core.store.causes import Cause
from gui import words
from gui.mending.troubles import Trouble
from gui.words import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.model import Counts

translate = QCoreApplication.translate

#: will not be tried again unless a person does something
FINAL = frozenset({DeliveryStatus.DEAD, WebhookStatus.UNMAPPABLE})
#: which rows wait for which component
WAITING_FOR = {"segment": DeliveryStatus.RETRYING, "gladly": WebhookStatus.WAITING}
UNDER_WAY = (DeliveryStatus.PENDING, DeliveryStatus.SENDING, DeliveryStatus.RETRYING)


class Concern(msgspec.Struct, frozen=True):
    """One line of the list.

    Args:
        key: The same as long as it is about the same.
        word: How it stands.
        sentence: Why.
        trouble: The component that is not well, or None.
        cause: The rows that share a reason, or None.
    """

    key: str
    word: Word
    sentence: str
    trouble: Trouble | None = None
    cause: Cause | None = None

    @property
    def rows(self) -> int | None:
        """How many rows; None where it is not about rows."""
        return None if self.cause is None else self.cause.rows

    @property
    def since(self) -> float:
        """When it last happened, or since when it is so; 0 when it is not known."""
        if self.cause is not None:
            return self.cause.newest
        return self.trouble.since if self.trouble is not None else 0.0

    @property
    def filter(self) -> Filter | None:
        """Which deliveries it is about; None where it is about none."""
        if self.cause is None or not isinstance(self.cause.status, DeliveryStatus):
            return None
        codes = (self.cause.code,)
        return Filter(statuses=(self.cause.status,), codes=codes)


def concerns(troubles: Sequence[Trouble], causes: Sequence[Cause]) -> list[Concern]:
    """Everything that needs attention, what explains the rest first.

    Rows that wait for a component for the very reason that it gives are one concern with it.
    """
    waiting = {trouble.name: _waiting_for(trouble, causes) for trouble in troubles}
    taken = [cause for cause in waiting.values() if cause is not None]
    return [
        *(_of_trouble(trouble, waiting[trouble.name]) for trouble in troubles),
        *(_of_cause(cause) for cause in causes if cause not in taken),
    ]


def next_try(concern: Concern, now: float) -> str:
    """When the next try is: `now`, `in 12 s`, `by hand`."""
    cause = concern.cause
    if cause is None:
        return ""
    if cause.status in FINAL:
        if cause.status is DeliveryStatus.DEAD:
            return translate("Attention", "By hand only")
        return translate("Attention", "None")
    if cause.next_attempt_at is None:
        return ""
    if cause.next_attempt_at <= now:
        return translate("Attention", "Now")
    return words.ago(cause.next_attempt_at, now)


def advice(concern: Concern) -> str:
    """What to do next about rows, or what happens by itself."""
    cause = concern.cause
    assert cause is not None  # noqa: S101 - asked of causes only
    match cause.status:
        case DeliveryStatus.DEAD if cause.code.startswith("segment.rejected"):
            return translate(
                "Attention",
                "Segment does not take them as they are. Mend the cause, then replay them.",
            )
        case DeliveryStatus.DEAD:
            return translate(
                "Attention", "They were given up. Replay them when the cause is mended."
            )
        case DeliveryStatus.RETRYING:
            return translate("Attention", "They are tried again by themselves. You may try now.")
        case WebhookStatus.UNMAPPABLE:
            return translate(
                "Attention",
                "Nothing can be sent for them. They are kept, so that you can see what came.",
            )
    return translate(
        "Attention",
        "They wait for a look-up in Gladly, and go on by themselves when it answers.",
    )


def held_up(trouble: Trouble, causes: Sequence[Cause], now: float) -> str:
    """What waits because of a trouble, and when it is tried next."""
    status = WAITING_FOR.get(trouble.name)
    found = [cause for cause in causes if cause.status is status]
    rows = sum(cause.rows for cause in found)
    due = [cause.next_attempt_at for cause in found if cause.next_attempt_at is not None]
    if not rows or not due:
        return ""
    next_at = min(due)
    when = translate("Attention", "now") if next_at <= now else words.ago(next_at, now)
    if rows == 1:
        return translate("Attention", "1 row waits for it; the next try is {0}.").format(when)
    text = translate("Attention", "{0} rows wait for it; the next try is {1}.")
    return text.format(words.number(rows), when)


def calm(last_accepted_at: float | None, counts: Counts | None, now: float) -> str:
    """The proof that nothing needs attention: what was accepted last, what is under way."""
    said = []
    if last_accepted_at is None:
        said.append(translate("Attention", "Segment has accepted nothing yet."))
    else:
        said.append(
            translate("Attention", "The last event was accepted at {0} ({1}).").format(
                words.when(last_accepted_at, now), words.ago(last_accepted_at, now)
            )
        )
    waiting = 0 if counts is None else sum(counts.deliveries.get(one, 0) for one in UNDER_WAY)
    oldest = None if counts is None else counts.oldest_pending_at
    if not waiting or oldest is None:
        said.append(translate("Attention", "Nothing is waiting to be sent."))
    else:
        said.append(
            translate("Attention", "{0} under way, the oldest since {1}.").format(
                words.number(waiting), words.when(oldest, now)
            )
        )
    return " ".join(said)


def _waiting_for(trouble: Trouble, causes: Sequence[Cause]) -> Cause | None:
    status = WAITING_FOR.get(trouble.name)
    same = (one for one in causes if one.status is status and one.error == trouble.sentence)
    return next((one for one in same if one.sentences == 1), None)


def _of_trouble(trouble: Trouble, cause: Cause | None) -> Concern:
    sentence = trouble.sentence
    if not sentence.startswith(trouble.title):
        sentence = translate("Attention", "{0}: {1}").format(trouble.title, sentence)
    return Concern(f"component:{trouble.name}", trouble.word, sentence, trouble, cause)


def _of_cause(cause: Cause) -> Concern:
    delivery = isinstance(cause.status, DeliveryStatus)
    word = words.delivery_word(cause.status) if delivery else words.webhook_word(cause.status)
    sentence = cause.error or translate("Attention", "No reason is known.")
    if cause.sentences > 1:
        sentence = translate("Attention", "{0} (and other reasons)").format(sentence)
    reason = cause.code if delivery else (cause.error if cause.sentences == 1 else "")
    return Concern(f"{cause.status}:{reason}", word, sentence, cause=cause)
