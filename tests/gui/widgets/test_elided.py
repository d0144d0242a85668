"""A label that shortens its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from gui.widgets.elided import ElidedLabel

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

LONG = "https://a-long-name.example.com/gladly/webhook"


@pytest.fixture
def label(qtbot: QtBot, look: Look) -> ElidedLabel:
    label = ElidedLabel(LONG)
    qtbot.addWidget(label)
    return label


def tooltip(label: ElidedLabel, monkeypatch: pytest.MonkeyPatch) -> str:
    shown: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _spot, text, *_: shown.append(text))
    QApplication.sendEvent(label, QHelpEvent(QEvent.Type.ToolTip, QPoint(1, 1), QPoint(1, 1)))
    return "".join(shown)


def test_it_may_be_narrower_than_its_text(label: ElidedLabel) -> None:
    assert label.minimumSizeHint().width() < label.sizeHint().width() / 3


def test_text_that_fits_is_whole(label: ElidedLabel, monkeypatch: pytest.MonkeyPatch) -> None:
    label.resize(label.sizeHint())

    assert not label.is_elided()
    assert tooltip(label, monkeypatch) == ""


def test_text_that_does_not_fit_is_told_in_the_tooltip(
    label: ElidedLabel, monkeypatch: pytest.MonkeyPatch
) -> None:
    label.resize(60, 20)

    assert label.is_elided()
    assert label.text() == LONG
    assert tooltip(label, monkeypatch) == LONG


def test_it_paints_in_any_size(label: ElidedLabel) -> None:
    for width in (1, 60, 600):
        label.resize(width, 20)

        assert not label.grab().isNull()


def test_lines_become_one(qtbot: QtBot, look: Look) -> None:
    label = ElidedLabel("one\n two")
    qtbot.addWidget(label)

    assert label.sizeHint().height() < 2 * label.fontMetrics().height()
