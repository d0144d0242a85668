"""Settings: the cards as tabs; saved together, reverted together, locked by the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.settings import App, Settings, load
from gui.run import Phase
from gui.setup.settings_page import SettingsPage
from tests.gui.setup.conftest import KEY, PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from core.doctor.subject import Outside
    from core.home import Home
    from gui.look import Look
    from gui.session import Session
    from tests.fakes import MemorySecrets

    Open = Callable[..., SettingsPage]

FIXED = {"GLADLY_SOURCE_LISTENER__PORT": "0", "GLADLY_SOURCE_APP__NOTIFY": "all"}


@pytest.fixture
def open_page(
    qtbot: QtBot,
    first_start: Callable[..., Session],
    look: Look,
    outside: Outside,
    vault: MemorySecrets,
) -> Open:
    """Opens Settings on a running engine."""
    vault.values.update({"write-key": KEY, "webhook-password": "kept password"})

    def open_(session: Session | None = None) -> SettingsPage:
        page = SettingsPage(session or first_start(**FIXED), look, outside=outside)
        qtbot.addWidget(page)
        page.resize(980, 700)
        page.show()
        with qtbot.waitSignal(page.desk.kept_changed, timeout=PATIENCE):
            page.activate()
        return page

    return open_


def card(page: SettingsPage, name: str):
    page.show_card(name)
    assert page.card.name == name
    return page.card


def test_it_opens_with_nothing_to_save(open_page: Open) -> None:
    page = open_page()

    assert not page.bar.isVisible()
    assert page._session.phase is Phase.RUNNING
    assert page.deck.names == [
        "segment",
        "gladly",
        "arrival",
        "sent",
        "confirm",
        "delivery",
        "window",
        "advanced",
    ]


def test_a_tab_that_was_never_opened_costs_nothing(open_page: Open) -> None:
    page = open_page()

    assert [number for number, _ in page.deck.there()] == [0]


def test_looking_at_every_tab_changes_nothing(qtbot: QtBot, open_page: Open) -> None:
    page = open_page()
    for name in page.deck.names:
        page.show_card(name)
    listener = card(page, "arrival").listener
    qtbot.waitUntil(lambda: listener.password.text() == "kept password", timeout=PATIENCE)
    qtbot.waitUntil(lambda: card(page, "sent").privacy.ready, timeout=PATIENCE)

    assert not page.bar.isVisible()
    assert not page.desk.dirty


def test_changes_on_several_tabs_are_saved_together(
    qtbot: QtBot, open_page: Open, home: Home, vault: MemorySecrets
) -> None:
    page = open_page()
    card(page, "segment").alias.setText("prod-1")
    card(page, "delivery").spins["delivery.batch_events"].setValue(50)
    card(page, "window").on_close.set_value("tray")
    new = "n" * 32
    card(page, "segment").key.set_text(new)
    assert page.bar.isVisible()
    assert "restarts the engine" in page.effect.text()

    with qtbot.waitSignal(page.desk.saved, timeout=PATIENCE):
        page.save.click()

    assert not page.bar.isVisible()
    assert "Saved" in page.notice.title.text()
    assert page._session.phase is Phase.RUNNING
    saved = load(home, {}).settings
    assert saved.segment.alias == "prod-1"
    assert saved.delivery.batch_events == 50
    assert saved.app == App(on_close="tray")
    assert vault.values["write-key"] == new
    assert new not in home.settings_file.read_text()
    assert page.card.key.text() == ""


def test_what_the_environment_sets_is_locked_and_stays_out_of_the_file(
    qtbot: QtBot, open_page: Open, home: Home
) -> None:
    page = open_page()
    listener = card(page, "arrival").listener
    assert not listener.port.isEnabled()
    assert "GLADLY_SOURCE_LISTENER__PORT" in listener.port.accessibleDescription()
    window = card(page, "window")
    assert not window.notify.isEnabled()
    assert window.notify.value() == "all"

    window.on_close.set_value("quit")
    with qtbot.waitSignal(page.desk.saved, timeout=PATIENCE):
        page.save.click()

    assert load(home, {}).settings.app == App(on_close="quit")
    assert "port" not in home.settings_file.read_text()


def test_reverting_forgets_everything_that_was_entered(open_page: Open, home: Home) -> None:
    page = open_page()
    alias = card(page, "segment").alias
    before = alias.text()
    alias.setText("other")
    card(page, "delivery").spins["delivery.workers"].setValue(9)
    page.revert.click()

    assert alias.text() == before
    assert card(page, "delivery").spins["delivery.workers"].value() == 2
    assert not page.bar.isVisible()
    assert not home.settings_file.exists()


def test_what_is_wrong_on_another_tab_is_shown_there(open_page: Open, home: Home) -> None:
    page = open_page()
    card(page, "segment").alias.setText("not allowed")
    card(page, "delivery").spins["delivery.workers"].setValue(9)
    page.save.click()

    assert page.card.name == "segment"
    assert "without blanks" in page.notice.title.text()
    assert "without blanks" in page.card._alias_field.said
    assert not home.settings_file.exists()
    assert page.bar.isVisible()


@pytest.mark.logs_warnings
def test_settings_that_do_not_start_are_told_and_the_old_ones_run_on(
    qtbot: QtBot, open_page: Open, monkeypatch: pytest.MonkeyPatch, home: Home
) -> None:
    page = open_page()
    card(page, "segment").alias.setText("prod-1")
    listener = card(page, "arrival").listener
    listener.host.setText("192.0.2.1")  # an address of nobody
    listener.row.clear()
    with qtbot.waitSignal(page.desk.failed, timeout=PATIENCE):
        page.save.click()

    assert page.notice.isVisible()
    assert "127.0.0.1" in page.notice.hint.text()
    assert page.bar.isVisible()
    assert page.desk.draft.settings.segment.alias == "prod-1"
    qtbot.waitUntil(lambda: page._session.phase is Phase.RUNNING, timeout=PATIENCE)
    assert load(home, {}).settings == Settings()


def test_starting_with_the_computer_is_a_wish_told_when_saved(
    qtbot: QtBot, open_page: Open, home: Home
) -> None:
    page = open_page()
    page.set_autostart(on=True)
    window = card(page, "window")
    assert window.autostart.box.isChecked()
    assert not page.bar.isVisible()

    window.autostart.box.setChecked(False)
    assert page.bar.isVisible()
    with qtbot.waitSignal(page.autostart_wanted) as told:
        page.save.click()

    assert told.args == [False]
    assert not page.bar.isVisible()
    assert page.notice.title.text() == "Saved."  # nothing is said of the engine
    assert not home.settings_file.exists()  # nothing of the engine's was changed


def test_reverting_takes_the_wish_back(open_page: Open) -> None:
    page = open_page()
    page.set_autostart(on=False)
    card(page, "window").autostart.box.setChecked(True)
    page.revert.click()

    assert not page.bar.isVisible()


def test_the_wizard_can_be_asked_for(qtbot: QtBot, open_page: Open) -> None:
    page = open_page()
    with qtbot.waitSignal(page.wizard_wanted):
        card(page, "advanced").again.click()


def test_a_card_that_there_is_not_changes_nothing(open_page: Open) -> None:
    page = open_page()
    page.show_card("nonsense")

    assert page.card.name == "segment"


def test_tabs_can_be_changed_by_key(qtbot: QtBot, open_page: Open) -> None:
    page = open_page()
    bar = page.tabs.tabBar()
    bar.setFocus()
    QTest.keyClick(bar, Qt.Key.Key_Right)

    assert page.card.name == "gladly"


def test_hidden_it_looks_for_nothing(open_page: Open) -> None:
    page = open_page()
    arrival = card(page, "arrival")
    assert arrival.tools.pings._timer.isActive()

    page.deactivate()
    page.deactivate()
    assert not arrival.tools.pings._timer.isActive()
    page.activate()
    assert arrival.tools.pings._timer.isActive()
    page.show_card("segment")
    assert not arrival.tools.pings._timer.isActive()


def test_where_another_process_runs_the_engine_it_says_what_saving_means(
    qtbot: QtBot, open_page: Open, first_start: Callable[..., Session]
) -> None:
    first_start(**FIXED)
    session = first_start(**FIXED)
    assert session.phase is Phase.ATTACHED
    page = open_page(session)
    card(page, "segment").alias.setText("prod-1")

    assert "Another process" in page.effect.text()
    with qtbot.waitSignal(page.desk.saved, timeout=PATIENCE):
        page.save.click()

    assert page.notice.title.text() == "Saved, but another process runs the engine."
    assert "until then" in page.notice.hint.text()


def test_what_only_the_window_minds_says_nothing_of_the_engine(
    qtbot: QtBot, open_page: Open, vault: MemorySecrets
) -> None:
    page = open_page()
    vault.values.clear()
    page._session.restart()
    qtbot.waitUntil(lambda: page._session.phase is Phase.FAILED, timeout=PATIENCE)
    card(page, "window").on_close.set_value("tray")
    with qtbot.waitSignal(page.desk.saved, timeout=PATIENCE):
        page.save.click()

    assert page.notice.title.text() == "Saved."


def test_what_is_saved_but_does_not_start_is_said_so(
    qtbot: QtBot, open_page: Open, vault: MemorySecrets, home: Home
) -> None:
    page = open_page()
    vault.values.clear()
    page._session.restart()
    qtbot.waitUntil(lambda: page._session.phase is Phase.FAILED, timeout=PATIENCE)
    card(page, "delivery").spins["delivery.workers"].setValue(3)
    with qtbot.waitSignal(page.desk.failed, timeout=PATIENCE):
        page.save.click()

    assert page.notice.title.text().startswith("Saved, but the engine does not start: ")
    assert load(home, {}).settings.delivery.workers == 3


def test_what_is_typed_while_it_saves_stays_and_is_not_saved_yet(
    qtbot: QtBot, open_page: Open, home: Home
) -> None:
    page = open_page()
    page.set_autostart(on=False)
    alias = card(page, "segment").alias
    alias.setText("first")
    with qtbot.waitSignal(page.desk.saved, timeout=PATIENCE):
        page.save.click()
        alias.setFocus()
        alias.setText("secnd")
        alias.setCursorPosition(3)
        QTest.keyClicks(alias, "o")
        card(page, "window").autostart.box.setChecked(True)
        page.show_card("segment")

    assert load(home, {}).settings.segment.alias == "first"
    assert alias.text() == "second"
    assert alias.cursorPosition() == 4
    assert card(page, "window").autostart.box.isChecked()
    assert page.bar.isVisible()
    assert "meanwhile" in page.notice.hint.text()

    wished = qtbot.waitSignal(page.autostart_wanted, timeout=PATIENCE)
    with qtbot.waitSignal(page.desk.saved, timeout=PATIENCE), wished:
        page.save.click()

    assert wished.args == [True]
    assert load(home, {}).settings.segment.alias == "second"
    assert not page.bar.isVisible()


def test_before_anybody_looked_starting_with_the_computer_cannot_be_ticked(
    open_page: Open,
) -> None:
    page = open_page()
    tick = card(page, "window").autostart

    assert not tick.box.isEnabled()
    assert not tick.note.isHidden()
    assert not page.bar.isVisible()

    page.set_autostart(on=True)
    assert tick.box.isEnabled()
    assert tick.box.isChecked()
    assert tick.note.isHidden()
    assert not page.bar.isVisible()


def test_a_wish_is_not_overwritten_by_what_is_found_later(open_page: Open) -> None:
    page = open_page()
    page.set_autostart(on=False)
    tick = card(page, "window").autostart
    tick.box.setChecked(True)
    page.set_autostart(on=False)

    assert tick.box.isChecked()
    assert page.bar.isVisible()


def test_settings_applied_elsewhere_are_followed(qtbot: QtBot, open_page: Open) -> None:
    page = open_page()
    session = page._session
    changed = page.desk.draft.with_section("segment", alias="elsewhere").settings
    with qtbot.waitSignal(session.applied, timeout=PATIENCE):
        session.apply(changed)

    assert card(page, "segment").alias.text() == "elsewhere"
    assert not page.bar.isVisible()
