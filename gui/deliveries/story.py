"""What became of one delivery, step by step, in plain words. Pure but for the language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QCoreApplication

from core.model import Channel, DeliveryStatus
from core.sentences import about_delivery, duration
from gui import words
from gui.deliveries.columns import channel_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.model import Attempt, Delivery, DeliveryDetail

#: of many attempts the first and so many last ones are told
LAST_ATTEMPTS = 4
MS = 1000
ACCEPTED = (DeliveryStatus.ACCEPTED, DeliveryStatus.CONFIRMED)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, or is to happen.

    `at` is epoch seconds, where known; `gap` is seconds since the step before it with a time.
    """

    title: str
    icon: str
    note: str = ""
    tone: str = "muted"
    at: float | None = None
    gap: float | None = None
    ahead: bool = False


def sentence(delivery: Delivery, now: float) -> str:
    """Where the delivery stands and why, in a sentence or two."""
    due = delivery.next_attempt_at
    if delivery.status is DeliveryStatus.RETRYING and due is not None and due > now:
        text = _tr("{error} Attempt {number} follows at {time}.")
        return text.format(
            error=delivery.last_error, number=delivery.attempts + 1, time=words.when(due, now)
        )
    return about_delivery(delivery, now)


def steps(detail: DeliveryDetail, now: float) -> tuple[Step, ...]:
    """Everything that happened to a delivery, in order, and what comes next."""
    delivery = detail.delivery
    told = [
        *_beginning(delivery),
        _looked_up(detail),
        Step(
            title=_tr("Mapped"),
            note=_tr("Became {event}.").format(event=delivery.event),
            icon="mapping",
            at=delivery.created_at,
        ),
        *_attempts(detail),
        *_end(delivery, now),
    ]
    return tuple(_with_gaps(told))


def _beginning(delivery: Delivery) -> Iterator[Step]:
    yield Step(
        title=_tr("Happened in Gladly"),
        note=_tr("By Gladly's clock."),
        icon="gladly",
        at=delivery.occurred_at,
    )
    yield Step(
        title=_tr("Received"),
        note=_tr("Channel: {channel}.").format(channel=channel_word(delivery.channel).lower()),
        icon="received",
        at=delivery.received_at,
    )


def _looked_up(detail: DeliveryDetail) -> Step:
    seen = decoded(detail.looked_up)
    names = {
        "customerName": _tr("customer"),
        "email": _tr("e-mail address"),
        "phone": _tr("phone number"),
        "agentName": _tr("agent"),
        "topics": _tr("topics"),
    }
    found = [word for name, word in names.items() if seen.get(name)]
    missing, gone = _list(seen, "missing"), _list(seen, "gone")
    if detail.looked_up is None:
        note, tone = _tr("What was found was removed."), "muted"
    elif missing:
        text = _tr("Incomplete: Gladly could not be asked for {what}.")
        note, tone = text.format(what=", ".join(missing)), "warn"
    elif gone and detail.delivery.channel is Channel.TEST:
        text = _tr("Made up for a test, so Gladly does not know: {what}.")
        note, tone = text.format(what=", ".join(gone)), "muted"
    elif gone:
        note, tone = _tr("Gladly no longer knows: {what}.").format(what=", ".join(gone)), "warn"
    elif found:
        note, tone = _tr("Found {what}.").format(what=", ".join(found)), "muted"
    else:
        note, tone = _tr("Nothing but ids."), "muted"
    return Step(title=_tr("Looked up"), note=note, icon="lookup", tone=tone)


def _attempts(detail: DeliveryDetail) -> Iterator[Step]:
    attempts = detail.attempts
    hidden = attempts[1:-LAST_ATTEMPTS] if len(attempts) > LAST_ATTEMPTS + 2 else ()
    for attempt in attempts:
        if not hidden or attempt not in hidden:
            yield _attempt(attempt)
        elif attempt is hidden[0]:
            text = _tr("{count} more attempts")
            failed = _tr("All failed, the last of them: {error}").format(error=hidden[-1].error)
            title = text.format(count=len(hidden))
            yield Step(title=title, note=failed, icon="more", tone="warn", at=attempt.started_at)


def _attempt(attempt: Attempt) -> Step:
    took = _tr("{count} ms").format(count=words.number(attempt.duration_ms))
    good = not attempt.error
    said = _tr("Segment took it.") if good else attempt.error
    status = "" if attempt.http_status is None else f"HTTP {attempt.http_status}, "
    return Step(
        title=_tr("Attempt {number}").format(number=attempt.number),
        note=f"{said} {status}{took}.",
        icon="attempt",
        tone="muted" if good else "warn",
        at=attempt.started_at,
    )


def _end(delivery: Delivery, now: float) -> Iterator[Step]:
    word = words.delivery_word(delivery.status)
    if delivery.accepted_at is not None and delivery.accepted_at != delivery.confirmed_at:
        took = duration(max(0.0, delivery.accepted_at - delivery.received_at))
        accepted = words.delivery_word(DeliveryStatus.ACCEPTED)
        text = _tr("Segment answered 2xx, {took} after we received it.")
        yield Step(
            title=accepted.text,
            note=text.format(took=took),
            icon=accepted.icon,
            tone=accepted.tone,
            at=delivery.accepted_at,
        )
    match delivery.status:
        case DeliveryStatus.ACCEPTED:
            return
        case DeliveryStatus.PENDING | DeliveryStatus.RETRYING:
            yield _next(delivery, now)
        case DeliveryStatus.SENDING:
            note = _tr("Is being uploaded now.")
            yield Step(title=word.text, note=note, icon=word.icon, tone=word.tone, ahead=True)
        case DeliveryStatus.CONFIRMED:
            yield Step(
                title=word.text,
                note=_tr("Seen coming back from Segment."),
                icon=word.icon,
                tone=word.tone,
                at=delivery.confirmed_at,
            )
        case DeliveryStatus.DEAD:
            note = _tr("Not tried again by itself. Mend the cause, then replay it.")
            yield Step(title=word.text, note=note, icon=word.icon, tone=word.tone)
        case DeliveryStatus.DISCARDED:
            note = delivery.reason or _tr("Discarded by hand.")
            yield Step(title=word.text, note=note, icon=word.icon, tone=word.tone)


def _next(delivery: Delivery, now: float) -> Step:
    due = delivery.next_attempt_at
    soon = due is None or due <= now
    return Step(
        title=_tr("Attempt {number}").format(number=delivery.attempts + 1),
        note=_tr("As soon as Segment may be asked.") if soon else _tr("By itself."),
        icon="clock",
        tone="busy",
        at=None if soon else due,
        ahead=True,
    )


def _with_gaps(told: list[Step]) -> Iterator[Step]:
    before: float | None = None
    for step in told:
        gap = None if before is None or step.at is None else max(0.0, step.at - before)
        yield msgspec.structs.replace(step, gap=gap)
        before = before if step.at is None else step.at


def decoded(content: bytes | None) -> dict[str, Any]:
    """JSON from the store as an object; empty when it is gone or something else."""
    if not content:
        return {}
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def _list(seen: dict[str, Any], name: str) -> list[str]:
    found = seen.get(name)
    return [str(one) for one in found] if isinstance(found, list) else []


def _tr(text: str) -> str:
    return QCoreApplication.translate("Story", text)
