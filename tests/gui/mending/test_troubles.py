"""Troubles: what is not well, in order, and an engine that is down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import PortInUse
from core.health import State
from core.settings import Listener, Settings
from gui.mending.mends import Act
from gui.mending.troubles import components, troubles_of
from gui.run import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from gui.session import Session

    Still = Callable[..., Session]


def state(name: str, word: str = "ok") -> State:
    return State(name=name, word=word, sentence=f"{name} is {word}.", since=7.0)


def test_components_stand_in_the_order_in_which_an_event_meets_them(still: Still) -> None:
    session = still(states=(state("segment"), state("poller"), state("listener", "listening")))

    names = [one.name for one in components(session)]

    assert names == ["listener", "resolver", "forwarder", "segment", "poller"]


def test_a_worker_that_says_nothing_runs_as_long_as_the_engine_does(still: Still) -> None:
    running = components(still(states=()))
    stopped = components(still(Phase.FAILED, states=()))

    assert [(one.name, one.word) for one in running] == [("resolver", "ok"), ("forwarder", "ok")]
    assert stopped == []


def test_only_what_is_not_well_is_a_trouble(still: Still) -> None:
    session = still(states=(state("gladly"), state("segment", "refused")))

    [trouble] = troubles_of(session)

    assert (trouble.title, trouble.word.text, trouble.since) == ("Segment", "Refused", 7.0)
    assert trouble.hint.startswith("Nothing is lost")
    assert [mend.act for mend in trouble.mends] == [Act.CARD, Act.RESUME]


LISTENS, POLLS_NOT = state("listener", "listening"), state("poll", "off")


def test_an_engine_that_no_event_can_reach_is_a_trouble(still: Still) -> None:
    session = still(states=(LISTENS, POLLS_NOT))

    [trouble] = troubles_of(session)

    assert "Gladly cannot reach this computer" in trouble.sentence
    assert trouble.mends[0].act is Act.CARD
    assert trouble.mends[0].target == "arrival"


def test_polling_or_a_public_url_is_enough(still: Still) -> None:
    assert troubles_of(still(states=(LISTENS, state("poll")))) == []

    reached = still(states=(LISTENS, POLLS_NOT))
    listener = Listener(public_url="https://hooks.example.com")
    reached.settings = Settings(listener=listener)  # type: ignore[misc]
    assert troubles_of(reached) == []

    deaf = still(states=(state("listener", "off"), POLLS_NOT))
    deaf.settings = Settings(listener=listener)  # type: ignore[misc]
    assert "switched off" in troubles_of(deaf)[0].sentence


def test_an_engine_that_did_not_start_says_why(still: Still) -> None:
    error = PortInUse("Port 8377 is in use.", "Stop that program.")

    [trouble] = troubles_of(still(Phase.FAILED, error=error, states=()))

    assert (trouble.title, trouble.sentence) == ("Engine", "Port 8377 is in use.")
    assert trouble.hint == "Stop that program."
    assert trouble.mends[0].act is Act.PORT


def test_a_stopped_engine_can_be_started(still: Still) -> None:
    [trouble] = troubles_of(still(Phase.STOPPED, states=()))

    assert trouble.word.text == "Stopped"
    assert [mend.act for mend in trouble.mends] == [Act.RESTART]


def test_an_engine_that_starts_is_no_trouble(still: Still) -> None:
    assert troubles_of(still(Phase.STARTING, states=())) == []
