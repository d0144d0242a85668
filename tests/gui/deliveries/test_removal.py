"""Discard and erase, on the real engine."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QWidget

from core.errors import OperationError
from core.model import DeliveryStatus
from core.pipeline.operations import Selection
from core.store.base import Erased, Filter
from gui.deliveries.removal import DiscardDialog, EraseDialog
from gui.deliveries.saved import KEY
from tests.bench.rows import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from core.home import Home
    from gui.look import Look
    from gui.session import Session

PATIENCE_MS = 20_000


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    """What dialogs belong to."""
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def session(home: Home, make_session: Callable[..., Session]) -> Session:
    """A real engine, which may send nothing, on five hundred deliveries of which some are dead."""
    fill(home.store_file, 500)
    return make_session()


def rows(session: Session, wanted: Filter) -> list[Any]:
    """What the store holds."""
    page = session.store.page(wanted, None, 1000)
    return list(asyncio.run_coroutine_threadsafe(page, session._bridge._loop).result(10).rows)


DEAD = Filter(statuses=(DeliveryStatus.DEAD,))


def test_dead_deliveries_are_discarded_after_a_look_at_how_many(
    qtbot: QtBot, look: Look, window: QWidget, session: Session
) -> None:
    dead = rows(session, DEAD)
    dialog = DiscardDialog(session, look, Selection(wanted=DEAD), window)
    dialog.start()
    qtbot.waitUntil(dialog.go.isEnabled, timeout=PATIENCE_MS)

    assert dialog.go.text() == f"Discard {len(dead)}"
    with qtbot.waitSignal(dialog.changed, timeout=PATIENCE_MS):
        dialog.go.click()

    assert rows(session, DEAD) == []
    discarded = rows(session, Filter(ids=tuple(one.id for one in dead)))
    assert {one.status for one in discarded} == {DeliveryStatus.DISCARDED}


def test_what_is_accepted_cannot_be_discarded(
    qtbot: QtBot, look: Look, window: QWidget, session: Session
) -> None:
    accepted = rows(session, Filter(statuses=(DeliveryStatus.ACCEPTED,)))[0]
    dialog = DiscardDialog(session, look, Selection(ids=(accepted.id,)), window)
    dialog.start()
    qtbot.waitUntil(lambda: bool(dialog.text.text()), timeout=PATIENCE_MS)

    assert dialog.text.text() == "None of these is still to be sent."
    assert not dialog.go.isEnabled()
    assert dialog.outcome(1).startswith("One delivery")


def test_a_customer_is_erased_only_after_the_id_was_typed(
    qtbot: QtBot, look: Look, window: QWidget, session: Session
) -> None:
    customer = rows(session, Filter())[0].customer_id
    about = [one for one in rows(session, Filter()) if one.customer_id == customer]
    dialog = EraseDialog(session, look, customer, window)
    dialog.start()
    qtbot.waitUntil(lambda: bool(dialog.text.text()), timeout=PATIENCE_MS)

    assert dialog.text.text().startswith(
        f"Deliveries here that are about this customer: {len(about)}."
    )
    assert not dialog.go.isEnabled()
    qtbot.keyClicks(dialog.edit, customer[:-1])
    assert not dialog.go.isEnabled()
    qtbot.keyClicks(dialog.edit, customer[-1])
    with qtbot.waitSignal(dialog.changed, timeout=PATIENCE_MS):
        dialog.go.click()

    assert not [one for one in rows(session, Filter()) if one.customer_id == customer]
    assert "Privacy, Deletion Requests" in dialog.notice.hint.text()


def test_saved_filters_that_name_the_customer_go_with_them(
    qtbot: QtBot, look: Look, window: QWidget, session: Session, home: Home
) -> None:
    some = rows(session, Filter())[0]
    detail = session.store.delivery(some.id)
    payload = asyncio.run_coroutine_threadsafe(detail, session._bridge._loop).result(10).payload
    sent = json.loads(payload)["properties"]
    session.memory.set(
        KEY,
        [
            {"name": "by id", "text": f"customer:{some.customer_id}", "hours": 0},
            {"name": "by e-mail", "text": f"email:{sent['email']}", "hours": 24},
            {"name": f"About {sent['customerName']}", "text": "status:dead", "hours": 0},
            {"name": "dead", "text": "status:dead", "hours": 0},
        ],
    )
    dialog = EraseDialog(session, look, some.customer_id, window)
    dialog.start()
    qtbot.waitUntil(lambda: bool(dialog.text.text()), timeout=PATIENCE_MS)
    said = dialog.text.text().splitlines()[-1]
    assert said.startswith("Saved filters that name them are removed, too: by id, by e-mail, About")
    assert len(session.memory.get(KEY)) == 4

    dialog.edit.setText(some.customer_id)
    with qtbot.waitSignal(dialog.changed, timeout=PATIENCE_MS):
        dialog.go.click()

    assert [one["name"] for one in session.memory.get(KEY)] == ["dead"]
    file = home.path / "window.json"
    qtbot.waitUntil(lambda: file.exists() and b"dead" in file.read_bytes(), timeout=PATIENCE_MS)
    kept = file.read_text()
    assert not any(one in kept for one in (some.customer_id, sent["email"], sent["customerName"]))


class Refusing:
    """An engine that cannot erase, at first."""

    def __init__(self) -> None:
        self.asked = 0

    async def erase(self, _: str) -> Erased:
        self.asked += 1
        if self.asked == 1:
            raise OperationError("It is still being read.", "Close the other program.")
        return Erased(webhooks=2, deliveries=1)


def test_an_erasure_that_failed_can_be_repeated(
    qtbot: QtBot, look: Look, window: QWidget, make_viewer: Callable[..., Any]
) -> None:
    viewer = make_viewer(20)
    viewer.link = Refusing()
    dialog = EraseDialog(viewer, look, "c-1", window)
    dialog.start()
    dialog.edit.setText("c-1")
    dialog.go.click()
    qtbot.waitUntil(dialog.notice.isVisible)
    assert dialog.notice.title.text() == "It is still being read."

    with qtbot.waitSignal(dialog.changed):
        dialog.go.click()

    assert dialog.notice.title.text() == "The customer is erased. Webhooks: 2, deliveries: 1."
