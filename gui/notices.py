"""When to tell a person of a change, and when to keep quiet: levels, grouping, snooze. Pure."""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import msgspec

from core.health import WELL, State
from core.model import DeliveryStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.model import Counts

Level = Literal["all", "problems", "none"]

ENGINE = "engine"
PAUSED = "paused"
#: states that want a person are told almost at once; those that may heal by themselves get time
FLICKER_SECONDS = 5.0
PATIENCE_SECONDS = 60.0
#: a pause by hand is no problem until it looks forgotten
FORGOTTEN_SECONDS = 3600.0
HEALING = frozenset({"backing-off", "unavailable"})
#: a problem is over when it was gone for so long
CALM_SECONDS = 15.0
#: dead deliveries are collected before they are told, and then told rarely
GATHER_SECONDS = 10.0
DEAD_GAP_SECONDS = 600.0
#: between two alerts of any kind, and the alerts about one and the same thing in an hour
GAP_SECONDS = 60.0
REPEATS = 3
HOUR = 3600.0
#: a backlog that is worth a word when it is gone (level `all`)
BACKLOG = 100
UNDER_WAY = (DeliveryStatus.PENDING, DeliveryStatus.SENDING, DeliveryStatus.RETRYING)


class Kind(StrEnum):
    """What an announcement is about."""

    #: something needs a person
    PROBLEM = "problem"
    #: deliveries died
    DEAD = "dead"
    #: all that was announced is over
    RECOVERED = "recovered"
    #: a backlog is gone (level `all`)
    CAUGHT_UP = "caught-up"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not well."""

    name: str
    sentence: str


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell; many failures are one announcement.

    `dead` are deliveries that died since the last announcement, or those that stay dead when all
    else is over; `waiting` are all under way.
    """

    kind: Kind
    problems: tuple[Problem, ...] = ()
    dead: int = 0
    waiting: int = 0


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What is known at one moment; `error` is why the engine does not run."""

    error: str = ""
    states: tuple[State, ...] = ()
    dead: int = 0
    waiting: int = 0
    retrying: int = 0


def situation_of(states: Iterable[State], counts: Counts | None, error: str = "") -> Situation:
    """The situation from what a session shows."""
    rows = {} if counts is None else counts.deliveries
    return Situation(
        error=error,
        states=tuple(states),
        dead=rows.get(DeliveryStatus.DEAD, 0),
        waiting=sum(rows.get(status, 0) for status in UNDER_WAY),
        retrying=rows.get(DeliveryStatus.RETRYING, 0),
    )


class Notices:
    """Decides what is worth an interruption; every time comes in as seconds of one steady clock.

    Args:
        level: `all`, `problems` or `none`.
    """

    def __init__(self, level: Level = "problems") -> None:
        self.level: Level = level
        self._problems: dict[str, Problem] = {}
        self._since: dict[str, float] = {}
        self._seen: dict[str, float] = {}
        self._told: dict[str, Problem] = {}
        self._mended: dict[str, Problem] = {}
        self._alerts: dict[str, deque[float]] = {}
        self._last_alert = float("-inf")
        self._snoozed_until = float("-inf")
        self._dead = _Dead()
        self._backlog = 0

    @property
    def snoozed_until(self) -> float:
        """When alerts begin again."""
        return self._snoozed_until

    def snooze(self, now: float, seconds: float) -> None:
        """Say nothing for so long; what is still wrong then is told anew."""
        self._snoozed_until = now + seconds
        self._told.clear()
        self._mended.clear()

    def wake(self) -> None:
        """End the snooze."""
        self._snoozed_until = float("-inf")

    def observe(self, situation: Situation, now: float) -> Announcement | None:
        """What to tell now, if anything; call at every change, and now and then."""
        self._note(situation, now)
        if now < self._snoozed_until or self.level == "none":
            self._forget_told()
            return None
        return (
            self._alert(situation, now)
            or self._recovery(situation)
            or self._caught_up(situation)
            or None
        )

    def holds(self, said: Announcement, situation: Situation) -> bool:
        """Whether what was told is still so, in the situation that was observed last."""
        match said.kind:
            case Kind.RECOVERED:
                return not (self._problems or situation.retrying or situation.dead > said.dead)
            case Kind.DEAD:
                return situation.dead > 0
            case Kind.PROBLEM:
                wrong = {key.partition(":")[0] for key in (*self._told, *self._problems)}
                return not wrong.isdisjoint(one.name for one in said.problems)
            case _:
                return True

    def _note(self, situation: Situation, now: float) -> None:
        """Keep what is wrong, since when, and when it was last seen."""
        self._problems = dict(_problems(situation))
        for key in self._problems:
            self._since.setdefault(key, now)
            self._seen[key] = now
        for key in [key for key in self._since if now - self._seen[key] >= CALM_SECONDS]:
            del self._since[key]
            if key in self._told:
                self._mended[key] = self._told.pop(key)
        self._dead.note(situation.dead, now)
        self._backlog = max(self._backlog, situation.waiting)

    def _forget_told(self) -> None:
        """While nothing is told, nothing counts as told or as recovered."""
        self._told.clear()
        self._mended.clear()
        self._backlog = 0

    def _alert(self, situation: Situation, now: float) -> Announcement | None:
        if now - self._last_alert < GAP_SECONDS:
            return None
        fresh = [key for key in self._problems if self._is_due(key, now)]
        dead = self._dead.due(now)
        if not fresh and not dead:
            return None
        self._last_alert = now
        for key in fresh:
            self._alerts.setdefault(key, deque(maxlen=REPEATS)).append(now)
            self._mended.pop(key, None)
        self._told.update({key: self._problems[key] for key in fresh})
        return Announcement(
            kind=Kind.PROBLEM if fresh else Kind.DEAD,
            problems=tuple(self._problems[key] for key in fresh),
            dead=self._dead.tell(now) if dead or fresh else 0,
            waiting=situation.waiting,
        )

    def _is_due(self, key: str, now: float) -> bool:
        if key in self._told:
            return False
        alerts = self._alerts.get(key, deque())
        if len(alerts) == REPEATS and now - alerts[0] < HOUR:
            return False
        return now - self._since[key] >= self._patience(key)

    def _patience(self, key: str) -> float:
        name, _, word = key.partition(":")
        if word == PAUSED:
            return FORGOTTEN_SECONDS
        heals = word in HEALING and name != "store"
        return PATIENCE_SECONDS if heals and self.level != "all" else FLICKER_SECONDS

    def _recovery(self, situation: Situation) -> Announcement | None:
        if self._told or self._problems or situation.retrying or not self._mended:
            return None
        mended = tuple(self._mended.values())
        self._mended.clear()
        self._backlog = 0
        return Announcement(
            kind=Kind.RECOVERED,
            problems=mended,
            dead=situation.dead,
            waiting=situation.waiting,
        )

    def _caught_up(self, situation: Situation) -> Announcement | None:
        if situation.waiting > 0 or self._problems:
            return None
        gone, self._backlog = self._backlog, 0
        if gone < BACKLOG or self.level != "all":
            return None
        return Announcement(kind=Kind.CAUGHT_UP, waiting=gone)


class _Dead:
    """Counts deliveries that died since a person was last told."""

    def __init__(self) -> None:
        self._known: int | None = None
        self._now = 0
        self._risen_at: float | None = None
        self._told_at = float("-inf")

    def note(self, dead: int, now: float) -> None:
        """The number of dead deliveries now; those of the first look are old news."""
        self._known = dead if self._known is None else min(self._known, dead)
        self._now = dead
        if dead == self._known:
            self._risen_at = None
        elif self._risen_at is None:
            self._risen_at = now

    def due(self, now: float) -> bool:
        """Whether it is time to tell of new ones."""
        if self._risen_at is None or now - self._told_at < DEAD_GAP_SECONDS:
            return False
        return now - self._risen_at >= GATHER_SECONDS

    def tell(self, now: float) -> int:
        """How many are new; they are known from now on."""
        new = self._now - (self._known or 0)
        self._known, self._risen_at = self._now, None
        if new:
            self._told_at = now
        return new


def _problems(situation: Situation) -> Iterable[tuple[str, Problem]]:
    """What is not well, by a key that changes with the state, not with its sentence."""
    if situation.error:
        yield ENGINE, Problem(name=ENGINE, sentence=situation.error)
        return
    for state in situation.states:
        if state.word not in WELL:
            problem = Problem(name=state.name, sentence=state.sentence)
            yield f"{state.name}:{state.word}", problem
