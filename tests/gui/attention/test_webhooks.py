"""The webhooks of a concern: the newest of them, and what Gladly sent in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from core.errors import StoreUnavailable
from core.store import causes as grouping
from gui.attention import webhooks
from gui.attention.concerns import Concern, concerns
from gui.attention.webhooks import WebhooksPane

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from gui.session import Session
    from tests.gui.attention.conftest import Filler


@pytest.fixture
def session(fill: Filler, make_session: Callable[..., Session]) -> Session:
    fill.unmappable(3)
    return make_session()


@pytest.fixture
def pane(qtbot: QtBot, look: Look, session: Session) -> WebhooksPane:
    made = WebhooksPane(session, look)
    qtbot.addWidget(made)
    made.resize(800, 400)
    made.show()
    return made


def found(qtbot: QtBot, session: Session) -> Concern:
    answers: list[list[grouping.Cause]] = []
    session.ask(lambda: grouping.causes(session.store), owner=session, then=answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    [concern] = concerns([], answers[0])
    return concern


def test_rows_are_read_and_the_newest_body_is_shown(
    qtbot: QtBot, pane: WebhooksPane, session: Session
) -> None:
    pane.show_concern(found(qtbot, session))

    qtbot.waitUntil(lambda: pane.model.rowCount() == 3)
    assert pane.strip.sentence.text() == "The body names no conversation."
    assert pane.body.text() == '{\n  "number": 2\n}'

    qtbot.keyClick(pane.table, Qt.Key.Key_Down)
    assert pane.body.text() == '{\n  "number": 1\n}'


def test_the_same_concern_is_not_read_twice(
    qtbot: QtBot, pane: WebhooksPane, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    concern = found(qtbot, session)
    pane.show_concern(concern)
    qtbot.waitUntil(lambda: pane.model.rowCount() == 3)
    reads: list[object] = []
    monkeypatch.setattr(pane, "_read", reads.append)

    pane.show_concern(concern)
    assert reads == []

    pane.deactivate()
    pane.show_concern(concern)
    assert reads == [concern.cause]


def test_of_very_many_the_newest_are_shown(
    qtbot: QtBot, pane: WebhooksPane, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "LIMIT", 2)

    pane.show_concern(found(qtbot, session))

    qtbot.waitUntil(lambda: pane.model.rowCount() == 2)
    assert pane.strip.hint.text().endswith("The newest 2 of 3 are shown.")


def test_a_failure_is_told(
    qtbot: QtBot, pane: WebhooksPane, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    concern = found(qtbot, session)

    async def fail(*_: object) -> None:
        raise StoreUnavailable("The store cannot be read.")

    monkeypatch.setattr(grouping, "webhook_page", fail)

    with qtbot.waitSignal(pane.failed) as failed:
        pane.show_concern(concern)

    assert failed.args[0].title == "The store cannot be read."
