"""A field: label, help, and problems that wait until the control is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from gui.setup.field import Field, LinkText, Remark, announce
from gui.widgets.secret_field import SecretField

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


class Form(QWidget):
    """Two fields, so that one can be left for the other."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.field = Field(
            look,
            "&Name",
            self.edit,
            help_text="What it is called.",
            problem=lambda: None if self.edit.text() else "Enter a name.",
            warning=lambda: "That is short." if len(self.edit.text()) == 1 else None,
        )
        self.other = QLineEdit()
        column = QVBoxLayout(self)
        column.addWidget(self.field)
        column.addWidget(self.other)


@pytest.fixture
def form(qtbot: QtBot, look: Look) -> Form:
    made = Form(look)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.edit.setFocus()
    qtbot.waitUntil(made.edit.hasFocus)
    return made


def test_the_label_names_its_control(form: Form) -> None:
    label = next(one for one in form.findChildren(QLabel) if one.text() == "&Name")

    assert label.buddy() is form.edit
    assert form.edit.accessibleName() == "Name"
    assert form.edit.accessibleDescription() == "What it is called."


def test_nothing_is_complained_about_before_the_control_is_left(qtbot: QtBot, form: Form) -> None:
    assert form.field.problem == "Enter a name."
    assert form.field.said == ""

    with qtbot.waitSignal(form.field.left):
        QTest.keyClick(form.edit, Qt.Key.Key_Tab)

    assert form.field.said == "Enter a name."
    assert form.edit.accessibleDescription() == "Enter a name. What it is called."


def test_what_was_said_follows_what_is_typed(form: Form) -> None:
    form.field.complain()
    form.edit.setText("a")
    form.field.refresh()
    assert form.field.said == "That is short."
    form.edit.setText("ab")
    form.field.refresh()
    assert form.field.said == ""


def test_until_something_was_said_typing_is_left_alone(form: Form) -> None:
    form.field.refresh()

    assert form.field.said == ""


def test_what_was_said_can_be_forgotten(form: Form) -> None:
    form.field.complain()
    form.field.forget()
    form.field.refresh()

    assert form.field.said == ""


def test_what_the_environment_sets_cannot_be_changed_and_is_never_wrong(form: Form) -> None:
    form.field.fix("GLADLY_SOURCE_X")

    assert not form.edit.isEnabled()
    assert form.field.problem is None
    assert "GLADLY_SOURCE_X" in form.edit.accessibleDescription()

    form.field.fix(None)
    assert form.edit.isEnabled()
    assert form.edit.accessibleDescription() == "What it is called."


def test_a_hidden_field_is_never_wrong(form: Form) -> None:
    form.field.hide()

    assert form.field.problem is None


def test_a_field_on_a_page_that_was_never_shown_can_be_wrong(qtbot: QtBot, look: Look) -> None:
    page = Form(look)
    qtbot.addWidget(page)

    assert page.field.problem == "Enter a name."


def test_other_help_can_be_given(form: Form) -> None:
    form.field.set_help("Something else.")

    assert form.edit.accessibleDescription() == "Something else."


def test_a_secret_is_described_where_the_keyboard_is(qtbot: QtBot, look: Look) -> None:
    secret = SecretField(look)
    field = Field(look, "&Key", secret, problem=lambda: "Paste it.")
    qtbot.addWidget(field)

    field.complain()

    assert secret.edit.accessibleName() == "Key"
    assert secret.edit.accessibleDescription() == "Paste it."


def test_a_check_box_is_its_own_label(qtbot: QtBot, look: Look) -> None:
    box = QCheckBox("Tick me")
    field = Field(look, "", box)
    qtbot.addWidget(field)

    assert box.accessibleName() == ""
    assert field._label.isHidden()


def test_a_number_can_stand_beside_its_label(qtbot: QtBot, look: Look) -> None:
    spin = QSpinBox()
    field = Field(look, "&Number", spin, help_text="Some help.", beside=True)
    qtbot.addWidget(field)
    field.resize(400, field.heightForWidth(400))
    field.show()

    label = next(one for one in field.findChildren(QLabel) if one.text() == "&Number")
    assert spin.x() > label.x() + label.fontMetrics().horizontalAdvance(label.text())


def test_a_remark_is_hidden_while_there_is_nothing_to_say(qtbot: QtBot, look: Look) -> None:
    remark = Remark(look)
    qtbot.addWidget(remark)
    assert remark.isHidden()

    remark.say("It is odd.", "warn")
    assert remark.text == "It is odd."
    assert not remark.isHidden()

    remark.say("")
    assert remark.isHidden()


def test_links_can_be_reached_by_keyboard(qtbot: QtBot) -> None:
    text = LinkText('See <a href="https://example.com">there</a>.')
    qtbot.addWidget(text)

    assert text.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert text.openExternalLinks()


def test_announcing_needs_no_reader(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)

    announce(widget, "Something happened.")
    announce(widget, "")
