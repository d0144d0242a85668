"""Port and credentials: a password made for a person, and kept where it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication

from core.doctor.outcome import Findings
from core.settings import Listener, Settings
from gui.setup.draft import Draft, Kept
from gui.setup.listener_part import ListenerPart
from tests.gui.setup.conftest import PATIENCE

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.setup.card import Tools
    from tests.fakes import MemorySecrets

USABLE = Kept(known=True)


def make(qtbot: QtBot, tools: Tools, *, full: bool = False, **listener: object) -> ListenerPart:
    part = ListenerPart(tools, full=full)
    qtbot.addWidget(part)
    settings = Settings(listener=Listener(**listener))  # type: ignore[arg-type]
    part.fill(Draft(settings=settings, kept=USABLE))
    part.show()
    return part


@pytest.fixture
def part(qtbot: QtBot, tools: Tools) -> ListenerPart:
    return make(qtbot, tools)


def test_a_long_password_is_made_once(part: ListenerPart) -> None:
    part.show_kept(USABLE)
    first = part.password.text()
    part.show_kept(USABLE)

    assert len(first) >= 20
    assert part.password.text() == first
    draft = part.apply(Draft())
    assert draft.secrets["webhook-password"].reveal() == first
    assert part.secret("webhook-password") == first


def test_before_the_keyring_was_asked_no_password_is_made(part: ListenerPart) -> None:
    part.show_kept(Kept())

    assert part.password.text() == ""
    assert part.fields["webhook-password"].problem is None or not part.password.text()


def test_a_kept_password_is_shown_and_is_nothing_to_save(
    qtbot: QtBot, part: ListenerPart, vault: MemorySecrets
) -> None:
    vault.set("webhook-password", "kept before")
    with qtbot.waitSignal(part.changed, timeout=PATIENCE):
        part.show_kept(Kept(known=True, places={"webhook-password": "OS keyring"}))
    qtbot.waitUntil(lambda: part.password.text() == "kept before", timeout=PATIENCE)

    assert part.apply(Draft()).secrets == {}

    part.password.edit.selectAll()
    qtbot.keyClicks(part.password.edit, "typed by hand")
    assert part.apply(Draft()).secrets["webhook-password"].reveal() == "typed by hand"


def test_what_is_entered_is_applied(part: ListenerPart) -> None:
    part.port.setValue(9000)
    part.user.setText("someone")

    listener = part.apply(Draft()).settings.listener
    assert (listener.port, listener.username, listener.auth) == (9000, "someone", "basic")


def test_the_wizard_leaves_rare_things_away(part: ListenerPart) -> None:
    shown = {key for key, field in part.fields.items() if field.isVisible()}

    assert shown == {"listener.port", "listener.username", "webhook-password"}


def test_settings_show_everything_and_follow_the_authentication(qtbot: QtBot, tools: Tools) -> None:
    part = make(qtbot, tools, full=True)
    assert part.fields["listener.host"].isVisible()
    assert part.fields["listener.path"].isVisible()

    part.auth.set_value("header")
    assert part.fields["webhook-token"].isVisible()
    assert not part.fields["webhook-password"].isVisible()

    part.auth.set_value("none")
    assert not part.vault.isVisible()

    part.enabled.setChecked(False)
    assert not part.fields["listener.port"].isVisible()
    assert part.apply(Draft()).settings.listener.enabled is False


@pytest.mark.parametrize(
    ("key", "values", "words"),
    [
        ("listener.username", {"username": "a:b"}, "without a colon"),
        ("listener.path", {"path": "no slash"}, "begins with a slash"),
        ("listener.path", {"path": "/status"}, "another answer"),
        ("listener.auth", {"auth": "none", "host": "0.0.0.0"}, "127.0.0.1"),  # noqa: S104
        ("listener.host", {"host": ""}, "Enter an address"),
    ],
)
def test_what_cannot_work_is_refused(
    qtbot: QtBot, tools: Tools, key: str, values: dict[str, str], words: str
) -> None:
    part = make(qtbot, tools, full=True, **values)

    assert words in (part.fields[key].problem or "")


def test_a_taken_port_is_refused_and_another_can_be_taken(qtbot: QtBot, part: ListenerPart) -> None:
    taken = Findings("port").fail("listener.port_in_use", "Port 1 is in use.", "", free="8400")
    part.row._on_outcome(taken)

    assert part.take.isVisible()
    assert "8400" in part.take.text()
    assert part.fields["listener.port"].problem
    assert "in use" in part.port.accessibleDescription()

    with qtbot.waitSignal(part.row.wanted, timeout=PATIENCE):
        part.take.click()
    assert part.port.value() == 8400
    assert part.fields["listener.port"].problem is None
    assert not part.take.isVisible()


def test_without_a_keyring_a_way_must_be_chosen(part: ListenerPart) -> None:
    none = Kept(known=True, problem="There is none.")
    part.fill(Draft(kept=none))
    part.show_kept(none)
    field = part.fields["webhook-password"]

    assert part.password.text() == ""  # the real one may be in there
    assert "no keyring" in (field.problem or "")
    part.password.set_text("typed by hand")
    assert "choose one of the ways" in (field.problem or "")
    part.vault.keep.setChecked(True)
    assert field.problem is None


def test_without_a_keyring_a_password_is_made_once_the_way_is_chosen(
    qtbot: QtBot, part: ListenerPart
) -> None:
    none = Kept(known=True, problem="There is none.")
    part.fill(Draft(kept=none))
    part.show_kept(none)
    assert "Made for you" not in part.password.accessibleDescription()

    part.vault.keep.setChecked(True)

    made = part.password.text()
    assert len(made) >= 20
    assert part.fields["webhook-password"].problem is None
    assert "enter it here again at the next start" in part.made.said.text()
    part.made.copy.click()
    assert QGuiApplication.clipboard().text() == made


def test_with_a_keyring_nothing_need_be_entered_again(part: ListenerPart) -> None:
    part.show_kept(USABLE)

    assert part.made.isHidden()
    assert "Made for you" in part.password.accessibleDescription()


def test_a_locked_keyring_never_has_its_password_replaced(
    qtbot: QtBot, part: ListenerPart, vault: MemorySecrets
) -> None:
    part.show_kept(Kept(known=True, problem="The OS keyring is locked."))
    assert part.password.text() == ""
    assert part.apply(Draft()).secrets == {}
    assert part.fields["webhook-password"].problem is not None

    vault.set("webhook-password", "the real one")
    part.show_kept(Kept(known=True, places={"webhook-password": "OS keyring"}))
    assert part.fields["webhook-password"].problem is None
    qtbot.waitUntil(lambda: part.password.text() == "the real one", timeout=PATIENCE)
    assert part.apply(Draft()).secrets == {}


def test_a_kept_password_that_turns_up_replaces_a_made_one(
    qtbot: QtBot, part: ListenerPart, vault: MemorySecrets
) -> None:
    part.show_kept(USABLE)
    assert part.password.text()

    vault.set("webhook-password", "the real one")
    part.show_kept(Kept(known=True, places={"webhook-password": "OS keyring"}))
    qtbot.waitUntil(lambda: part.password.text() == "the real one", timeout=PATIENCE)
    assert part.apply(Draft()).secrets == {}


def test_an_emptied_password_is_asked_for(part: ListenerPart) -> None:
    part.show_kept(USABLE)
    part.password.set_text("")

    assert part.fields["webhook-password"].problem is not None


def test_a_broken_secret_file_is_told(part: ListenerPart) -> None:
    broken = Kept(known=True, broken={"webhook-password": "It cannot be read."})
    part.fill(Draft(kept=broken))

    assert part.fields["webhook-password"].problem == "It cannot be read."


def test_secrets_are_hidden_again(part: ListenerPart) -> None:
    part.password._reveal.click()
    part.hide_secrets()

    assert not part.password.is_revealed()
