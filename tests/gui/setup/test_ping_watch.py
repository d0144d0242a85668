"""Gladly's PING: seen once, it stays seen; looked for only while somebody wants to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import OperationError
from gui.run import Phase
from gui.setup.ping_watch import PingWatch

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.session import Session
    from gui.setup.card import Tools


class Link:
    """An engine that answers what it is told to."""

    def __init__(self, *answers: float | Exception | None) -> None:
        self.answers = list(answers)

    async def last_ping_at(self) -> float | None:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def session(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> Session:
    tools.session.phase = Phase.RUNNING
    yield tools.session
    tools.session.phase = Phase.STOPPED


@pytest.fixture
def watch(session: Session) -> PingWatch:
    return PingWatch(session, session)


def answer(monkeypatch: pytest.MonkeyPatch, session: Session, *answers) -> None:
    monkeypatch.setattr(type(session), "link", Link(*answers))


def test_a_ping_is_told(qtbot: QtBot, watch: PingWatch, session: Session, monkeypatch) -> None:
    answer(monkeypatch, session, 100.0)
    with qtbot.waitSignal(watch.changed):
        watch.start()
    watch.stop()

    assert watch.seen_at == 100.0


def test_an_engine_that_started_anew_does_not_undo_it(
    qtbot: QtBot, watch: PingWatch, session: Session, monkeypatch
) -> None:
    watch.seen_at = 100.0
    answer(monkeypatch, session, None, OperationError("It is stopping."), 200.0)
    watch.look()
    qtbot.waitUntil(lambda: watch._asked is None)
    assert watch.seen_at == 100.0
    watch.look()
    qtbot.waitUntil(lambda: watch._asked is None)
    with qtbot.waitSignal(watch.changed):
        watch.look()

    assert watch.seen_at == 200.0


def test_an_engine_that_is_off_is_not_asked(
    qtbot: QtBot, watch: PingWatch, session: Session
) -> None:
    session.phase = Phase.FAILED
    watch.look()

    assert watch._asked is None


def test_stopping_drops_the_answer(watch: PingWatch, session: Session, monkeypatch) -> None:
    answer(monkeypatch, session, 100.0)
    watch.start()
    watch.stop()

    assert watch._asked is None
    assert not watch._timer.isActive()
