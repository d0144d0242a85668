"""The card of notifications and the window: what is told, and what closing means."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from gui.setup.autostart_tick import AutostartTick
from gui.setup.card import SetupCard, Tools
from gui.setup.choice import Choice, Option
from gui.setup.field import Field
from gui.widgets.card import Card

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from gui.setup.draft import Draft


class WindowCard(SetupCard):
    """How the app behaves; the engine does not care."""

    name: ClassVar[str] = "window"

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(tools, parent)
        self.notify = Choice(
            Option("problems", self.tr("Problems, and when they are over")),
            Option("all", self.tr("Everything worth knowing")),
            Option("none", self.tr("Nothing")),
            down=True,
        )
        self.on_close = Choice(
            Option("ask", self.tr("Ask me")),
            Option(
                "tray",
                self.tr("Keep running in the tray"),
                self.tr("Events go on arriving."),
            ),
            Option(
                "quit",
                self.tr("Quit"),
                self.tr("Gladly's calls then go unanswered."),
            ),
            down=True,
        )
        self.autostart = AutostartTick()
        look = tools.look
        first = Card(look)
        notify = Field(look, self.tr("Notify me &of"), self.notify)
        first.body.addWidget(self._add_field(notify, "app.notify"))
        second = Card(look)
        closing = Field(look, self.tr("When I &close the window"), self.on_close)
        second.body.addWidget(self._add_field(closing, "app.on_close"))
        second.body.addSpacing(8)
        second.body.addWidget(self.autostart)
        if tools.session.profile == "demo":
            self.autostart.hide()  # its home is thrown away
        for card in (first, second):
            self._column.addWidget(card)
        self._column.addStretch(1)
        self.notify.changed.connect(self._on_edited)
        self.on_close.changed.connect(self._on_edited)
        self.autostart.box.toggled.connect(self._on_edited)

    def heading(self) -> str:
        """What the page is called."""
        return self.tr("Notifications and window")

    def apply(self, draft: Draft) -> Draft:
        """The draft with what is chosen."""
        draft = draft.with_section(
            "app", notify=self.notify.value(), on_close=self.on_close.value()
        )
        return msgspec.structs.replace(draft, autostart=self.autostart.state())

    def _fill(self, draft: Draft) -> None:
        self.notify.set_value(draft.settings.app.notify)
        self.on_close.set_value(draft.settings.app.on_close)
        self.autostart.show_state(draft.autostart)
