"""The card of what is sent: when, under which names, about whom, and what is left out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QComboBox,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gui.setup import preview
from gui.setup.card import SPACING, SetupCard, Tools
from gui.setup.choice import Choice, Option
from gui.setup.field import Field
from gui.setup.preview_view import PreviewView
from gui.setup.privacy import PrivacyList
from gui.widgets.card import Card
from gui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from core.mapping.plan import Profile
    from gui.setup.draft import Draft

#: narrower than so many letters, the preview stands below
NARROW = 96
#: lines of the preview to be seen at least
LINES = 14


class SentCard(SetupCard):
    """The tracking plan in a person's words, with a live preview beside it."""

    name: ClassVar[str] = "sent"
    saves: ClassVar[bool] = True

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(tools, parent)
        self._profiles: dict[str, Profile] = {}
        self.opened = Choice(
            Option(
                "assigned",
                self.tr("As soon as an agent is on it"),
                self.tr("As Segment's own Gladly source does it."),
            ),
            Option("created", self.tr("When the conversation begins, agent or not")),
            down=True,
        )
        self.names = QComboBox()
        self.user_id = QComboBox()
        self.identify = QCheckBox(self.tr("Also send &identify with name, e-mail and phone"))
        self.merges = QCheckBox(self.tr("Also send &alias when Gladly merges two customers"))
        self.privacy = PrivacyList(tools.look)
        self.preview = PreviewView(tools.session, tools.look)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._fill_boxes()
        self._arrange()
        self._connect()

    def heading(self) -> str:
        """What the page is called."""
        return self.tr("What is sent")

    def intro(self) -> str:
        """What it is about."""
        return self.tr("These defaults suit most. The preview shows exactly what Segment gets.")

    def apply(self, draft: Draft) -> Draft:
        """The draft with what is entered here."""
        values: dict[str, Any] = {
            "opened_when": self.opened.value(),
            "names": self.names.currentData(),
            "user_id": self.user_id.currentData(),
            "identify": self.identify.isChecked(),
            "merges": self.merges.isChecked(),
        }
        if self.privacy.ready:
            values |= {"drop": self.privacy.drop(), "hash": self.privacy.hashed()}
        return draft.with_section("mapping", **values)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the preview below the form where it is narrow."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW * self.fontMetrics().averageCharWidth()
        direction = QBoxLayout.Direction
        wanted = direction.TopToBottom if narrow else direction.LeftToRight
        if wanted != self._row.direction():
            self._row.setDirection(wanted)
        # Side by side the plan scrolls, and the preview stays in sight.
        self._plan.setMinimumHeight(self._plan.needed if narrow else 0)

    def _fill(self, draft: Draft) -> None:
        mapping = draft.settings.mapping
        self.opened.set_value(mapping.opened_when)
        self.names.setCurrentIndex(self.names.findData(mapping.names))
        self.user_id.setCurrentIndex(self.user_id.findData(mapping.user_id))
        self._show_identity()
        self.identify.setChecked(mapping.identify)
        self.merges.setChecked(mapping.merges)
        self.privacy.set_treated(mapping.drop, mapping.hash)
        if self._profiles:
            self._show_profile()
        else:
            self.tools.session.ask(
                lambda: asyncio.to_thread(preview.profiles), owner=self, then=self._on_profiles
            )
        self.preview.show_settings(self.apply(draft).settings)

    def _fill_boxes(self) -> None:
        for name, text in (
            ("segment-catalog", self.tr("As in Segment's catalog")),
            ("gladly-toolkit", self.tr("As on Gladly's help page")),
            ("live-chat", self.tr("Segment's Live Chat spec")),
        ):
            self.names.addItem(text, name)
        for name, text in (
            ("gladly", self.tr("The customer's id in Gladly")),
            ("external", self.tr("The customer's id in your own system")),
            ("email-sha256", self.tr("SHA-256 of the e-mail address")),
        ):
            self.user_id.addItem(text, name)
        for box in (self.names, self.user_id):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(12)
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _arrange(self) -> None:
        look = self.tools.look
        form = Card(look)
        self._names_field = Field(look, self.tr("Na&mes"), self.names)
        self._user_id_field = Field(look, self.tr("&userId"), self.user_id)
        self._merges_field = Field(look, "", self.merges)
        fields = (
            (Field(look, self.tr("An &Opened event is sent"), self.opened), "opened_when"),
            (self._names_field, "names"),
            (self._user_id_field, "user_id"),
            (Field(look, "", self.identify), "identify"),
            (self._merges_field, "merges"),
        )
        for field, key in fields:
            form.body.addWidget(self._add_field(field, f"mapping.{key}"))
            form.body.addSpacing(4)
        private = Card(look, self.tr("Privacy"), self.tr("What leaves this computer."))
        private.body.addWidget(self.privacy)
        plan = QWidget()
        left = QVBoxLayout(plan)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(SPACING)
        left.addWidget(form)
        left.addWidget(private)
        left.addStretch(1)
        right = Card(look, self.tr("Preview"), self.tr("A sample conversation, made up."))
        right.body.addWidget(self.preview, 1)
        self.preview.setMinimumHeight(LINES * self.fontMetrics().lineSpacing())
        self._row.setSpacing(SPACING)
        self._plan = Sheet(plan, margins=(0, 0, 4, 0))
        self._row.addWidget(self._plan, 4)
        self._row.addWidget(right, 5)
        self._column.addLayout(self._row, 1)

    def _connect(self) -> None:
        self.opened.changed.connect(self._on_plan)
        self.names.currentIndexChanged.connect(self._on_names)
        self.user_id.currentIndexChanged.connect(self._on_user_id)
        self.identify.toggled.connect(self._on_plan)
        self.merges.toggled.connect(self._on_plan)
        self.privacy.changed.connect(self._on_plan)

    def _on_names(self) -> None:
        self._show_profile()
        self._on_plan()

    def _on_user_id(self) -> None:
        self._show_identity()
        self._on_plan()

    def _show_identity(self) -> None:
        """Say what happens to customers that have no such id; everybody has one in Gladly."""
        text = self.tr("Where a customer has none, the id in Gladly goes out as anonymousId.")
        plain = self.user_id.currentData() == "gladly"
        self._user_id_field.set_help("" if plain else text)
        text = self.tr("An alias needs the customer's id in Gladly as userId: none is sent.")
        self._merges_field.set_help("" if plain else text)

    def _on_plan(self) -> None:
        if self._loading:
            return
        self._on_edited()
        self.preview.show_settings(self.apply(self.draft).settings)

    def _on_profiles(self, profiles: dict[str, Profile]) -> None:
        self._profiles = profiles
        self._show_profile()

    def _show_profile(self) -> None:
        profile = self._profiles.get(self.names.currentData())
        if profile is not None:
            self.privacy.set_properties(profile.properties)
            text = self.tr("The events are called {opened} and {closed}.")
            names = {"opened": profile.opened, "closed": profile.closed}
            self._names_field.set_help(text.format(**names))
