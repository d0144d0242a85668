"""What the dialogs have in common: nothing waits, nothing is lost by closing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QWidget

from core.errors import OperationError
from core.pipeline.operations import Selection
from gui.deliveries.dialogs import OperationDialog, StepwiseDialog
from gui.deliveries.removal import EraseDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.look import Look


@pytest.fixture
def dialog(qtbot: QtBot, look: Look, make_viewer: Callable[..., Any]) -> OperationDialog:
    """A dialog that has only begun to count."""
    window = QWidget()
    qtbot.addWidget(window)
    made = OperationDialog(make_viewer(20), look, window)
    made.window_ = window
    made.set_title("Do it")
    made.start()
    return made


def test_says_what_it_is_about_and_that_it_counts(dialog: OperationDialog) -> None:
    assert dialog.windowTitle() == dialog.title.text() == dialog.go.text() == "Do it"
    assert dialog.busy.isVisible()
    assert not dialog.go.isEnabled()


def test_escape_closes_and_lets_go_of_it(qtbot: QtBot, dialog: OperationDialog) -> None:
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))


def test_while_it_runs_closing_only_stops(qtbot: QtBot, dialog: OperationDialog) -> None:
    stopped: list[bool] = []
    dialog.stop = lambda: stopped.append(True)
    dialog._begin()

    dialog.close()
    dialog.reject()

    assert dialog.isVisible()
    assert stopped == [True, True]
    dialog._end("good", "Done.")
    dialog.close()
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))


def test_a_failure_before_it_began_cannot_be_repeated_here(dialog: OperationDialog) -> None:
    dialog._on_failed(OperationError("There is no delivery d1.", ""))

    assert dialog.notice.isVisible()
    assert not dialog.go.isEnabled()
    assert dialog.close_button.text() == "Close"


def test_stepwise_without_a_word_of_its_own_counts(
    qtbot: QtBot, look: Look, make_viewer: Callable[..., Any]
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    dialog = StepwiseDialog(make_viewer(20), look, Selection(), window)

    assert dialog.outcome(3) == "3 done."


def test_it_grows_with_what_it_says(qtbot: QtBot, dialog: OperationDialog) -> None:
    dialog.text.setText("\n".join(["A sentence that says what would happen."] * 12))
    dialog.go.setText("Do all of this to everything that was meant, and to nothing else at all")

    text, go = dialog.text, dialog.go
    qtbot.waitUntil(lambda: text.height() >= text.heightForWidth(text.width()))
    qtbot.waitUntil(lambda: go.width() >= go.sizeHint().width())
    assert not dialog._body.verticalScrollBar().isVisible()


def test_what_the_screen_has_no_room_for_is_scrolled_to(
    qtbot: QtBot, dialog: OperationDialog
) -> None:
    dialog.text.setText("\n".join(["A sentence that says what would happen."] * 200))

    qtbot.waitUntil(dialog._body.verticalScrollBar().isVisible)
    assert dialog.height() <= dialog.screen().availableGeometry().height()
    assert dialog.rect().contains(dialog.go.geometry())


def test_by_hand_it_is_made_as_low_as_one_likes(qtbot: QtBot, dialog: OperationDialog) -> None:
    dialog.text.setText("\n".join(["A sentence that says what would happen."] * 12))
    text = dialog.text
    qtbot.waitUntil(lambda: text.height() >= text.heightForWidth(text.width()))

    dialog.resize(dialog.width(), 240)

    qtbot.waitUntil(dialog._body.verticalScrollBar().isVisible)
    assert dialog.height() == 240


def test_made_lower_by_hand_it_stays_so_whatever_is_said_next(
    qtbot: QtBot, dialog: OperationDialog
) -> None:
    dialog.text.setText("\n".join(["A sentence that says what would happen."] * 12))
    text = dialog.text
    qtbot.waitUntil(lambda: text.height() >= text.heightForWidth(text.width()))
    dialog.resize(dialog.width(), 240)

    dialog.busy.start("Another word while it is under way.")
    QCoreApplication.sendEvent(dialog, QEvent(QEvent.Type.LayoutRequest))

    assert dialog.height() == 240


def test_made_high_enough_again_it_grows_again(qtbot: QtBot, dialog: OperationDialog) -> None:
    high = dialog.height()
    dialog.resize(dialog.width(), high - 20)
    dialog.resize(dialog.width(), high)

    dialog.text.setText("\n".join(["A sentence that says what would happen."] * 12))

    qtbot.waitUntil(lambda: dialog.height() > high)


def test_what_it_says_from_the_first_is_seen_whole(
    qtbot: QtBot, look: Look, make_viewer: Callable[..., Any]
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    dialog = EraseDialog(make_viewer(20), look, "cust_1", window)
    dialog.start()
    qtbot.waitUntil(lambda: not dialog._body.verticalScrollBar().isVisible())

    qtbot.waitUntil(lambda: bool(dialog.text.text()))

    qtbot.waitUntil(lambda: dialog.edit.height() >= dialog.edit.sizeHint().height())
    qtbot.waitUntil(lambda: not dialog._body.verticalScrollBar().isVisible())
