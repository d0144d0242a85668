"""The wizard from welcome to done, by keys alone; leaving it changes nothing and loses nothing."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import httpx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from core.ingest.server import bind
from core.settings import Settings
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN
from gui.run import Phase
from gui.setup.wizard import MEMORY, SetupWizard
from tests.fakes import MemorySecrets
from tests.gui.setup.conftest import KEY, PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from core.doctor.subject import Outside
    from core.home import Home
    from core.simulator.gladly import GladlySimulator
    from core.simulator.segment import SegmentSimulator
    from gui.look import Look
    from gui.session import Session

    Open = Callable[..., SetupWizard]

ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key
OURS = ("core", "gui.")


@pytest.fixture
def open_wizard(
    qtbot: QtBot, first_start: Callable[..., Session], look: Look, outside: Outside
) -> Open:
    """Opens the wizard on a session, a new one if none is given."""

    def open_(session: Session | None = None, **start: object) -> SetupWizard:
        wizard = SetupWizard(session or first_start(**start), look, outside=outside)
        qtbot.addWidget(wizard)
        wizard.show()
        qtbot.waitExposed(wizard)
        wizard.activateWindow()
        qtbot.waitUntil(wizard.isActiveWindow)
        with qtbot.waitSignal(wizard.desk.kept_changed, timeout=PATIENCE):
            wizard.desk.look_again()
        return wizard

    return open_


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def press(key: Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(focused(), key, modifier)


def write(text: str) -> None:
    QTest.keyClicks(focused(), text)


def paste(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    press(Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def files_with(folder: Path, *secrets: str) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and any(secret.encode() in path.read_bytes() for secret in secrets)
    ]


def go_to_arrival(wizard: SetupWizard) -> None:
    """By keys: welcome, a write key, no Gladly."""
    press(Key.Key_Return)
    paste(KEY)
    press(Key.Key_Return)
    press(Key.Key_Return)
    assert wizard.card.name == "arrival"


def go_back(qtbot: QtBot, wizard: SetupWizard) -> None:
    """A mnemonic presses its button a moment later."""
    before = wizard.card
    press(Key.Key_B, ALT)
    qtbot.waitUntil(lambda: wizard.card is not before)


def test_from_welcome_to_done_by_keys_alone(  # noqa: PLR0915, PLR0917 - one walk
    qtbot: QtBot,
    open_wizard: Open,
    segment: SegmentSimulator,
    gladly: GladlySimulator,
    vault: MemorySecrets,
    home: Home,
    free_port: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    wizard = open_wizard()
    session = wizard._session
    assert session.phase is Phase.FAILED  # no write key: the normal first run
    assert focused() is wizard.next

    press(Key.Key_Return)
    card = wizard.card
    assert card.name == "segment"
    assert focused() is card.key.edit
    paste(f' "{KEY}" ')
    press(Key.Key_R, ALT)
    press(Key.Key_Right)
    press(Key.Key_Right)
    assert card.region.value() == "own"
    press(Key.Key_Tab)
    assert focused() is card.host
    write(segment.url.removeprefix("http://"))
    press(Key.Key_C, ALT)
    qtbot.waitUntil(lambda: card.row.outcome is not None, timeout=PATIENCE)
    assert card.row.outcome.code == "write_key.own_host"
    press(Key.Key_Return)

    card = wizard.card
    assert card.name == "gladly"
    write(gladly.url)
    press(Key.Key_Tab)
    write(DEMO_EMAIL)
    press(Key.Key_Tab)
    paste(DEMO_TOKEN)
    press(Key.Key_C, ALT)
    qtbot.waitUntil(lambda: card.row.outcome is not None, timeout=PATIENCE)
    assert card.row.outcome.code == "gladly.admitted"
    assert vault.values == {}
    assert not home.settings_file.exists()
    press(Key.Key_Return)

    card = wizard.card
    assert card.name == "arrival"
    assert card.way.way.value() == "both"
    assert focused() is card.way.way.button("both")
    press(Key.Key_Tab)
    assert focused() is card.listener.port
    card.listener.port.selectAll()
    write(str(free_port))
    assert wizard.next.text() == "&Save and start"
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: not wizard.desk.saving, timeout=PATIENCE)
    assert session.phase is Phase.RUNNING
    assert set(vault.values) == {"write-key", "gladly-token", "webhook-password"}
    assert focused() is card.public.url
    write("hooks.example.com")
    user = session.settings.listener.username
    httpx.post(
        str(session.webhook_url),
        json={"type": "PING", "id": "p1"},
        auth=(user, vault.values["webhook-password"]),
        trust_env=False,
    )
    qtbot.waitUntil(lambda: "PING arrived" in card.webhook.said.text(), timeout=PATIENCE)
    assert wizard.next.text() == "&Save and go on"
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: wizard.card.name == "sent", timeout=PATIENCE)
    qtbot.waitUntil(lambda: session.phase is Phase.RUNNING, timeout=PATIENCE)

    qtbot.waitUntil(lambda: wizard.card.privacy.ready, timeout=PATIENCE)
    press(Key.Key_Down)
    assert wizard.card.opened.value() == "created"
    assert wizard.next.text() == "&Save and go on"
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: wizard.card.name == "trial", timeout=PATIENCE)
    assert session.settings.mapping.opened_when == "created"

    card = wizard.card
    assert focused() is wizard.next
    press(Key.Key_Return)
    assert wizard.next.text() == "Sending…"
    press(Key.Key_Return)  # impatient
    qtbot.waitUntil(lambda: card.passed and not card.busy, timeout=PATIENCE)
    assert len(segment.accepted) == 2
    assert wizard.next.text() == "&Next"
    press(Key.Key_Return)

    card = wizard.card
    assert card.name == "done"
    assert focused() is card.autostart.box
    qtbot.waitUntil(lambda: [pill.text() for pill, _ in card._lines] == ["Works"] * 4)
    with qtbot.waitSignals([wizard.accepted, wizard.autostart_wanted]):
        press(Key.Key_Return)

    saved = session.settings
    assert saved.listener.port == free_port
    assert saved.listener.public_url == "https://hooks.example.com"
    assert saved.gladly.url == gladly.url
    assert session.memory.get(MEMORY) == {}
    secrets = tuple(vault.values.values())
    session.memory.flush()
    assert files_with(home.path, *secrets) == []
    # What libraries say below INFO is switched off by `core.logs`.
    ours = [one for one in caplog.records if one.name[:4] in OURS or one.levelno >= logging.INFO]
    said = " ".join(f"{one.getMessage()} {vars(one)}" for one in ours)
    assert not any(secret in said for secret in secrets)


def test_leaving_saves_nothing_and_goes_on_where_it_was_left(
    qtbot: QtBot, open_wizard: Open, home: Home, vault: MemorySecrets
) -> None:
    wizard = open_wizard()
    session = wizard._session
    press(Key.Key_Return)
    paste(KEY)
    wizard.card.alias.setText("prod-1")
    press(Key.Key_Return)
    write("acme")
    with qtbot.waitSignal(wizard.closed):
        press(Key.Key_Escape)
    assert not wizard.isVisible()

    session.memory.flush()
    file = home.path / "window.json"
    qtbot.waitUntil(file.exists, timeout=PATIENCE)
    assert "https://acme.gladly.com" in file.read_text()
    assert files_with(home.path, KEY) == []
    assert vault.values == {}
    assert not home.settings_file.exists()
    assert session.settings == Settings()

    again = open_wizard(session)
    assert again.card.name == "gladly"
    assert again.card.address.text() == "https://acme.gladly.com"
    go_back(qtbot, again)
    assert again.card.alias.text() == "prod-1"
    assert again.card.key.text() == ""


def test_a_secret_that_was_not_remembered_is_asked_for_before_saving(
    qtbot: QtBot, open_wizard: Open
) -> None:
    wizard = open_wizard()
    go_to_arrival(wizard)
    press(Key.Key_Escape)
    again = open_wizard(wizard._session)
    assert again.card.name == "arrival"

    press(Key.Key_Return)

    assert again.card.name == "segment"
    assert "Paste the write key" in again.card._key_field.said
    assert focused() is again.card.key.edit


def test_going_back_loses_nothing_and_saves_nothing(
    qtbot: QtBot, open_wizard: Open, home: Home, vault: MemorySecrets
) -> None:
    wizard = open_wizard()
    go_to_arrival(wizard)
    wizard.card.listener.port.setValue(8400)
    go_back(qtbot, wizard)
    go_back(qtbot, wizard)

    assert wizard.card.name == "segment"
    assert wizard.card.key.text() == KEY
    press(Key.Key_Return)
    press(Key.Key_Return)
    assert wizard.card.listener.port.value() == 8400
    assert vault.values == {}
    assert not home.settings_file.exists()


def test_what_is_wrong_is_said_and_gets_the_keyboard(open_wizard: Open) -> None:
    wizard = open_wizard()
    press(Key.Key_Return)
    press(Key.Key_Return)

    assert wizard.card.name == "segment"
    assert focused() is wizard.card.key.edit
    assert "Paste the write key" in focused().accessibleDescription()


def test_steps_that_were_reached_can_be_gone_to_by_key(open_wizard: Open) -> None:
    wizard = open_wizard()
    go_to_arrival(wizard)
    wizard.rail.setFocus()
    press(Key.Key_Up)
    press(Key.Key_Up)
    press(Key.Key_Return)

    assert wizard.card.name == "segment"
    states = [wizard.rail.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(7)]
    assert states[1].endswith("shown now")
    assert states[2].endswith("skipped")
    assert states[3].endswith("skipped")
    assert states[4].endswith("to come")


def test_the_button_with_the_keyboard_is_the_one_that_enter_presses(
    qtbot: QtBot, open_wizard: Open
) -> None:
    wizard = open_wizard()
    wizard.card.demo.setFocus()
    with qtbot.waitSignal(wizard.demo_wanted):
        press(Key.Key_Return)

    assert wizard.card.name == "welcome"


@pytest.mark.logs_warnings
def test_a_port_that_is_taken_meanwhile_is_named(
    qtbot: QtBot, open_wizard: Open, free_port: int
) -> None:
    wizard = open_wizard()
    go_to_arrival(wizard)
    wizard.card.listener.port.setValue(free_port)
    with bind("127.0.0.1", free_port), qtbot.waitSignal(wizard.desk.failed, timeout=PATIENCE):
        press(Key.Key_Return)

    assert wizard.notice.isVisible()
    assert str(free_port) in wizard.notice.title.text()
    assert "listener.port" not in wizard.notice.hint.text()
    assert wizard.card.name == "arrival"
    assert not wizard.busy.isVisible()

    wizard.card.listener.port.setValue(0)
    assert not wizard.notice.isVisible()
    with qtbot.waitSignal(wizard.desk.saved, timeout=PATIENCE):
        wizard.next.click()
    assert wizard._session.phase is Phase.RUNNING


def test_without_a_keyring_the_wizard_goes_on_for_this_run(
    qtbot: QtBot, open_wizard: Open, home: Home
) -> None:
    wizard = open_wizard(place=MemorySecrets(available=False))
    session = wizard._session
    press(Key.Key_Return)
    paste(KEY)
    press(Key.Key_Return)
    assert wizard.card.name == "segment"
    assert "no keyring" in wizard.card._key_field.said

    press(Key.Key_I, ALT)
    qtbot.waitUntil(wizard.card.vault.keep.isChecked)
    press(Key.Key_Return)
    press(Key.Key_Return)
    assert wizard.card.name == "arrival"
    wizard.card.listener.port.setValue(0)
    assert wizard.card.listener.vault.keep.isChecked()
    assert len(wizard.card.listener.password.text()) >= 20
    wizard.next.setFocus()
    with qtbot.waitSignal(wizard.desk.saved, timeout=PATIENCE):
        press(Key.Key_Return)

    assert session.phase is Phase.RUNNING
    session.memory.flush()
    assert files_with(home.path, KEY) == []


@pytest.fixture
def asked_again(
    qtbot: QtBot, open_wizard: Open, first_start: Callable[..., Session], home: Home
) -> SetupWizard:
    """Opened at the next start, after a set-up without a keyring that was left at its test."""
    wizard = open_wizard(place=MemorySecrets(available=False))
    press(Key.Key_Return)
    paste(KEY)
    wizard.card.vault.keep.setChecked(True)
    press(Key.Key_Return)
    press(Key.Key_Return)
    wizard.card.listener.port.setValue(0)
    wizard.next.setFocus()
    with qtbot.waitSignal(wizard.desk.saved, timeout=PATIENCE):
        press(Key.Key_Return)
    session = wizard._session
    wizard.reject()
    session.memory.set(MEMORY, {"at": "trial", "furthest": "trial"})
    session.stop()
    qtbot.waitUntil(lambda: session.phase is Phase.STOPPED, timeout=PATIENCE)
    session.memory.flush()
    file = home.path / "window.json"
    qtbot.waitUntil(lambda: file.exists() and "trial" in file.read_text(), timeout=PATIENCE)
    return open_wizard(first_start(place=MemorySecrets(available=False)))


def states_of(wizard: SetupWizard) -> list[str]:
    role = Qt.ItemDataRole.AccessibleTextRole
    return [wizard.rail.item(row).data(role) for row in range(7)]


def test_secrets_that_ended_with_the_app_are_asked_for_at_the_first_page_that_lacks_one(
    asked_again: SetupWizard,
) -> None:
    wizard = asked_again

    assert wizard.card.name == "segment"
    assert wizard.card.vault.keep.isChecked()
    said = wizard.notice.title.text()
    assert "write key" in said
    assert "password" in said
    states = states_of(wizard)
    assert states[3].endswith("missing")
    assert not states[1].endswith("done")

    paste(KEY)
    wizard.rail.setFocus()
    press(Key.Key_Down)
    press(Key.Key_Return)
    assert states_of(wizard)[1].endswith("done")


def test_a_password_that_gladly_has_already_is_asked_for_and_made_anew_only_when_wanted(
    qtbot: QtBot, asked_again: SetupWizard
) -> None:
    wizard = asked_again
    paste(KEY)
    press(Key.Key_Return)
    press(Key.Key_Return)
    part = wizard.card.listener
    assert wizard.card.name == "arrival"
    assert part.password.text() == ""
    assert part.made.make.isVisible()
    assert "Gladly" in part.made.said.text()

    part.made.make.click()
    assert len(part.password.text()) >= 20
    assert part.made.copy.isVisible()
    assert "at the next start" in part.made.said.text()
    wizard.next.setFocus()
    with qtbot.waitSignal(wizard.desk.saved, timeout=PATIENCE):
        press(Key.Key_Return)
    assert wizard._session.phase is Phase.RUNNING


def test_a_key_of_the_environment_needs_no_typing(
    open_wizard: Open,
) -> None:
    wizard = open_wizard(GLADLY_SOURCE_WRITE_KEY=KEY)
    press(Key.Key_Return)
    card = wizard.card

    assert not card.key.isEnabled()
    assert "GLADLY_SOURCE_WRITE_KEY" in card._key_field._hint.text()
    assert focused() is not card.key.edit
    assert card.problem() is None


def test_pages_look_around_only_while_they_are_seen(open_wizard: Open) -> None:
    wizard = open_wizard()
    go_to_arrival(wizard)
    pings = wizard.card.tools.pings
    assert pings._timer.isActive()

    wizard.hide()
    assert not pings._timer.isActive()
    wizard.show()
    assert pings._timer.isActive()
    wizard.reject()
    assert not pings._timer.isActive()


def test_closing_the_window_is_leaving(qtbot: QtBot, open_wizard: Open) -> None:
    wizard = open_wizard()
    with qtbot.waitSignals([wizard.closed, wizard.rejected]):
        wizard.close()


def test_a_memory_that_makes_no_sense_begins_anew(
    qtbot: QtBot, first_start: Callable[..., Session], open_wizard: Open
) -> None:
    session = first_start()
    session.memory.set(MEMORY, {"at": "nowhere", "furthest": 3, "entered": "x"})
    assert open_wizard(session).card.name == "welcome"

    session.memory.set(MEMORY, "nonsense")
    assert open_wizard(session).card.name == "welcome"


def test_settings_read_later_are_shown_without_losing_what_was_entered(
    qtbot: QtBot, first_start: Callable[..., Session], open_wizard: Open, home: Home
) -> None:
    home.path.mkdir(parents=True)
    home.settings_file.write_text('[segment]\nalias = "from-file"\n')
    session = first_start(running=False)
    wizard = open_wizard(session)
    press(Key.Key_Return)
    wizard.card.profile.set_value("sandbox")

    session.start()
    qtbot.waitUntil(lambda: session.phase is Phase.FAILED, timeout=PATIENCE)

    assert wizard.card.alias.text() == "from-file"
    assert wizard.card.profile.value() == "sandbox"


def test_where_another_process_runs_the_engine_it_says_what_saving_means(
    qtbot: QtBot,
    first_start: Callable[..., Session],
    open_wizard: Open,
    vault: MemorySecrets,
) -> None:
    vault.values.update({"write-key": KEY, "webhook-password": "kept password"})
    first_start(GLADLY_SOURCE_LISTENER__PORT="0")
    session = first_start(GLADLY_SOURCE_LISTENER__PORT="0")
    assert session.phase is Phase.ATTACHED
    session.memory.set(MEMORY, {"at": "sent", "furthest": "sent"})
    wizard = open_wizard(session)
    wizard.card.identify.setChecked(True)
    with qtbot.waitSignal(wizard.desk.saved, timeout=PATIENCE):
        wizard.next.click()

    assert wizard.card.name == "trial"
    assert wizard.notice.isVisible()
    assert "another process" in wizard.notice.title.text()


def test_the_test_can_be_passed_by(qtbot: QtBot, open_wizard: Open) -> None:
    wizard = open_wizard()
    go_to_arrival(wizard)
    wizard._turn_to(5)
    wizard.card.without.click()

    assert wizard.card.name == "done"


def test_what_is_changed_while_it_saves_keeps_the_page_and_is_saved_next(
    qtbot: QtBot, first_start: Callable[..., Session], open_wizard: Open, vault: MemorySecrets
) -> None:
    vault.values.update({"write-key": KEY, "webhook-password": "kept password"})
    session = first_start(GLADLY_SOURCE_LISTENER__PORT="0")
    session.memory.set(MEMORY, {"at": "sent", "furthest": "sent"})
    wizard = open_wizard(session)
    card = wizard.card
    card.identify.setChecked(True)
    with qtbot.waitSignal(wizard.desk.saved, timeout=PATIENCE):
        wizard.next.click()
        card.identify.setChecked(False)

    assert session.settings.mapping.identify is True
    assert wizard.card is card
    assert not card.identify.isChecked()
    assert "meanwhile" in wizard.notice.hint.text()

    with qtbot.waitSignal(wizard.desk.saved, timeout=PATIENCE):
        wizard.next.click()
    assert session.settings.mapping.identify is False
    assert wizard.card.name == "trial"


def test_leaving_keeps_a_draft_as_the_first_page_says(
    qtbot: QtBot, open_wizard: Open, home: Home
) -> None:
    wizard = open_wizard()
    said = " ".join(one.text() for one in wizard.card.findChildren(QLabel))
    assert "Nothing is saved" not in said
    assert "waits on this computer" in said
    assert "passwords do not" in said
    assert "except secrets" in wizard.cancel.toolTip()

    press(Key.Key_Return)
    paste(KEY)
    press(Key.Key_Return)
    write("acme")
    wizard.card.email.setText("grace@example.com")
    wizard.card.token.set_text("a-token-of-gladly")
    wizard.cancel.click()

    session = wizard._session
    session.memory.flush()
    file = home.path / "window.json"
    qtbot.waitUntil(file.exists, timeout=PATIENCE)
    assert "grace@example.com" in file.read_text()
    assert files_with(home.path, KEY, "a-token-of-gladly") == []
    assert not home.settings_file.exists()


def test_an_autostart_that_was_not_looked_up_is_no_choice(
    qtbot: QtBot, first_start: Callable[..., Session], look: Look, outside: Outside
) -> None:
    session = first_start()
    session.memory.set(MEMORY, {"at": "done", "furthest": "done"})
    wizard = SetupWizard(session, look, outside=outside, autostart=None)
    qtbot.addWidget(wizard)
    tick = wizard.card.autostart
    assert not tick.box.isEnabled()

    wizard.set_autostart(on=True)
    assert tick.box.isEnabled()
    assert tick.box.isChecked()
    tick.box.setChecked(False)
    wizard.set_autostart(on=True)
    assert not tick.box.isChecked()
