"""Operations: dialogs and clipboard."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from core.errors import StoreUnavailable
from core.pipeline.operations import Effect, Selection
from core.store.base import Erased
from gui.deliveries.operations import MOST_COPIED, EventOperations

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from tests.gui.viewer import Viewer


class Link:
    """An engine that does what it is asked, in words only."""

    async def preview(self, selection: Selection) -> Effect:
        return Effect(fresh=len(selection.ids))

    async def replay(self, selection: Selection, **_: object) -> int:
        return len(selection.ids)

    async def erase(self, _: str) -> Erased:
        return Erased(webhooks=1, deliveries=1)


@pytest.fixture
def operations(qtbot: QtBot, look: Look, make_viewer: Callable[..., Viewer]) -> EventOperations:
    """Operations on three hundred deliveries."""
    viewer = make_viewer(300)
    viewer.link = Link()
    window = QWidget()
    qtbot.addWidget(window)
    made = EventOperations(viewer, look, window)
    made.viewer = viewer
    return made


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def test_a_replay_tells_when_it_is_done(qtbot: QtBot, operations: EventOperations) -> None:
    dialog = operations.replay(Selection(ids=(1, 2)))
    qtbot.waitUntil(dialog.go.isEnabled)

    with qtbot.waitSignal(operations.changed):
        dialog.go.click()


def test_ids_and_a_customer_are_asked_about(operations: EventOperations) -> None:
    operations.replay_ids((1,))
    operations.discard_ids((1,))
    dialog = operations.erase("c-1")

    assert dialog.isVisible()
    assert dialog.windowTitle() == "Erase customer"


def test_one_is_copied_as_json(qtbot: QtBot, operations: EventOperations) -> None:
    with qtbot.waitSignal(operations.copied) as copied:
        operations.copy_json((7,))

    assert json.loads(clipboard())["type"] == "track"
    assert copied.args == ["Copied 1 as JSON."]


def test_several_are_copied_one_after_the_other_without_the_key(
    qtbot: QtBot, operations: EventOperations
) -> None:
    with qtbot.waitSignal(operations.copied):
        operations.copy_curl((7, 8, 9))

    assert clipboard().count("curl ") == 3
    assert clipboard().count("$WRITE_KEY") == 3


def test_too_many_are_not_copied_silently(qtbot: QtBot, operations: EventOperations) -> None:
    with qtbot.waitSignal(operations.copied) as copied:
        operations.copy_json(tuple(range(1, 301)))

    assert copied.args == [f"Copied {MOST_COPIED} of 300 as JSON; no more are taken at once."]


def test_what_was_removed_leaves_the_clipboard_alone(
    qtbot: QtBot, operations: EventOperations
) -> None:
    operations.viewer.sql("UPDATE delivery_content SET payload = NULL WHERE delivery_id = 7")
    operations.copy_text("before")
    with qtbot.waitSignal(operations.copied) as copied:
        operations.copy_json((7, 9999))

    assert clipboard() == "before"
    assert copied.args == ["Nothing was copied: what was sent was removed."]


def test_a_copy_that_fails_says_why(
    qtbot: QtBot, operations: EventOperations, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_: int) -> None:
        raise StoreUnavailable("It cannot be read.", "Mend it.")

    monkeypatch.setattr(operations.viewer.store, "delivery", refuse)
    with qtbot.waitSignal(operations.failed) as failed:
        operations.copy_json((7,))

    assert failed.args[0].title == "It cannot be read."
