"""The card of Gladly's REST API: address, agent e-mail, API token; it may be skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.setup import shapes
from gui.setup.card import SetupCard, Tools
from gui.setup.check_row import CheckRow
from gui.setup.field import Field, LinkText
from gui.setup.vault_note import VaultNote
from gui.widgets.card import Card
from gui.widgets.notice import Notice
from gui.widgets.secret_field import SecretField

if TYPE_CHECKING:
    from gui.setup.draft import Draft, Kept

TOKEN = "gladly-token"  # noqa: S105 - a name
#: so many letters at once are a paste
PASTED = 8
EXPLAINED = "https://connect.gladly.com/docs/help/article/generate-api-tokens-and-create-webhooks"


class GladlyCard(SetupCard):
    """Where Gladly is and how we are admitted; the check names the organisation."""

    name: ClassVar[str] = "gladly"
    secrets: ClassVar[tuple[str, ...]] = (TOKEN,)

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(tools, parent)
        self._length = 0
        self.address = QLineEdit()
        self.address.setPlaceholderText("https://acme.gladly.com")
        self.email = QLineEdit()
        self.email.setPlaceholderText("integrations@example.com")
        self.token = SecretField(tools.look)
        self.vault = VaultNote(tools.look, TOKEN)
        self.row = CheckRow(tools.session, tools.look, self.tr("&Check the API token"))
        self.missing = Notice(tools.look)
        self._make_fields()
        self._arrange()
        self._connect()

    def heading(self) -> str:
        """What the page is called."""
        return self.tr("Gladly")

    def intro(self) -> str:
        """What it is about."""
        return self.tr(
            "Gladly's webhooks hold ids only. With an API token, names, e-mail, phone and topics "
            "are looked up."
        )

    @property
    def empty(self) -> bool:
        """Whether nothing is entered: the card is skipped."""
        return not (self.address.text().strip() or self.email.text().strip() or self.token.text())

    def apply(self, draft: Draft) -> Draft:
        """The draft with what is entered here."""
        draft = draft.with_section(
            "gladly",
            url=shapes.tidy_gladly(self.address.text()) or None,
            agent_email=self.email.text().strip() or None,
        )
        for_now = draft.for_now or self.vault.keep.isChecked()
        return msgspec.structs.replace(draft.with_secret(TOKEN, self.token.text()), for_now=for_now)

    @staticmethod
    def skipped(draft: Draft) -> bool:
        """Whether there is no API token."""
        return draft.settings.gladly.url is None

    def check(self) -> None:
        """Ask Gladly who we are; nothing is sent while a field is wrong."""
        if not self.ready(self._address_field, self._email_field, self._token_field):
            self.row.clear()
            return
        draft = self.apply(self.draft)
        self.row.run(lambda: self.tools.checks.gladly(draft))

    def action(self) -> str:
        """Skipping is said aloud."""
        return self.tr("Skip for &now") if self.empty else ""

    def deactivate(self) -> None:
        """Hide the token again."""
        self.token.conceal()

    def show_kept(self, kept: Kept) -> None:
        """Say where the token is, or would be, kept."""
        super().show_kept(kept)
        self.token.set_placeholder(
            self._placeholder(
                kept,
                TOKEN,
                empty=self.tr("Paste the API token here"),
                there=self.tr("An API token is kept. Paste another one to replace it."),
            )
        )
        self.vault.show_kept(kept)

    def _fill(self, draft: Draft) -> None:
        typed = draft.secrets.get(TOKEN)
        self.address.setText(draft.settings.gladly.url or "")
        self.email.setText(draft.settings.gladly.agent_email or "")
        self.token.set_text(typed.reveal() if typed else "")
        self.vault.keep.setChecked(draft.for_now)
        self.row.clear()
        self._say_missing()

    def _address_problem(self) -> str | None:
        text = shapes.tidy_gladly(self.address.text())
        if text:
            return shapes.address_problem(text)
        return None if self.empty else self.tr("Enter the address, or leave all three empty.")

    def _email_problem(self) -> str | None:
        text = self.email.text().strip()
        if text:
            return shapes.email_problem(text)
        return None if self.empty else self.tr("Enter the agent e-mail, or leave all three empty.")

    def _token_problem(self) -> str | None:
        kept = self.draft.kept
        if TOKEN in kept.broken and not self.empty:
            return kept.broken[TOKEN]
        if self.token.text():
            if kept.problem and not self.vault.keep.isChecked():
                return self.tr("There is no keyring to keep it in: choose one of the ways below.")
            return None
        if self.empty or TOKEN in kept.places:
            return None
        return self.tr("Paste the API token, or leave all three empty.")

    def _make_fields(self) -> None:
        look = self.tools.look
        self._address_field = self._add_field(
            Field(
                look,
                self.tr("&Address"),
                self.address,
                help_text=self.tr("The page where you log in to Gladly. Its first word is enough."),
                problem=self._address_problem,
            ),
            "gladly.url",
        )
        self._email_field = self._add_field(
            Field(
                look,
                self.tr("Agent &e-mail"),
                self.email,
                help_text=self.tr("Of the user in Gladly who made the API token."),
                problem=self._email_problem,
            ),
            "gladly.agent_email",
        )
        self._token_field = self._add_field(
            Field(look, self.tr("API &token"), self.token, problem=self._token_problem), TOKEN
        )

    def _arrange(self) -> None:
        link = self.tr("More about it")
        text = self.tr(
            "You make it in Gladly: More settings, API Tokens, Create Token. The user needs the "
            "permission API User."
        )
        first = Card(self.tools.look)
        for widget in (
            self._address_field,
            self._email_field,
            self._token_field,
            LinkText(f'{text} <a href="{EXPLAINED}">{link}</a>'),
            self.vault,
        ):
            first.body.addWidget(widget)
        first.body.addSpacing(8)
        first.body.addWidget(self.row)
        self._column.addWidget(first)
        self._column.addWidget(self.missing)
        self._column.addStretch(1)

    def _connect(self) -> None:
        for edit in (self.address, self.email):
            edit.textChanged.connect(self._on_entered)
        self.token.changed.connect(self._on_token)
        self.vault.keep.toggled.connect(self._on_edited)
        self.vault.look_again.connect(self.kept_wanted)
        self.row.wanted.connect(self.check)
        self._address_field.left.connect(self._on_address_left)

    def _on_entered(self) -> None:
        if self._loading:
            return
        self.row.clear()
        self._say_missing()
        self._on_edited()
        self.action_changed.emit()

    def _on_token(self, text: str) -> None:
        pasted = len(text) - self._length >= PASTED
        self._length = len(text)
        self._on_entered()
        if pasted and not self._loading and self.problem() is None:
            self.check()  # the last of the three, most often

    def _on_address_left(self) -> None:
        """Show the address as it will be used."""
        text = shapes.tidy_gladly(self.address.text())
        if text and text != self.address.text():
            self.address.setText(text)

    def _say_missing(self) -> None:
        if self.empty:
            self.missing.show_message(
                "idle",
                self.tr("Without this, events carry ids only."),
                self.tr(
                    "Customer name, e-mail, phone, agent name and topics are then missing in "
                    "Segment. You can add it at any time under Settings."
                ),
            )
        else:
            self.missing.clear()
