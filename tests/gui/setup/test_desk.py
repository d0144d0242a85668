"""The desk: one draft, saved only when told to, and kept while settings change elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from core.errors import SecretStoreUnavailable
from core.settings import Settings, load
from gui.first_run import FOR_NOW
from gui.run import Phase
from gui.saving import Use
from gui.setup.desk import Desk
from gui.setup.places import ForNow
from tests.fakes import MemorySecrets
from tests.gui.setup.conftest import KEY, PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from core.home import Home
    from gui.session import Session
    from gui.setup.card import Tools

    Start = Callable[..., Session]
    MakeTools = Callable[[Session], Tools]


@pytest.fixture
def desk(first_start: Start, make_tools: MakeTools) -> Desk:
    tools = make_tools(first_start())
    return Desk(tools.session, tools.checks, tools.session)


def fill(desk: Desk) -> None:
    draft = desk.draft.with_section("listener", port=0).with_secret("write-key", KEY)
    desk.draft = draft.with_secret("webhook-password", "a password")


def test_nothing_entered_is_nothing_to_save(desk: Desk) -> None:
    assert not desk.dirty


def test_a_typed_secret_is_something_to_save(desk: Desk) -> None:
    desk.draft = desk.draft.with_secret("write-key", KEY)

    assert desk.dirty


def test_saving_keeps_secrets_in_the_keyring_and_starts_the_engine(
    qtbot: QtBot, desk: Desk, vault: MemorySecrets, home: Home
) -> None:
    fill(desk)
    with qtbot.waitSignals([desk.saved, desk.kept_changed], timeout=PATIENCE):
        desk.save()
        desk.save()  # pressed twice

    assert desk._session.phase is Phase.RUNNING
    assert vault.values == {"write-key": KEY, "webhook-password": "a password"}
    assert KEY not in home.settings_file.read_text()
    assert not desk.dirty
    assert desk.draft.kept.places["write-key"] == "OS keyring"


def test_without_a_keyring_saving_fails_and_changes_nothing(
    qtbot: QtBot, first_start: Start, make_tools: MakeTools, home: Home
) -> None:
    tools = make_tools(first_start(place=MemorySecrets(available=False)))
    desk = Desk(tools.session, tools.checks, tools.session)
    fill(desk)

    with qtbot.waitSignal(desk.failed, timeout=PATIENCE) as told:
        desk.save()

    assert isinstance(told.args[0], SecretStoreUnavailable)
    assert told.args[1] is False
    assert not desk.saving
    assert desk.draft.has("write-key")
    assert not home.settings_file.exists()


def test_for_this_run_secrets_need_no_keyring(
    qtbot: QtBot, first_start: Start, make_tools: MakeTools, home: Home
) -> None:
    tools = make_tools(first_start(place=MemorySecrets(available=False)))
    desk = Desk(tools.session, tools.checks, tools.session)
    with qtbot.waitSignal(desk.kept_changed, timeout=PATIENCE):
        desk.look_again()
    assert desk.draft.kept.problem
    fill(desk)
    desk.draft = msgspec.structs.replace(desk.draft, for_now=True)

    with qtbot.waitSignals([desk.saved, desk.kept_changed], timeout=PATIENCE):
        desk.save()

    assert tools.session.phase is Phase.RUNNING
    assert isinstance(tools.session.secrets.place, ForNow)
    assert desk.draft.kept.for_now
    assert desk.draft.kept.fixed("write-key") is None
    assert "until the app is closed" in desk.draft.kept.places["write-key"]
    assert KEY not in home.settings_file.read_text()


def test_that_secrets_are_used_until_the_end_is_remembered_and_no_secret_is(
    qtbot: QtBot, first_start: Start, make_tools: MakeTools, home: Home
) -> None:
    tools = make_tools(first_start(place=MemorySecrets(available=False)))
    desk = Desk(tools.session, tools.checks, tools.session)
    with qtbot.waitSignal(desk.kept_changed, timeout=PATIENCE):
        desk.look_again()
    fill(desk)
    desk.draft = msgspec.structs.replace(desk.draft, for_now=True)
    with qtbot.waitSignal(desk.saved, timeout=PATIENCE):
        desk.save()
    tools.session.memory.flush()
    file = home.path / "window.json"
    qtbot.waitUntil(lambda: file.exists() and FOR_NOW in file.read_text(), timeout=PATIENCE)

    later = first_start(running=False, place=MemorySecrets(available=False))
    again = Desk(later, make_tools(later).checks, later)
    assert again.draft.for_now
    assert again.draft.secrets == {}


def test_reverting_forgets_what_was_entered(qtbot: QtBot, desk: Desk) -> None:
    fill(desk)
    with qtbot.waitSignal(desk.reset):
        desk.revert()

    assert not desk.dirty
    assert desk.draft.settings == Settings()


def test_what_was_entered_survives_settings_from_elsewhere(qtbot: QtBot, desk: Desk) -> None:
    desk.draft = desk.draft.with_section("gladly", url="https://acme.gladly.com")
    with qtbot.waitSignal(desk.reset):
        desk._session.settings_changed.emit(
            desk.draft.with_section("gladly", url=None)
            .with_section("app", profile="sandbox")
            .settings
        )

    assert desk.draft.settings.gladly.url == "https://acme.gladly.com"
    assert desk.draft.settings.app.profile == "sandbox"


def test_the_same_settings_again_disturb_nobody(qtbot: QtBot, desk: Desk) -> None:
    with qtbot.assertNotEmitted(desk.reset):
        desk._session.settings_changed.emit(Settings())


def test_another_time_goes_on_where_this_one_ended(desk: Desk) -> None:
    fill(desk)
    entered = desk.entered()
    desk.revert()
    desk.take_up(entered)

    assert desk.draft.settings.listener.port == 0
    assert desk.draft.secrets == {}


def test_what_others_apply_is_not_taken_for_ones_own(qtbot: QtBot, desk: Desk) -> None:
    with qtbot.assertNotEmitted(desk.saved), qtbot.assertNotEmitted(desk.failed):
        desk._session.applied.emit(Use.ENGINE)
        desk._session.apply_failed.emit(SecretStoreUnavailable("x"), False)


def test_what_is_entered_while_it_saves_is_still_to_be_saved(
    qtbot: QtBot, desk: Desk, vault: MemorySecrets, home: Home
) -> None:
    fill(desk)
    desk.draft = desk.draft.with_section("segment", alias="first")
    with qtbot.waitSignal(desk.saved, timeout=PATIENCE):
        desk.save()
        desk.draft = desk.draft.with_section("segment", alias="second").with_secret(
            "gladly-token", "typed meanwhile"
        )

    assert load(home, {}).settings.segment.alias == "first"
    assert desk.draft.settings.segment.alias == "second"
    assert {name: one.reveal() for name, one in desk.draft.secrets.items()} == {
        "gladly-token": "typed meanwhile"
    }
    assert "gladly-token" not in vault.values
    assert desk.dirty


def test_a_change_taken_back_while_it_saves_is_a_change_again(qtbot: QtBot, desk: Desk) -> None:
    fill(desk)
    desk.draft = desk.draft.with_section("segment", alias="first")
    with qtbot.waitSignal(desk.saved, timeout=PATIENCE):
        desk.save()
        desk.draft = desk.draft.with_section("segment", alias="default")

    assert desk.draft.settings.segment.alias == "default"
    assert desk.dirty


def test_while_somebody_else_saves_it_asks_to_try_again_and_disturbs_nobody(
    qtbot: QtBot, desk: Desk
) -> None:
    other = Desk(desk._session, desk._checks, desk._session)
    fill(desk)
    fill(other)
    with qtbot.waitSignal(desk.saved, timeout=PATIENCE), qtbot.assertNotEmitted(desk.failed):
        desk.save()
        with qtbot.waitSignal(other.failed) as told:
            other.save()

    assert "Another change" in told.args[0].title
    assert not other.saving


def test_saved_settings_with_which_no_engine_starts_are_told_as_saved(
    qtbot: QtBot, desk: Desk, home: Home
) -> None:
    desk.draft = desk.draft.with_section("segment", alias="prod-1")  # and no write key

    with qtbot.waitSignal(desk.failed, timeout=PATIENCE) as told:
        desk.save()

    assert told.args[1] is True
    assert load(home, {}).settings.segment.alias == "prod-1"
