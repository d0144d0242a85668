"""What is not well just now, each with what to do next: components, and an engine that is down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QCoreApplication

from core.health import WELL, State
from gui import words
from gui.mending import mends, wording
from gui.mending.mends import Mend
from gui.run import Phase
from gui.words import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.errors import GladlySourceError
    from gui.session import Session

#: nothing is known since when
NEVER = 0.0
ENGINE = "engine"
OFF = "off"
DEMO = "demo"
LIVELY = frozenset({Phase.RUNNING, Phase.ATTACHED})

translate = QCoreApplication.translate


class Trouble(msgspec.Struct, frozen=True):
    """One thing that is not well.

    Args:
        name: Of the component.
        title: Its name for people.
        word: How it is.
        sentence: What is so.
        hint: What to do next.
        mends: The presses that help, the best one first.
        since: Epoch seconds; 0 when it is not known.
    """

    name: str
    title: str
    word: Word
    sentence: str
    hint: str
    mends: tuple[Mend, ...]
    since: float


def troubles_of(session: Session) -> list[Trouble]:
    """What is not well in a session, in the order in which an event meets it."""
    found = [_trouble(state) for state in components(session) if state.word not in WELL]
    first = (_engine(session.phase, session.error), _way_in(session))
    return [*filter(None, first), *found]


def components(session: Session) -> list[State]:
    """Every component as it is now, in the order in which an event meets them.

    Workers say nothing while they run, so a running engine's silent ones are well.
    """
    return in_order(session.states, running=session.phase in LIVELY)


def in_order(states: Sequence[State], *, running: bool) -> list[State]:
    """The components in the order in which an event meets them."""
    said = {state.name: state for state in states}
    if running:
        for name in wording.SILENT:
            well = State(name=name, word="ok", sentence=wording.runs(), since=NEVER)
            said.setdefault(name, well)
    places = {name: place for place, name in enumerate(wording.COMPONENTS)}
    return sorted(said.values(), key=lambda one: places.get(wording.base_of(one.name), len(places)))


def _trouble(state: State) -> Trouble:
    return Trouble(
        state.name,
        wording.component_name(state.name),
        words.state_word(state),
        state.sentence,
        mends.advice_on(state),
        tuple(mends.for_state(state)),
        state.since,
    )


def _way_in(session: Session) -> Trouble | None:
    """Everything runs, and no event can come: the engine does not poll, nobody can call it."""
    states = {state.name: state for state in session.states}
    listens = states.get("listener")
    polls = states.get("poll")
    if session.phase not in LIVELY or session.profile == DEMO or listens is None or polls is None:
        return None
    if polls.word != OFF or (listens.word != OFF and session.settings.listener.public_url):
        return None
    return Trouble(
        "way-in",
        wording.component_name("way-in"),
        Word(translate("Health", "None"), "warn", "warn"),
        _no_way_in(off=listens.word == OFF),
        translate(
            "Health",
            "Enter the public URL that leads to this computer, or let Gladly's events be polled.",
        ),
        (mends.choose_way(),),
        NEVER,
    )


def _no_way_in(*, off: bool) -> str:
    if off:
        return translate(
            "Health",
            "No event can arrive: the listener is switched off, and events are not polled.",
        )
    return translate(
        "Health",
        "Gladly cannot reach this computer: there is no public URL, and events are not polled.",
    )


def _engine(phase: Phase, error: GladlySourceError | None) -> Trouble | None:
    title = wording.component_name(ENGINE)
    if phase is Phase.FAILED and error is not None:
        word = Word(translate("Health", "Not running"), "fail", "bad")
        offers = tuple(mends.for_error(error))
        return Trouble(ENGINE, title, word, error.title, error.hint, offers, NEVER)
    if phase is Phase.STOPPED:
        word = Word(translate("Health", "Stopped"), "stopped", "warn")
        said = translate("Health", "The engine is stopped: nothing is received, nothing is sent.")
        return Trouble(ENGINE, title, word, said, "", (mends.start(),), NEVER)
    return None
