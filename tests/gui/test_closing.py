"""What closing the window means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from core.settings import load
from gui.closing import CloseQuestion, Closing

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from core.home import Home
    from gui.look import Look
    from gui.session import Session

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


class FakeTray(QObject):
    """There, or not."""

    def __init__(self, *, present: bool) -> None:
        super().__init__()
        self.present = present


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def closing(session: Session, look: Look, *, tray: bool = True, on_close: str = "ask") -> Closing:
    app = msgspec.structs.replace(session.settings.app, on_close=on_close)
    session.settings = msgspec.structs.replace(session.settings, app=app)
    return Closing(session, look, FakeTray(present=tray))  # type: ignore[arg-type]


def test_it_asks_once_and_does_not_block(
    look: Look, make_session: Callable[..., Session], window: QWidget
) -> None:
    made = closing(make_session(start=False), look)
    made.close(window)
    first = made.question
    made.close(window)

    assert isinstance(first, CloseQuestion)
    assert made.question is first
    assert first.isVisible()
    assert window.isVisible()
    first.reject()
    assert made.question is None
    assert window.isVisible()


def test_keep_running_hides_the_window(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session], window: QWidget
) -> None:
    made = closing(make_session(start=False), look)
    made.close(window)
    assert made.question is not None

    qtbot.keyClick(made.question, Qt.Key.Key_Return)

    assert not window.isVisible()
    assert made.question is None


def test_without_a_tray_the_window_is_minimised_and_the_question_says_so(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session], window: QWidget
) -> None:
    made = closing(make_session(start=False), look, tray=False)
    made.close(window)
    assert made.question is not None
    assert made.question.keep_button.text() == "&Keep running minimised"

    qtbot.mouseClick(made.question.keep_button, Qt.MouseButton.LeftButton)

    assert window.isMinimized()
    assert window.isVisible()


def test_quit_quits(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session], window: QWidget
) -> None:
    made = closing(make_session(start=False), look)
    made.close(window)
    assert made.question is not None

    with qtbot.waitSignal(made.quit_wanted):
        qtbot.mouseClick(made.question.quit_button, Qt.MouseButton.LeftButton)


def test_the_answer_is_remembered_in_the_settings_without_a_restart_of_the_engine(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session], window: QWidget, home: Home
) -> None:
    session = make_session()
    made = closing(session, look)
    made.close(window)
    assert made.question is not None
    made.question.remember.setChecked(True)

    with qtbot.assertNotEmitted(session.phase_changed), qtbot.waitSignal(session.settings_changed):
        qtbot.mouseClick(made.question.keep_button, Qt.MouseButton.LeftButton)

    assert load(home, {}).settings.app.on_close == "tray"
    assert session.settings.app.on_close == "tray"
    # What the environment says stays out of the file.
    assert "segment" not in home.settings_file.read_text()


@pytest.mark.parametrize("choice", ["tray", "quit"])
def test_what_was_chosen_is_done_without_asking(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session], window: QWidget, choice: str
) -> None:
    made = closing(make_session(start=False), look, on_close=choice)
    quits: list[None] = []
    made.quit_wanted.connect(lambda: quits.append(None))
    del qtbot

    made.close(window)

    assert made.question is None
    assert (window.isVisible(), len(quits)) == ((True, 1) if choice == "quit" else (False, 0))


def test_a_choice_that_cannot_be_kept_is_said(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session], window: QWidget, home: Home
) -> None:
    home.path.mkdir()
    home.settings_file.mkdir()  # a folder where the file should be
    made = closing(make_session(start=False), look)
    made.close(window)
    assert made.question is not None
    made.question.remember.setChecked(True)

    with qtbot.waitSignal(made.refused) as refused:
        qtbot.mouseClick(made.question.keep_button, Qt.MouseButton.LeftButton)
    assert "settings.toml" in refused.args[0].title
