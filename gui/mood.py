"""How all is, in one of five words: what the tray shows. Pure."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from core.health import WELL
from core.model import DeliveryStatus, WebhookStatus
from gui.run import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.health import State
    from core.model import Counts

BUSY_DELIVERIES = (DeliveryStatus.PENDING, DeliveryStatus.SENDING, DeliveryStatus.RETRYING)
BUSY_WEBHOOKS = (WebhookStatus.RECEIVED, WebhookStatus.WAITING)
PAUSED_WORD = "paused"


class Mood(StrEnum):
    """The five states of the tray."""

    #: everything runs and nothing waits
    WELL = "well"
    #: events are under way
    WORKING = "working"
    #: something needs a person
    ATTENTION = "attention"
    #: sending was paused by hand
    PAUSED = "paused"
    #: no engine runs
    STOPPED = "stopped"


WITHOUT_ENGINE: Mapping[Phase, Mood] = MappingProxyType(
    {
        Phase.STOPPED: Mood.STOPPED,
        Phase.STOPPING: Mood.STOPPED,
        Phase.STARTING: Mood.WORKING,
        Phase.FAILED: Mood.ATTENTION,
    }
)


def mood_of(phase: Phase, states: Iterable[State], counts: Counts | None) -> Mood:
    """What one look at a session comes to; trouble goes before a pause, a pause before work."""
    without_engine = WITHOUT_ENGINE.get(phase)
    if without_engine is not None:
        return without_engine
    words = {state.word for state in states}
    if words - WELL - {PAUSED_WORD}:
        return Mood.ATTENTION
    if PAUSED_WORD in words:
        return Mood.PAUSED
    if counts is not None and counts.deliveries.get(DeliveryStatus.DEAD, 0):
        return Mood.ATTENTION
    return Mood.WORKING if counts is not None and under_way(counts) else Mood.WELL


def under_way(counts: Counts) -> int:
    """How many webhooks and deliveries still have to be worked on."""
    deliveries = sum(counts.deliveries.get(status, 0) for status in BUSY_DELIVERIES)
    return deliveries + sum(counts.webhooks.get(status, 0) for status in BUSY_WEBHOOKS)


def is_paused(states: Iterable[State]) -> bool:
    """Whether sending was paused by hand."""
    return any(state.word == PAUSED_WORD for state in states)
