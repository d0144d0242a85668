"""The first page: what this is, what to have at hand, and the way to the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout

from gui.setup.card import SetupCard, Tools
from gui.widgets.buttons import make_button
from gui.widgets.card import Card
from gui.widgets.labels import IconLabel, Text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class WelcomeCard(SetupCard):
    """Three sentences and a choice.

    Signals:
        demo_wanted: The person wants to see it work first.
    """

    demo_wanted = Signal()
    name: ClassVar[str] = "welcome"

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(tools, parent)
        look = tools.look
        what = Card(look, self.tr("What you need"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (icon, text) in enumerate(self._needs()):
            grid.addWidget(IconLabel(look, icon, "accent"), row, 0)
            grid.addWidget(Text(text), row, 1)
        what.body.addLayout(grid)
        demo = Card(
            look,
            self.tr("Just looking?"),
            self.tr(
                "The demo runs the whole program with a simulated Gladly and a simulated Segment. "
                "It needs no account and touches nothing real."
            ),
        )
        self.demo = make_button(look, self.tr("Try the &demo"), icon="demo")
        self.demo.clicked.connect(self.demo_wanted)
        line = QGridLayout()
        line.addWidget(self.demo, 0, 0)
        line.setColumnStretch(1, 1)
        demo.body.addLayout(line)
        note = self.tr(
            "You can leave at any time. Nothing is put to use before a button says so. What you "
            "entered waits on this computer for the next time; keys, tokens and passwords do not."
        )
        for widget in (what, demo, Text(note, "muted")):
            self._column.addWidget(widget)
        self._column.addStretch(1)

    def heading(self) -> str:
        """What the page is called."""
        return self.tr("Welcome to Gladly Source")

    def intro(self) -> str:
        """What it is about."""
        return self.tr(
            "Gladly Source brings your Gladly conversations into Segment as the events "
            "Conversation Opened and Conversation Closed. Every event is kept on this computer "
            "until Segment has accepted it. You can look up each one, and see why it is where "
            "it is."
        )

    def action(self) -> str:
        """Begin."""
        return self.tr("&Set up")

    def _needs(self) -> tuple[tuple[str, str], ...]:
        return (
            ("key", self.tr("The write key of a source in Segment.")),
            (
                "gladly",
                self.tr("For names, e-mail and topics: an API token from Gladly. It can wait."),
            ),
            (
                "globe",
                self.tr(
                    "A way in from the internet: a tunnel or a proxy. "
                    "The step How events arrive helps."
                ),
            ),
            ("clock", self.tr("About ten minutes.")),
        )
