"""Says in one sentence why a row is as it is. Pure; used on the command line and on screen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.model import CustomerEvent, DeliveryStatus, WebhookStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.model import Delivery, Webhook

SECONDS_PER_MINUTE = 60
SECONDS_PER_HOUR = 3600
SECONDS_PER_DAY = 86_400
ORDINALS = ("", "first", "second", "third", "fourth", "fifth")


def iso(seconds: float | None) -> str | None:
    """Epoch seconds as ISO 8601 UTC with milliseconds, or None."""
    return None if seconds is None else exact(seconds)


def exact(seconds: float) -> str:
    """Epoch seconds as ISO 8601 UTC with milliseconds."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def about_delivery(  # noqa: PLR0911 - one per status
    delivery: Delivery, now: float | None = None, *, moment: Callable[[float], str] = exact
) -> str:
    """Why this delivery has its status; with `now`, what is overdue says so.

    Args:
        delivery: The row.
        now: Epoch seconds.
        moment: Writes epoch seconds as those read them who see the sentence.
    """
    note = f" {delivery.reason}" if delivery.reason else ""
    match delivery.status:
        case DeliveryStatus.PENDING:
            return f"Waits for its next attempt.{note}"
        case DeliveryStatus.SENDING:
            return f"Is being uploaded now.{note}"
        case DeliveryStatus.RETRYING:
            attempt = f"Attempt {delivery.attempts + 1}"
            if delivery.next_attempt_at is None or (now and delivery.next_attempt_at <= now):
                return f"{delivery.last_error} {attempt} as soon as Segment may be asked again."
            return f"{delivery.last_error} {attempt} at {moment(delivery.next_attempt_at)}."
        case DeliveryStatus.ACCEPTED:
            return _accepted(delivery) + note
        case DeliveryStatus.CONFIRMED:
            return _confirmed(delivery) + note
        case DeliveryStatus.DEAD:
            return f"Not tried again by itself: {delivery.last_error or delivery.reason}"
        case DeliveryStatus.DISCARDED:
            return delivery.reason or "Discarded by hand."


def about_webhook(webhook: Webhook) -> str:
    """Why this webhook has its status."""
    if webhook.reason:
        return webhook.reason
    match webhook.status:
        case WebhookStatus.RECEIVED:
            return "Stored; will be looked at next."
        case WebhookStatus.WAITING:
            return "Waits for a look-up in Gladly."
        case WebhookStatus.RESOLVED:
            merged = webhook.kind == CustomerEvent.MERGED
            return "Became an alias call." if merged else "Became a track event."
        case WebhookStatus.SKIPPED:
            return "The tracking plan sends nothing for it."
        case WebhookStatus.UNMAPPABLE:
            return "It cannot become an event."


def duration(seconds: float) -> str:
    """A length of time as people say it: `0.4 s`, `3 min`, `2 h`, `5 days`."""
    if seconds < 10:  # noqa: PLR2004 - below, tenths matter
        return f"{seconds:.1f} s"
    if seconds < 2 * SECONDS_PER_MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * SECONDS_PER_HOUR:
        return f"{seconds / SECONDS_PER_MINUTE:.0f} min"
    if seconds < 2 * SECONDS_PER_DAY:
        return f"{seconds / SECONDS_PER_HOUR:.0f} h"
    return f"{seconds / SECONDS_PER_DAY:.0f} days"


def _confirmed(delivery: Delivery) -> str:
    at, accepted_at = delivery.confirmed_at, delivery.accepted_at
    if at is None or accepted_at is None:
        return "Seen coming back from Segment."
    if at == accepted_at:
        return "Seen coming back from Segment, though no answer said that it arrived."
    return f"Seen coming back from Segment {duration(max(0.0, at - accepted_at))} after it took it."


def _accepted(delivery: Delivery) -> str:
    if delivery.accepted_at is None:
        return "Accepted by Segment."
    took = duration(max(0.0, delivery.accepted_at - delivery.received_at))
    number = delivery.attempts
    nth = ORDINALS[number] if number < len(ORDINALS) else f"{number}th"
    return f"Accepted by Segment {took} after Gladly told us, on the {nth} attempt."
