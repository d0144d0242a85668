"""Draws every widget of the house, light and dark, for the eye: python tests/gui/gallery.py DIR."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QTableView,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.icons import GLYPHS
from gui.look import Look
from gui.widgets.busy import BusyLabel
from gui.widgets.buttons import IconButton, make_button
from gui.widgets.card import Card
from gui.widgets.chips import ChipBar
from gui.widgets.copy import CopyButton
from gui.widgets.elided import ElidedLabel
from gui.widgets.empty import EmptyState
from gui.widgets.fields import dress_spin
from gui.widgets.flow import FlowLayout
from gui.widgets.json_view import JsonEdit, JsonView
from gui.widgets.labels import Heading, IconLabel, Text
from gui.widgets.notice import Notice
from gui.widgets.pill import StatusDelegate, StatusLabel, WordRole
from gui.widgets.scroll import Scroller
from gui.widgets.secret_field import SecretField
from gui.widgets.sparkline import Sparkline
from gui.widgets.table import dress_table
from gui.widgets.toolbar import ButtonRow
from gui.words import DELIVERIES, STATES, VERDICTS, WEBHOOKS, delivery_word

PEOPLE = (
    "Ana María Núñez",
    "田中 美咲",
    "Олена Коваль",
    "محمد العلي",
    "Gwendolyn Featherstonehaugh",
)
EVENT = {
    "type": "track",
    "event": "Conversation Opened",
    "messageId": "gladly-5f3c-opened-1",
    "userId": "cust_81",
    "properties": {
        "conversation_id": "kX2-77",
        "topics": ["Refund", "Größe", "返品"],
        "wait_seconds": 12.5,
        "returning": True,
        "agent": None,
    },
}


def controls(look: Look) -> QWidget:
    """Everything that is pressed or filled in."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(16, 16, 16, 16)
    column.setSpacing(8)
    column.addWidget(Heading(look, "Controls", 1))
    column.addWidget(Text("Everything that is pressed or filled in, as it comes.", "muted"))
    kinds = [
        make_button(look, "Send test", icon="test", kind="primary"),
        make_button(look, "Replay…", icon="replay"),
        make_button(look, "Erase customer…", icon="erase", kind="danger"),
        make_button(look, "Clear", icon="close", kind="quiet"),
        make_button(look, "Where is my key?", kind="link"),
        CopyButton(look, lambda: "x", "Copy as curl"),
    ]
    off = make_button(look, "Not now", icon="test", kind="primary")
    off.setEnabled(False)
    off2 = make_button(look, "Off", icon="copy")
    off2.setEnabled(False)
    on = make_button(look, "Following", icon="follow")
    on.setCheckable(True)
    on.setChecked(True)
    menu = QPushButton("More")
    menu.setMenu(QMenu(menu))
    column.addWidget(ButtonRow([*kinds, off, off2, on, menu, IconButton(look, "more", "More")]))
    chips = ChipBar(look)
    for status in DELIVERIES:
        word = delivery_word(status)
        chips.add(status, word.text, icon=word.icon, tone=word.tone, checkable=True)
    chips.set_checked({"retrying", "dead"})
    chips.add("q", "customer: 田中 美咲", removable=True)
    chips.add("t", "Last hour", icon="clock", removable=True)
    column.addWidget(chips)
    column.addLayout(fields(look))
    return page


def fields(look: Look) -> QHBoxLayout:  # noqa: PLR0915 - a list
    """Fields on the left, boxes on the right."""
    form = QFormLayout()
    form.setSpacing(8)
    secret = SecretField(look, "Paste the write key")
    secret.set_text("wk_live_0123456789")
    combo = QComboBox()
    combo.addItems(["United States", "European Union"])
    spin = QSpinBox()
    spin.setMaximum(65535)
    spin.setValue(8787)
    dress_spin(spin)
    form.addRow("&Address", QLineEdit("https://acme.gladly.com"))
    form.addRow("&Empty", _with(QLineEdit(), "Search events"))
    form.addRow("&Write key", secret)
    form.addRow("&Region", combo)
    form.addRow("&Port", spin)
    disabled = QLineEdit("cannot be changed")
    disabled.setEnabled(False)
    form.addRow("Disabled", disabled)
    fixed = QLineEdit("http://127.0.0.1:8787/gladly")
    fixed.setReadOnly(True)
    form.addRow("Read-only", fixed)
    form.addRow("Note", QPlainTextEdit("Some lines\nof text"))
    right = QVBoxLayout()
    for box in (QCheckBox("Start with the computer"), QCheckBox("Keep in the tray")):
        box.setChecked(box.text().startswith("Keep"))
        right.addWidget(box)
    third = QCheckBox("Some of them")
    third.setTristate(True)
    third.setCheckState(Qt.CheckState.PartiallyChecked)
    right.addWidget(third)
    gone = QCheckBox("Not here")
    gone.setChecked(True)
    gone.setEnabled(False)
    right.addWidget(gone)
    group = QGroupBox("How events arrive")
    inside = QVBoxLayout(group)
    for at, name in enumerate(("By webhook", "By polling alone", "Both (recommended)")):
        radio = QRadioButton(name)
        radio.setChecked(at == 2)
        inside.addWidget(radio)
    right.addWidget(group)
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setValue(40)
    right.addWidget(slider)
    bar = QProgressBar()
    bar.setValue(60)
    right.addWidget(bar)
    tool = QToolButton()
    tool.setText("Columns")
    tool.setMenu(QMenu(tool))
    tool.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    right.addWidget(tool)
    right.addStretch(1)
    row = QHBoxLayout()
    row.setSpacing(24)
    row.addLayout(form, 2)
    row.addLayout(right, 1)
    return row


def _with(edit: QLineEdit, placeholder: str) -> QLineEdit:
    edit.setPlaceholderText(placeholder)
    return edit


def messages(look: Look) -> QWidget:
    """Everything that says something."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(16, 16, 16, 16)
    column.setSpacing(8)
    said = (
        ("good", "Segment takes events again.", "", ""),
        ("busy", "This is the demo.", "Nothing leaves this computer.", "Leave the demo"),
        ("warn", "Only 120 MB are free where the store lies.", "Free some space.", ""),
        (
            "bad",
            "Segment refuses the write key of the source “production”, so 1,204 deliveries wait.",
            "Copy the write key from Segment again: Connections, Sources, API Keys.",
            "Open Settings",
        ),
        ("idle", "Another process runs the engine; this window looks on.", "", ""),
    )
    for tone, text, hint, action in said:
        notice = Notice(look, page)
        notice.show_message(tone, text, hint, action)
        column.addWidget(notice)
    pills = QWidget()
    flow = FlowLayout(pills)
    for table in (DELIVERIES, WEBHOOKS, VERDICTS, STATES):
        for word in table.values():
            flow.addWidget(StatusLabel(look, word))
    column.addWidget(pills)
    row = QHBoxLayout()
    row.setSpacing(16)
    card = Card(look, "Segment", "Where events go. The key is kept in the keyring.")
    card.header.addWidget(StatusLabel(look, STATES["refused"]))
    spark = Sparkline(look, "Events per minute")
    spark.set_values([2, 4, 3, 8, 12, 7, 9, 14, 11, 6, 3, 5, 8])
    card.body.addWidget(spark)
    busy = BusyLabel(look)
    busy.start("Asking Segment…")
    card.body.addWidget(busy)
    card.body.addWidget(
        ElidedLabel("https://segment-and-then-some.ngrok-free.app/gladly/webhook/and/more")
    )
    card.body.addStretch(1)
    row.addWidget(card, 1)
    empty = EmptyState(look)
    empty.set_content(
        "empty",
        "No events yet",
        "They appear here as soon as Gladly reports a conversation. Send a test to see one now.",
        "Send a test",
    )
    row.addWidget(empty, 2)
    column.addLayout(row, 1)
    return page


def tables(look: Look) -> QWidget:
    """A table with pills, and JSON in tabs."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(16, 16, 16, 16)
    column.setSpacing(12)
    view = QTableView()
    model = QStandardItemModel(0, 4, view)
    model.setHorizontalHeaderLabels(["Time", "Event", "Status", "Customer"])
    for at, status in enumerate(list(DELIVERIES) * 3):
        word = delivery_word(status)
        cell = QStandardItem(word.text)
        cell.setData(word, WordRole)
        model.appendRow(
            [
                QStandardItem(f"14:03:{at:02d}"),
                QStandardItem("Conversation Opened" if at % 3 else "Conversation Closed"),
                cell,
                QStandardItem(PEOPLE[at % len(PEOPLE)]),
            ]
        )
    view.setModel(model)
    dress_table(view)
    view.setItemDelegateForColumn(2, StatusDelegate(look, view))
    view.setColumnWidth(1, 180)
    view.setColumnWidth(2, 140)
    for at in (2, 3, 4):
        view.selectionModel().select(
            model.index(at, 0),
            view.selectionModel().SelectionFlag.Select | view.selectionModel().SelectionFlag.Rows,
        )
    column.addWidget(view, 1)
    tabs = QTabWidget()
    shown = JsonView(look, "To Segment")
    shown.set_json(EVENT)
    shown.find_bar.show()
    edit = JsonEdit(look, "Event")
    edit.set_json(EVENT)
    edit.set_problem(5, "Line 5: userId must not be empty.")
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 8, 0, 0)
    row.addWidget(shown)
    row.addWidget(edit)
    tabs.addTab(both, "To Segment")
    tabs.addTab(QLabel("b"), "From Gladly")
    tabs.addTab(QLabel("c"), "Compare")
    column.addWidget(tabs, 1)
    return page


def icons(look: Look) -> QWidget:
    """Every icon with its meaning, once each."""
    page = QWidget()
    grid = QGridLayout(page)
    for at, name in enumerate(GLYPHS):
        cell = QHBoxLayout()
        cell.addWidget(IconLabel(look, name))
        cell.addWidget(QLabel(name), 1)
        grid.addLayout(cell, at // 8, at % 8)
    return page


def menus(look: Look) -> QMenu:
    """A menu."""
    menu = QMenu()
    menu.addAction(look.icon("copy"), "Copy as JSON\tCtrl+C")
    menu.addAction(look.icon("replay"), "Replay…")
    menu.addSeparator()
    ticked = menu.addAction("Follow")
    ticked.setCheckable(True)
    ticked.setChecked(True)
    menu.addAction("Not now").setEnabled(False)
    menu.addMenu("Columns").addAction("Agent")
    menu.setActiveAction(menu.actions()[1])
    return menu


def main() -> None:
    """Draw all."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv)
    if len(sys.argv) > 2:
        font = app.font()
        font.setPointSizeF(font.pointSizeF() * float(sys.argv[2]))
        app.setFont(font)
    look = Look(app, dark=False)
    pages = {f.__name__: QWidget() for f in (controls, messages, tables, icons)}
    for make in (controls, messages, tables, icons):
        room = QVBoxLayout(pages[make.__name__])
        room.setContentsMargins(0, 0, 0, 0)
        room.addWidget(Scroller(make(look)))
    menu = menus(look)
    for scheme in ("light", "dark"):
        look.force(scheme)
        for name, page in pages.items():
            page.resize(1180, 760)
            page.show()
            app.processEvents()
            page.grab().save(str(folder / f"{name}-{scheme}.png"))
        menu.popup(QPoint(0, 0))
        menu.setActiveAction(menu.actions()[1])
        menu.grab().save(str(folder / f"menus-{scheme}.png"))
        menu.close()


if __name__ == "__main__":
    main()
