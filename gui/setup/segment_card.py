"""The card of the Segment source: write key, region, and what this source is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.setup import shapes
from gui.setup.card import SetupCard, Tools
from gui.setup.check_row import CheckRow
from gui.setup.choice import Choice, Option
from gui.setup.field import Field, LinkText
from gui.setup.vault_note import VaultNote
from gui.widgets.card import Card
from gui.widgets.secret_field import SecretField

if TYPE_CHECKING:
    from gui.setup.draft import Draft, Kept

KEY = "write-key"
OWN = "own"
SOURCES = "https://app.segment.com/goto-my-workspace/sources"
EXPLAINED = "https://www.twilio.com/docs/segment/connections/find-writekey"
#: so many letters at once are a paste, and are looked at without waiting
PASTED = 8


class SegmentCard(SetupCard):
    """Write key, region or own host, alias, profile; checks whether Segment knows the key."""

    name: ClassVar[str] = "segment"
    secrets: ClassVar[tuple[str, ...]] = (KEY,)

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(tools, parent)
        self._length = 0
        self.key = SecretField(tools.look)
        self.region = Choice(
            Option("us", self.tr("United States")),
            Option("eu", self.tr("European Union")),
            Option(OWN, self.tr("A host of my own")),
        )
        self.host = QLineEdit()
        self.host.setPlaceholderText("https://events.example.com")
        self.profile = Choice(
            Option("production", self.tr("Production: real reports depend on it")),
            Option("sandbox", self.tr("Sandbox: for trying things out")),
        )
        self.alias = QLineEdit()
        self.vault = VaultNote(tools.look, KEY)
        self.row = CheckRow(tools.session, tools.look, self.tr("&Check the write key"))
        self._make_fields()
        self._arrange()
        self._connect()

    def heading(self) -> str:
        """What the page is called."""
        return self.tr("Segment")

    def intro(self) -> str:
        """What it is about."""
        return self.tr("The write key says which Segment source gets your conversations.")

    def apply(self, draft: Draft) -> Draft:
        """The draft with what is entered here."""
        region, host = self.region.value(), shapes.tidy_address(self.host.text())
        draft = draft.with_section(
            "segment",
            region=draft.settings.segment.region if region == OWN else region,
            host=(host or None) if region == OWN else None,
            alias=self.alias.text().strip(),
        ).with_section("app", profile=self.profile.value())
        for_now = self.vault.keep.isChecked()
        return msgspec.structs.replace(draft.with_secret(KEY, self.key.text()), for_now=for_now)

    def show_kept(self, kept: Kept) -> None:
        """Say where the key is, or would be, kept."""
        super().show_kept(kept)
        self.key.set_placeholder(
            self._placeholder(
                kept,
                KEY,
                empty=self.tr("Paste the write key here"),
                there=self.tr("A write key is kept. Paste another one to replace it."),
            )
        )
        self.vault.show_kept(kept)

    def check(self) -> None:
        """Ask whether Segment knows the key, and whether it can be reached."""
        if not self.ready(self._key_field, self._region_field, self._host_field):
            self.row.clear()
            return
        draft = self.apply(self.draft)
        self.row.run(lambda: self.tools.checks.source(draft))

    def deactivate(self) -> None:
        """Hide the key again."""
        self.key.conceal()

    def _fill(self, draft: Draft) -> None:
        segment = draft.settings.segment
        typed = draft.secrets.get(KEY)
        self.key.set_text(typed.reveal() if typed else "")
        self.region.set_value(OWN if segment.host is not None else segment.region)
        self.host.setText(segment.host or "")
        self.alias.setText(segment.alias)
        self.profile.set_value(draft.settings.app.profile)
        self.vault.keep.setChecked(draft.for_now)
        self._host_field.setVisible(segment.host is not None)
        self.row.clear()

    def _key_problem(self) -> str | None:
        if KEY in self.draft.kept.broken:
            return self.draft.kept.broken[KEY]
        if not self.key.text():
            return None if KEY in self.draft.kept.places else self.tr("Paste the write key.")
        if self.draft.kept.problem and not self.vault.keep.isChecked():
            return self.tr("There is no keyring to keep it in: choose one of the ways below.")
        return None

    def _key_warning(self) -> str | None:
        return shapes.write_key_warning(self.key.text()) if self.key.text() else None

    def _host_problem(self) -> str | None:
        text = shapes.tidy_address(self.host.text())
        return shapes.address_problem(text) if text else self.tr("Enter the address of the host.")

    def _make_fields(self) -> None:
        look = self.tools.look
        self._key_field = self._add_field(
            Field(
                look,
                self.tr("&Write key"),
                self.key,
                problem=self._key_problem,
                warning=self._key_warning,
            ),
            KEY,
        )
        self._region_field = self._add_field(
            Field(look, self.tr("&Region of the workspace"), self.region), "segment.region"
        )
        self._host_field = self._add_field(
            Field(
                look,
                self.tr("&Address of the host"),
                self.host,
                help_text=self.tr("A server that speaks Segment's tracking API."),
                problem=self._host_problem,
            ),
            "segment.host",
        )
        self._profile_field = self._add_field(
            Field(
                look,
                self.tr("What is this source &for?"),
                self.profile,
                help_text=self.tr(
                    "Shown in the window's title. Test events reach a production source on another "
                    "computer only after you typed yes."
                ),
            ),
            "app.profile",
        )
        self._alias_field = self._add_field(
            Field(
                look,
                self.tr("A&lias"),
                self.alias,
                help_text=self.tr(
                    "A short name that becomes part of every messageId. Two sources must not "
                    "share one. Change it only when you change the source."
                ),
                problem=lambda: shapes.alias_problem(self.alias.text().strip()),
            ),
            "segment.alias",
        )

    def _arrange(self) -> None:
        look = self.tools.look
        where = self.tr("You find it in Segment: {sources}, your source, Settings, API Keys.")
        link = self.tr("Connections, Sources")
        more = self.tr("More about it")
        text = where.format(sources=f'<a href="{SOURCES}">{link}</a>')
        text += f' <a href="{EXPLAINED}">{more}</a>'
        first = Card(look)
        for widget in (self._key_field, LinkText(text), self.vault):
            first.body.addWidget(widget)
        first.body.addSpacing(8)
        first.body.addWidget(self._region_field)
        first.body.addWidget(self._host_field)
        first.body.addSpacing(8)
        first.body.addWidget(self.row)
        second = Card(look)
        second.body.addWidget(self._profile_field)
        second.body.addSpacing(8)
        second.body.addWidget(self._alias_field)
        self._column.addWidget(first)
        self._column.addWidget(second)
        self._column.addStretch(1)

    def _connect(self) -> None:
        self.key.changed.connect(self._on_key)
        self.region.changed.connect(self._on_region)
        self.host.textChanged.connect(self._on_checkable)
        self.alias.textChanged.connect(self._on_edited)
        self.profile.changed.connect(self._on_edited)
        self.row.wanted.connect(self.check)
        self.vault.keep.toggled.connect(self._on_edited)
        self.vault.look_again.connect(self.kept_wanted)

    def _on_key(self, text: str) -> None:
        pasted = len(text) - self._length >= PASTED
        self._length = len(text)
        self._on_checkable()
        if pasted and not self._loading:
            self._key_field.complain()
            self._check_unasked()

    def _on_region(self, value: str) -> None:
        self._host_field.setVisible(value == OWN)
        self._on_checkable()
        if not self._loading:
            self._check_unasked()

    def _check_unasked(self) -> None:
        """A wrong key is answered 200 later on: now is the time when somebody is told."""
        if self.key.text() and not self._key_warning() and self.region.value() != OWN:
            self.check()

    def _on_checkable(self) -> None:
        """What a check found no longer holds."""
        if not self._loading:
            self.row.clear()
        self._on_edited()
