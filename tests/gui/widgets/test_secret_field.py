"""A field for a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit

from gui.widgets.secret_field import SecretField, trimmed

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


@pytest.fixture
def field(qtbot: QtBot, look: Look) -> SecretField:
    field = SecretField(look, "Paste the write key")
    qtbot.addWidget(field)
    return field


@pytest.mark.parametrize(
    "pasted",
    [" wk_1 ", "'wk_1'", '"wk_1"', "“wk_1”", "\twk_1\r\n", "`wk_1`", "\u200bwk_1\u00a0", "wk_1"],
)
def test_a_paste_loses_the_blanks_and_quotes_around_it(field: SecretField, pasted: str) -> None:
    QGuiApplication.clipboard().setText(pasted)

    field.edit.paste()

    assert field.edit.text() == field.text() == "wk_1"


def test_a_paste_into_the_middle_keeps_what_is_inside(field: SecretField) -> None:
    field.set_text("ab")
    field.edit.setCursorPosition(1)
    QGuiApplication.clipboard().setText("x y")

    field.edit.paste()

    assert field.text() == "ax yb"


def test_typing_is_left_alone(qtbot: QtBot, field: SecretField) -> None:
    qtbot.keyClicks(field.edit, "two words ")

    assert field.edit.text() == "two words "
    assert field.text() == "two words"


def test_every_change_is_told_trimmed(qtbot: QtBot, field: SecretField) -> None:
    with qtbot.waitSignal(field.changed) as told:
        field.set_text(" wk_1 ")

    assert told.args == ["wk_1"]


def test_it_is_masked_until_revealed(qtbot: QtBot, field: SecretField) -> None:
    masked = field.edit.echoMode()

    qtbot.mouseClick(field._reveal, Qt.MouseButton.LeftButton)

    assert masked is QLineEdit.EchoMode.Password
    assert field.edit.echoMode() is QLineEdit.EchoMode.Normal
    assert field.is_revealed()
    assert field._reveal.accessibleName() == "Hide the secret"


def test_it_can_be_hidden_again(field: SecretField) -> None:
    field._reveal.click()

    field.conceal()

    assert field.edit.echoMode() is QLineEdit.EchoMode.Password
    assert field._reveal.accessibleName() == "Show the secret"


def test_a_label_can_lead_to_it(field: SecretField) -> None:
    label = QLabel("&Write key")
    label.setBuddy(field)

    assert field.focusProxy() is field.edit


def test_its_name_is_told_where_the_caret_is(field: SecretField) -> None:
    field.setAccessibleName("Write key")
    field.set_placeholder("Paste it here")

    assert field.edit.accessibleName() == field.accessibleName() == "Write key"
    assert field.edit.placeholderText() == "Paste it here"


def test_nothing_but_wrapping_is_nothing() -> None:
    assert trimmed(' "" ') == ""
