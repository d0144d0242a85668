"""What happens to each property, under whatever name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gui.setup.privacy import PrivacyList

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

CATALOG = {"customerName": "customerName", "email": "email", "phone": "phone"}
CHAT = {"customerName": "customer_name", "email": "email", "duration": "conversation_duration"}


@pytest.fixture
def privacy(qtbot: QtBot, look: Look) -> PrivacyList:
    made = PrivacyList(look)
    qtbot.addWidget(made)
    return made


def test_nothing_is_known_before_the_profile_is(privacy: PrivacyList) -> None:
    assert not privacy.ready
    assert privacy.drop() == ()


def test_settings_are_shown_per_property(privacy: PrivacyList) -> None:
    privacy.set_treated(("phone",), ("email",))
    privacy.set_properties(CATALOG)

    assert privacy.ready
    assert privacy.drop() == ("phone",)
    assert privacy.hashed() == ("email",)
    assert [box.accessibleName() for box in privacy.boxes()] == list(CATALOG.values())


def test_a_choice_is_told_and_kept_across_profiles(qtbot: QtBot, privacy: PrivacyList) -> None:
    privacy.set_properties(CATALOG)
    with qtbot.waitSignal(privacy.changed):
        privacy.box("customerName").setCurrentIndex(2)
    privacy.box("phone").setCurrentIndex(1)

    privacy.set_properties(CHAT)
    assert privacy.drop() == ("customerName",)
    assert privacy.hashed() == ()

    privacy.set_properties(CATALOG)
    assert privacy.hashed() == ("phone",)


def test_a_name_of_the_profile_means_the_same_property(privacy: PrivacyList) -> None:
    privacy.set_treated(("customer_name",), ())
    privacy.set_properties(CHAT)

    assert privacy.drop() == ("customerName",)


def test_settings_can_be_shown_anew(privacy: PrivacyList) -> None:
    privacy.set_properties(CATALOG)
    privacy.set_treated(("email",), ())
    box = privacy.box("email")
    privacy.set_properties(CATALOG)

    assert privacy.box("email") is box
    assert privacy.drop() == ("email",)
