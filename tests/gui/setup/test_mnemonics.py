"""Every mnemonic on a page means one thing; every field that has a label has one."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from gui.setup.settings_page import SettingsPage
from gui.setup.wizard import SetupWizard

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from gui.session import Session

STEPS = ("welcome", "segment", "gladly", "arrival", "sent", "trial", "done")
TABS = ("segment", "gladly", "arrival", "sent", "confirm", "delivery", "window", "advanced")
AUTH = ("basic", "header", "both")


def letters(top: QWidget) -> list[str]:
    """The mnemonics of everything a person can see, or scroll to."""
    found = []
    for widget in (*top.findChildren(QAbstractButton), *top.findChildren(QLabel)):
        if not widget.isVisibleTo(top) or (isinstance(widget, QLabel) and not widget.buddy()):
            continue
        found += re.findall(r"&([^&])", widget.text().replace("&&", ""))
    return [letter.lower() for letter in found]


def unlabelled(top: QWidget) -> list[str]:
    """Labels of controls that no key leads to."""
    return [
        label.text()
        for label in top.findChildren(QLabel)
        if label.buddy() is not None and label.text() and "&" not in label.text()
    ]


def twice(top: QWidget) -> list[str]:
    return [letter for letter, count in Counter(letters(top)).items() if count > 1]


@pytest.mark.parametrize("step", STEPS)
def test_on_every_step(
    qtbot: QtBot, first_start: Callable[..., Session], look: Look, step: str
) -> None:
    session = first_start(running=False)
    session.memory.set("setup", {"at": step, "furthest": "done"})
    wizard = SetupWizard(session, look)
    qtbot.addWidget(wizard)
    wizard.show()

    assert wizard.card.name == step
    assert twice(wizard) == []


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("auth", AUTH)
def test_on_every_tab(
    qtbot: QtBot, first_start: Callable[..., Session], look: Look, tab: str, auth: str
) -> None:
    page = SettingsPage(first_start(running=False), look)
    qtbot.addWidget(page)
    page.show()
    draft = page.desk.draft.with_section("confirm", echo=auth != "basic", public_api=auth == "both")
    page.desk.draft = draft.with_section("listener", auth=auth)
    page.desk.reset.emit()
    page.show_card(tab)

    assert page.bar.isVisible() is (auth != "basic")
    assert twice(page) == []
    assert unlabelled(page.card) == []
