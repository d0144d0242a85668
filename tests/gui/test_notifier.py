"""What a person is told, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from core.errors import OperationError, SecretMissing
from gui.notices import Announcement, Kind, Problem
from gui.notifier import Notifier, page_of, wording
from gui.run import Phase
from tests.fakes.shell import FakeSession

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot


class Clock:
    """Goes on when told."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(qapp: object, tmp_path: Path) -> FakeSession:
    del qapp
    return FakeSession(tmp_path)


@pytest.fixture
def notifier(session: FakeSession, clock: Clock) -> Iterator[Notifier]:
    made = Notifier(session, clock)  # type: ignore[arg-type]
    yield made
    made.stop()


def test_trouble_that_lasts_is_told_with_its_page(
    qtbot: QtBot, notifier: Notifier, session: FakeSession, clock: Clock
) -> None:
    session.feel(segment="refused")
    clock.now += 10

    with qtbot.waitSignal(notifier.told) as told:
        notifier.look()
    assert told.args == [
        Kind.PROBLEM,
        "Segment needs attention",
        "segment is refused.",
        "health",
    ]


def test_an_engine_that_fails_is_told(
    qtbot: QtBot, notifier: Notifier, session: FakeSession, clock: Clock
) -> None:
    session.become(Phase.FAILED, OperationError("Port 1 is taken.", "Free it."))
    clock.now += 10

    with qtbot.waitSignal(notifier.told) as told:
        notifier.look()
    assert told.args[1:3] == ["Gladly Source does not run", "Port 1 is taken. Free it."]


@pytest.mark.parametrize("phase", [Phase.STARTING, Phase.STOPPING, Phase.STOPPED])
def test_while_nothing_is_known_nothing_is_told(
    qtbot: QtBot, notifier: Notifier, session: FakeSession, clock: Clock, phase: Phase
) -> None:
    session.feel(segment="refused")
    session.become(phase)
    clock.now += 100

    with qtbot.assertNotEmitted(notifier.told):
        notifier.look()


def test_what_was_never_set_up_is_no_fault_that_ended(
    qtbot: QtBot, notifier: Notifier, session: FakeSession, clock: Clock
) -> None:
    with qtbot.assertNotEmitted(notifier.told):
        session.become(Phase.FAILED, SecretMissing("The write key is missing.", ""))
        clock.now += 100
        notifier.look()
        session.become(Phase.STARTING)
        session.become(Phase.RUNNING)
        clock.now += 100
        notifier.look()


def test_what_was_told_is_taken_back_as_soon_as_it_is_over(
    qtbot: QtBot, notifier: Notifier, session: FakeSession, clock: Clock
) -> None:
    session.count(dead=0)
    session.count(dead=2)
    clock.now += 20
    with qtbot.waitSignal(notifier.told):
        notifier.look()

    with qtbot.waitSignal(notifier.over):
        session.count(dead=0, pending=2)
    with qtbot.assertNotEmitted(notifier.over):
        notifier.look()


def test_snoozing_is_said_and_ends_by_itself(
    qtbot: QtBot, notifier: Notifier, session: FakeSession, clock: Clock
) -> None:
    with qtbot.waitSignal(notifier.snoozed, check_params_cb=bool):
        notifier.snooze(quiet=True)
    session.feel(segment="refused")
    clock.now += 100
    with qtbot.assertNotEmitted(notifier.told):
        notifier.look()

    clock.now += 3600
    with qtbot.waitSignals([notifier.snoozed, notifier.told]):
        notifier.look()


def test_a_snooze_can_be_ended(
    qtbot: QtBot, notifier: Notifier, session: FakeSession, clock: Clock
) -> None:
    notifier.snooze(quiet=True)
    session.feel(segment="refused")
    clock.now += 100
    notifier.look()

    with qtbot.waitSignal(notifier.told):
        notifier.snooze(quiet=False)


def test_the_level_follows_the_settings(
    qtbot: QtBot, notifier: Notifier, session: FakeSession, clock: Clock
) -> None:
    app = msgspec.structs.replace(session.settings.app, notify="none")
    session.settings_changed.emit(msgspec.structs.replace(session.settings, app=app))
    session.feel(segment="refused")
    clock.now += 100

    with qtbot.assertNotEmitted(notifier.told):
        notifier.look()


def problem(name: str) -> Problem:
    return Problem(name=name, sentence=f"{name} is bad.")


@pytest.mark.parametrize(
    ("said", "title", "text", "page"),
    [
        (
            Announcement(kind=Kind.PROBLEM, problems=(problem("store"),), waiting=1204),
            "The store needs attention",
            "store is bad.\n1,204 deliveries wait.",
            "health",
        ),
        (
            Announcement(kind=Kind.PROBLEM, problems=(problem("gladly"), problem("clock")), dead=2),
            "2 things need attention",
            "gladly is bad.\nclock is bad.\n2 deliveries are dead.",
            "health",
        ),
        (
            Announcement(kind=Kind.PROBLEM, problems=(problem("silence"),)),
            "The silence alarm needs attention",
            problem("silence").sentence,
            "health",
        ),
        (
            Announcement(kind=Kind.DEAD, dead=1000),
            "1,000 deliveries are dead",
            "They will not be tried again by themselves.",
            "attention",
        ),
        (
            Announcement(kind=Kind.DEAD, dead=1),
            "One delivery is dead",
            "It will not be tried again by itself.",
            "attention",
        ),
        (
            Announcement(kind=Kind.RECOVERED, problems=(problem("segment"), problem("segment"))),
            "All is well again",
            "Over: Segment.",
            "health",
        ),
        (
            Announcement(kind=Kind.RECOVERED, problems=(problem("segment"),), dead=2),
            "Over: Segment",
            "2 deliveries are dead.",
            "health",
        ),
        (
            Announcement(kind=Kind.CAUGHT_UP, waiting=500),
            "Caught up",
            "Nothing waits any more; 500 deliveries did.",
            "events",
        ),
    ],
)
def test_each_announcement_has_its_words_and_its_page(
    said: Announcement, title: str, text: str, page: str
) -> None:
    assert wording(said) == (title, text)
    assert page_of(said) == page
