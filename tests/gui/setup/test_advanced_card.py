"""Advanced: where files and secrets are, and what the environment decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QDesktopServices, QGuiApplication

from gui.setup.advanced_card import AdvancedCard
from gui.setup.draft import Draft, Kept
from gui.widgets.copy import CopyButton

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from core.home import Home
    from gui.session import Session
    from gui.setup.card import Tools


@pytest.fixture
def card(
    qtbot: QtBot, first_start: Callable[..., Session], make_tools: Callable[[Session], Tools]
) -> AdvancedCard:
    session = first_start(GLADLY_SOURCE_SEGMENT__REGION="eu")
    made = AdvancedCard(make_tools(session))
    qtbot.addWidget(made)
    made.load(Draft(settings=session.settings))
    return made


def test_the_files_can_be_copied_and_the_folder_opened(
    card: AdvancedCard, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", staticmethod(lambda url: opened.append(url.toLocalFile()))
    )
    card.folder.click()
    copied = []
    for button in card.findChildren(CopyButton):
        button.click()
        copied.append(QGuiApplication.clipboard().text())

    assert opened == [str(home.path)]
    assert copied[:3] == [str(home.path), str(home.settings_file), str(home.store_file)]
    assert card.first() is card.folder


def test_what_the_environment_decides_is_named(card: AdvancedCard) -> None:
    assert card._fixed.text() == "segment.region: GLADLY_SOURCE_SEGMENT__REGION"


def test_each_secret_says_where_it_is(card: AdvancedCard) -> None:
    card.show_kept(Kept(known=True))
    assert card._secrets.text() == "There are none yet."

    places = {"write-key": "OS keyring", "gladly-token": "GLADLY_SOURCE_GLADLY_TOKEN"}
    broken = {"webhook-password": "The file cannot be read."}
    card.show_kept(Kept(known=True, places=places, broken=broken, problem="It is locked."))

    lines = card._secrets.text().splitlines()
    assert lines[0].startswith("The write key of the Segment source: ")
    assert lines[1].endswith("GLADLY_SOURCE_GLADLY_TOKEN")
    assert lines[2:] == ["The file cannot be read.", "It is locked."]


def test_the_wizard_can_be_opened_again(qtbot: QtBot, card: AdvancedCard) -> None:
    with qtbot.waitSignal(card.wizard_wanted):
        card.again.click()

    assert card.heading()
