"""The Segment card: paste, warn, check, and never show or write down the key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from core.settings import App, Segment, Settings
from gui.setup.draft import Draft, Kept
from gui.setup.segment_card import SegmentCard
from tests.gui.setup.conftest import KEY, PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.session import Session
    from gui.setup.card import Tools
    from tests.gui.setup.conftest import World

NO_KEYRING = Kept(known=True, problem="There is no usable OS keyring here.")


@pytest.fixture
def card(qtbot: QtBot, tools: Tools) -> SegmentCard:
    made = SegmentCard(tools)
    qtbot.addWidget(made)
    made.load(Draft(kept=Kept(known=True)))
    made.show()
    return made


def paste(card: SegmentCard, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    card.key.edit.setFocus()
    card.key.edit.paste()


def test_a_pasted_key_loses_quotes_and_blanks_and_stays_masked(card: SegmentCard) -> None:
    paste(card, f'  "{KEY}" \n')

    assert card.key.text() == KEY
    assert card.key.edit.echoMode() is QLineEdit.EchoMode.Password
    assert card._key_field.said == ""
    assert card.apply(card.draft).secrets["write-key"].reveal() == KEY


def test_an_odd_key_is_warned_of_at_once_but_stops_nobody(card: SegmentCard) -> None:
    paste(card, KEY[:-1])

    assert "this one has 31" in card._key_field.said
    assert card.problem() is None


def test_a_field_says_whose_key_it_is_where_it_cannot_be_changed(
    qtbot: QtBot,
    first_start: Callable[..., Session],
    make_tools: Callable[[Session], Tools],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = first_start(running=False)
    card = SegmentCard(make_tools(session))
    qtbot.addWidget(card)
    given = Kept(known=True, places={"write-key": "GLADLY_SOURCE_WRITE_KEY"})

    card.load(Draft(kept=given))
    assert card.key.edit.placeholderText() == "The environment gives it."
    assert "GLADLY_SOURCE_WRITE_KEY" in card._key_field._hint.text()

    monkeypatch.setattr(type(session), "profile", "demo")
    card.load(Draft(kept=given))
    assert card.key.edit.placeholderText() == "The demo has one of its own."
    assert card._key_field._hint.text() == "It belongs to the demo and stays as it is."

    card.load(Draft(kept=Kept(known=True, places={"write-key": "OS keyring"})))
    assert "Paste another one" in card.key.edit.placeholderText()


def test_what_it_says_of_test_events_is_so(card: SegmentCard) -> None:
    """A loopback host is never asked about (tests/gui/test_source.py)."""
    said = " ".join(label.text() for label in card.findChildren(QLabel))

    assert "a production source on another computer only after you typed yes" in said


def test_typing_is_not_interrupted(card: SegmentCard) -> None:
    card.key.edit.setFocus()
    QTest.keyClicks(card.key.edit, "abc")

    assert card._key_field.said == ""


def test_without_a_key_there_is_no_going_on(card: SegmentCard) -> None:
    assert card.problem() == "Paste the write key."


def test_a_kept_key_needs_no_other(card: SegmentCard) -> None:
    card.show_kept(Kept(known=True, places={"write-key": "OS keyring"}))

    assert card.problem() is None
    assert "is kept" in card.key.edit.placeholderText()


def test_without_a_keyring_a_way_must_be_chosen(card: SegmentCard) -> None:
    card.show_kept(NO_KEYRING)
    card.key.set_text(KEY)

    assert "no keyring" in (card.problem() or "")
    card.vault.keep.setChecked(True)
    assert card.problem() is None
    assert card.apply(card.draft).for_now


def test_a_broken_secret_file_is_told(card: SegmentCard) -> None:
    card.show_kept(Kept(known=True, broken={"write-key": "The file cannot be read."}))

    assert card.problem() == "The file cannot be read."


def test_a_host_of_ones_own_is_asked_for(card: SegmentCard) -> None:
    card.key.set_text(KEY)
    assert not card._host_field.isVisible()

    card.region.set_value("own")
    assert card._host_field.isVisible()
    assert "address" in (card.problem() or "")

    card.host.setText("events.example.com/")
    assert card.problem() is None
    assert card.apply(card.draft).settings.segment.host == "https://events.example.com"

    card.region.set_value("eu")
    segment = card.apply(card.draft).settings.segment
    assert (segment.region, segment.host) == ("eu", None)


def test_settings_are_shown(card: SegmentCard) -> None:
    settings = Settings(
        segment=Segment(host="https://own.example.com", alias="prod"), app=App(profile="sandbox")
    )
    card.load(Draft(settings=settings))

    assert card.region.value() == "own"
    assert card.host.text() == "https://own.example.com"
    assert card.alias.text() == "prod"
    assert card.profile.value() == "sandbox"
    assert card.apply(card.draft).settings == settings


def test_an_alias_with_blanks_is_refused(card: SegmentCard) -> None:
    card.key.set_text(KEY)
    card.alias.setText("my source")

    assert "without blanks" in (card.problem() or "")


def test_a_good_key_turns_green_without_being_asked(qtbot: QtBot, card: SegmentCard) -> None:
    with qtbot.waitSignal(card.row.checked, timeout=PATIENCE):
        paste(card, KEY)

    assert card.row.outcome is not None
    assert card.row.outcome.code == "write_key.known"
    shown = [label.text() for label in card.findChildren(QLabel)]
    assert not any(KEY in text for text in shown)


def test_an_odd_key_is_checked_only_when_asked_for(qtbot: QtBot, card: SegmentCard) -> None:
    paste(card, KEY[:-1])
    assert not card.row.busy

    with qtbot.waitSignal(card.row.checked, timeout=PATIENCE):
        card.row.button.click()
    assert card.row.outcome is not None
    assert card.row.outcome.code == "write_key.shape"


def test_a_host_of_ones_own_is_reached_only_when_asked_for(card: SegmentCard) -> None:
    card.region.set_value("own")
    paste(card, KEY)

    assert not card.row.busy


def test_without_a_network_it_turns_red(qtbot: QtBot, card: SegmentCard, world: World) -> None:
    world.offline = True
    paste(card, KEY)
    with qtbot.waitSignal(card.row.checked, timeout=PATIENCE):
        card.check()

    assert card.row.outcome is not None
    assert card.row.outcome.verdict == "fail"


def test_another_key_or_region_makes_the_light_go_out(qtbot: QtBot, card: SegmentCard) -> None:
    paste(card, KEY)
    with qtbot.waitSignal(card.row.checked, timeout=PATIENCE):
        card.check()
    card.region.set_value("own")

    assert card.row.outcome is None


def test_another_region_is_checked_anew(qtbot: QtBot, card: SegmentCard) -> None:
    card.key.set_text(KEY)
    with qtbot.waitSignal(card.row.checked, timeout=PATIENCE):
        card.region.set_value("eu")

    assert card.row.outcome is not None
    assert "United States" in card.row.outcome.hint


def test_leaving_the_page_masks_the_key(card: SegmentCard) -> None:
    paste(card, KEY)
    card.key._reveal.click()
    assert card.key.is_revealed()

    card.deactivate()

    assert not card.key.is_revealed()


def test_the_way_to_the_key_is_linked(card: SegmentCard) -> None:
    texts = " ".join(label.text() for label in card.findChildren(QLabel))

    assert "https://app.segment.com/" in texts


def test_the_keyring_can_be_looked_for_again(qtbot: QtBot, card: SegmentCard) -> None:
    card.show_kept(NO_KEYRING)
    with qtbot.waitSignal(card.kept_wanted):
        card.vault.notice.button.click()
