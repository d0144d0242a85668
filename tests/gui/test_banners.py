"""The bars above the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt, QTimer

from core.errors import (
    GladlySourceError,
    PortInUse,
    SecretMissing,
    SecretStoreUnavailable,
    SettingsInvalid,
    StoreCorrupt,
    StoreInUse,
)
from core.settings import Segment, Settings
from gui.banners import FILE, RETRY, SET_UP, SETTINGS, Banners, remedy
from gui.run import Phase
from gui.source import Source, source_of
from tests.fakes.shell import FakeSession

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from gui.widgets.notice import Notice

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def session(qapp: object, tmp_path: Path) -> FakeSession:
    del qapp
    return FakeSession(tmp_path)


@pytest.fixture
def later(qapp: object) -> QTimer:
    """When good news has been there for long enough."""
    del qapp
    return QTimer()


@pytest.fixture
def banners(qtbot: QtBot, look: Look, session: FakeSession, later: QTimer) -> Banners:
    made = Banners(session, look, timer=later)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.show()
    return made


def shown(banners: Banners) -> list[str]:
    """The titles of the bars that are to be seen."""
    bars = (banners.demo, banners.engine, banners.attached, banners.paused, banners.alert)
    return [bar.title.text() for bar in bars if not bar.isHidden()]


def press(qtbot: QtBot, bar: Notice) -> None:
    qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)


def test_all_well_shows_nothing(banners: Banners, session: FakeSession) -> None:
    session.feel(segment="ok")

    assert shown(banners) == []


def test_the_demo_says_that_nothing_leaves_and_can_be_left(
    qtbot: QtBot, look: Look, tmp_path: Path
) -> None:
    banners = Banners(FakeSession(tmp_path, "demo"), look)  # type: ignore[arg-type]
    qtbot.addWidget(banners)
    banners.show()

    assert shown(banners) == ["Demo: simulated Gladly and Segment; nothing leaves this machine."]
    with qtbot.waitSignal(banners.leave_demo):
        press(qtbot, banners.demo)


def test_attached_names_the_process(banners: Banners, session: FakeSession) -> None:
    session.holder = 4711
    session.become(Phase.ATTACHED)

    assert shown(banners) == [
        "Another Gladly Source (process 4711) runs this home; this window looks on."
    ]
    session.become(Phase.STARTING)
    assert shown(banners) == []


def test_attached_to_an_engine_with_older_settings_says_where_that_sends(
    banners: Banners, session: FakeSession
) -> None:
    session.profile = "sandbox"
    session.other = Source(profile="production", url="https://segment.invalid")
    session.become(Phase.ATTACHED)

    assert "sends to segment.invalid (profile production)" in banners.attached.hint.text()
    session.other = source_of(session.settings, "sandbox")
    session.settings_changed.emit(session.settings)
    assert "takes over" in banners.attached.hint.text()


def test_a_pause_can_be_ended(qtbot: QtBot, banners: Banners, session: FakeSession) -> None:
    session.feel(segment="paused")

    assert shown(banners) == ["Sending to Segment is paused."]
    with qtbot.waitSignal(banners.resume):
        press(qtbot, banners.paused)
    session.feel(segment="ok")
    assert shown(banners) == []


def test_a_failed_engine_says_why_and_what_to_do(
    qtbot: QtBot, banners: Banners, session: FakeSession
) -> None:
    session.become(Phase.FAILED, PortInUse("Port 8377 is in use.", "Choose another."))

    assert shown(banners) == ["Port 8377 is in use."]
    assert banners.engine.hint.text() == "Choose another."
    with qtbot.waitSignal(banners.mend) as wanted:
        press(qtbot, banners.engine)
    assert wanted.args == [SETTINGS]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (SecretMissing("no key"), SET_UP),
        (SecretStoreUnavailable("locked"), RETRY),
        (SettingsInvalid("bad"), FILE),
        (PortInUse("taken"), SETTINGS),
        (StoreInUse("held"), RETRY),
        (StoreCorrupt("broken"), RETRY),
        (None, RETRY),
    ],
)
def test_each_failure_has_the_one_thing_to_press(
    error: GladlySourceError | None, expected: str
) -> None:
    assert remedy(error) == expected


def test_what_was_never_set_up_is_no_failure(banners: Banners, session: FakeSession) -> None:
    session.become(Phase.FAILED, SecretMissing("The password is missing.", "secret set …"))

    assert shown(banners) == ["Gladly Source is not set up yet."]
    assert banners.engine.property("notice") == "busy"
    assert banners.engine.button.text() == "Open set-up"


def test_a_secret_that_is_missing_leads_to_the_set_up_not_to_the_command_line(
    banners: Banners, session: FakeSession
) -> None:
    session.settings = Settings(segment=Segment(region="eu"))
    session.become(Phase.FAILED, SecretMissing("The write key is missing.", "secret set …"))

    assert shown(banners) == ["The write key is missing."]
    assert banners.engine.hint.text() == "Enter what is missing in the set-up."


def test_a_settings_file_is_opened_first_and_tried_again_then(
    qtbot: QtBot, banners: Banners, session: FakeSession
) -> None:
    session.become(Phase.FAILED, SettingsInvalid("delivery.workers = 'many'", "Mend it."))
    wanted: list[str] = []
    banners.mend.connect(wanted.append)

    assert banners.engine.button.text() == "Open settings.toml"
    press(qtbot, banners.engine)
    assert banners.engine.button.text() == "Try again"
    press(qtbot, banners.engine)
    assert wanted == [FILE, RETRY]

    session.become(Phase.FAILED, SettingsInvalid("delivery.workers = 'none'", "Mend it."))
    assert banners.engine.button.text() == "Open settings.toml"


def test_an_alert_leads_to_its_page_and_goes(qtbot: QtBot, banners: Banners) -> None:
    banners.tell("warn", "12 deliveries are dead", "They wait.", "attention")

    assert shown(banners) == ["12 deliveries are dead"]
    with qtbot.waitSignal(banners.page_wanted) as wanted:
        press(qtbot, banners.alert)
    assert wanted.args == ["attention"]
    assert shown(banners) == []


def test_an_alert_without_a_page_only_goes(qtbot: QtBot, banners: Banners) -> None:
    banners.tell("good", "All is well again", "")

    with qtbot.assertNotEmitted(banners.page_wanted):
        press(qtbot, banners.alert)
    assert shown(banners) == []


def test_good_news_goes_by_itself_after_a_while(banners: Banners, later: QTimer) -> None:
    banners.tell("good", "All is well again", "")
    assert later.isActive()

    later.timeout.emit()
    assert shown(banners) == []


def test_what_wants_a_person_stays(banners: Banners, later: QTimer) -> None:
    banners.tell("good", "All is well again", "")
    banners.tell("warn", "12 deliveries are dead", "They wait.", "attention")

    assert not later.isActive()
    assert shown(banners) == ["12 deliveries are dead"]


def test_what_is_over_is_taken_away_and_nothing_else(banners: Banners) -> None:
    banners.tell("warn", "12 deliveries are dead", "", "attention", about="notice")
    banners.take_back("notice")
    assert shown(banners) == []

    banners.tell("bad", "The demo cannot start.", "")
    banners.take_back("notice")
    assert shown(banners) == ["The demo cannot start."]
