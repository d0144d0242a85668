"""A button that copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from gui.widgets.copy import CopyButton

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


def test_it_copies_and_says_so_for_a_moment(qtbot: QtBot, look: Look) -> None:
    button = CopyButton(look, lambda: "curl …", "Copy as curl")
    qtbot.addWidget(button)
    button._timer.setInterval(1)

    with qtbot.waitSignal(button.copied):
        button.click()
    said = button.text()
    qtbot.waitUntil(lambda: button.text() == "Copy as curl")

    assert said == "Copied"
    assert QGuiApplication.clipboard().text() == "curl …"


def test_the_text_is_asked_for_when_it_is_pressed(qtbot: QtBot, look: Look) -> None:
    texts = iter(["one", "two"])
    button = CopyButton(look, lambda: next(texts))
    qtbot.addWidget(button)

    button.click()
    button.click()

    assert QGuiApplication.clipboard().text() == "two"


def test_nothing_to_copy_leaves_the_clipboard_alone(qtbot: QtBot, look: Look) -> None:
    QGuiApplication.clipboard().setText("before")
    button = CopyButton(look, lambda: "")
    qtbot.addWidget(button)

    button.click()

    assert QGuiApplication.clipboard().text() == "before"
    assert button.text() == "Copy"


def test_it_stays_as_wide_while_it_says_so(qtbot: QtBot, look: Look) -> None:
    button = CopyButton(look, lambda: "x", "Copy as a very long word")
    qtbot.addWidget(button)
    button.resize(button.sizeHint())

    button.click()

    assert button.minimumWidth() == button.width()


def test_a_text_can_be_put_on_the_clipboard_in_a_way_of_its_own(qtbot: QtBot, look: Look) -> None:
    QGuiApplication.clipboard().setText("before")
    put: list[str] = []
    button = CopyButton(look, lambda: "secret", put=put.append)
    qtbot.addWidget(button)

    button.click()

    assert put == ["secret"]
    assert QGuiApplication.clipboard().text() == "before"
