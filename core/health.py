"""The live state of every component, in a word and a sentence."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec

from core.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

#: words that mean that all is well, or that nothing is wanted of this component
WELL = frozenset({"ok", "listening", "off", "starting", "unknown"})


def named(component: str, source: str) -> str:
    """The name of a component that each source has; of a further one, with its alias."""
    return f"{component}:{source}" if source else component


class State(msgspec.Struct, frozen=True, kw_only=True):
    """How one component is, since when (epoch seconds)."""

    name: str
    word: str
    sentence: str
    since: float


class Health:
    """Collects the states; tells once per change, not once per event.

    Args:
        clock: Epoch seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._states: dict[str, State] = {}
        self.changed: Signal[State] = Signal()

    def set(self, name: str, word: str, sentence: str = "") -> None:
        """Note the state of a component; logged and told only when the word changes."""
        old = self._states.get(name)
        if old is not None and old.word == word:
            if old.sentence != sentence:
                self._states[name] = State(name=name, word=word, sentence=sentence, since=old.since)
            return
        state = State(name=name, word=word, sentence=sentence, since=self._clock())
        self._states[name] = state
        level = logging.INFO if word in WELL else logging.WARNING
        log.log(level, "component changed", extra={"component": name, "state": word})
        self.changed.emit(state)

    def get(self, name: str) -> State | None:
        """The state of a component, if it ever said one."""
        return self._states.get(name)

    def words(self) -> dict[str, str]:
        """Every component's state in a word."""
        return {state.name: state.word for state in self._states.values()}

    def states(self) -> tuple[State, ...]:
        """Every component's state."""
        return tuple(self._states.values())

    @property
    def degraded(self) -> bool:
        """Whether any component wants attention."""
        return any(state.word not in WELL for state in self._states.values())
