"""The steps of a test event on its way, each with a sentence. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from core.model import Delivery, DeliveryStatus, WebhookStatus
from core.sentences import about_delivery, about_webhook, exact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.model import Webhook


class Step(StrEnum):
    """How far a test event is."""

    #: the listener answered 200: it is on disk
    STORED = "stored"
    #: for a look-up in Gladly, or for events that may still be under way
    WAITING = "waiting"
    #: it became a delivery
    MAPPED = "mapped"
    #: an attempt failed; another one follows
    RETRYING = "retrying"
    ACCEPTED = "accepted"
    #: nothing goes to Segment for it, and why
    SKIPPED = "skipped"
    UNMAPPABLE = "unmappable"
    #: a delivery will not be tried again by itself
    DEAD = "dead"
    #: not accepted while we looked on
    LATE = "late"


#: nothing more happens by itself
ENDS = frozenset({Step.ACCEPTED, Step.DEAD, Step.LATE})
#: nothing more happens, unless another event of the same conversation changes it
RESTS = ENDS | {Step.SKIPPED, Step.UNMAPPABLE}

_OVER = {DeliveryStatus.DEAD, DeliveryStatus.DISCARDED}
_ACCEPTED = {DeliveryStatus.ACCEPTED, DeliveryStatus.CONFIRMED}


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """One step of one test event.

    `number` counts the events of the run from 0; `webhook_id` is its inbox row, where it went
    through the listener; `label` is the messageId or the row as people write it.
    """

    number: int
    step: Step
    at: float
    sentence: str
    webhook_id: int | None = None
    deliveries: tuple[Delivery, ...] = ()
    event: str = ""
    label: str = ""

    @property
    def delivery_id(self) -> int | None:
        """The delivery to open, if there is one."""
        return self.deliveries[0].id if self.deliveries else None


def stand(
    webhook: Webhook,
    deliveries: Sequence[Delivery],
    now: float | None = None,
    *,
    moment: Callable[[float], str] = exact,
) -> tuple[Step, str]:
    """How far an event is by its rows, and the sentence to it, with times as `moment` has them."""
    if not deliveries:
        return _undelivered(webhook.status), about_webhook(webhook)
    worst = min(deliveries, key=_worth)
    return _step(worst.status, deliveries), about_delivery(worst, now, moment=moment)


def _step(worst: DeliveryStatus, deliveries: Sequence[Delivery]) -> Step:
    if worst in _OVER:
        return Step.DEAD
    if worst is DeliveryStatus.RETRYING:
        return Step.RETRYING
    return Step.ACCEPTED if all(one.status in _ACCEPTED for one in deliveries) else Step.MAPPED


def _worth(delivery: Delivery) -> int:
    """The delivery that tells most about what is wrong comes first."""
    if delivery.status in _OVER:
        return 0
    if delivery.status is DeliveryStatus.RETRYING:
        return 1
    return 3 if delivery.status in _ACCEPTED else 2


def _undelivered(status: WebhookStatus) -> Step:
    match status:
        case WebhookStatus.RECEIVED:
            return Step.STORED
        case WebhookStatus.WAITING:
            return Step.WAITING
        case WebhookStatus.UNMAPPABLE:
            return Step.UNMAPPABLE
        case WebhookStatus.RESOLVED | WebhookStatus.SKIPPED:
            return Step.SKIPPED
