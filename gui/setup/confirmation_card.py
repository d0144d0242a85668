"""The card of confirmation: events that come back from Segment, and Segment's Public API."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, ClassVar

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from gui.setup.card import SetupCard, Tools
from gui.setup.check_row import CheckRow
from gui.setup.echo_help import echo_url, steps
from gui.setup.field import Field
from gui.setup.public_part import CommandLine
from gui.setup.vault_note import VaultNote
from gui.widgets.card import Card
from gui.widgets.copy import CopyButton
from gui.widgets.labels import Text
from gui.widgets.pill import RISE, StatusLabel
from gui.widgets.secret_field import SecretField
from gui.words import state_word

if TYPE_CHECKING:
    from gui.setup.draft import Draft, Kept

ECHO, TOKEN = "echo-secret", "public-api-token"
COMPONENT = "echo"
LETTERS = 24


class ConfirmationCard(SetupCard):
    """Echo with guided set-up, its shared secret made and copied; and the optional token."""

    name: ClassVar[str] = "confirm"

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(tools, parent)
        look = tools.look
        self._kept_values: dict[str, str] = {}
        self.echo = QCheckBox(self.tr("Confirm each event when it comes &back from Segment"))
        self.url = CommandLine(tools)
        self.secret = SecretField(look)
        self.copy = CopyButton(look, self.secret.text)
        self.copy.setAccessibleName(self.tr("Copy: {name}").format(name=self.tr("Shared secret")))
        self.vault = VaultNote(look, ECHO)
        self.light = StatusLabel(look)
        self.said = Text()
        self.missing = Text(tone="muted")
        self.public_api = QCheckBox(self.tr("&Ask Segment's Public API"))
        self.token = SecretField(look)
        self.row = CheckRow(tools.session, look, self.tr("Check write &key and source"))
        self._make_fields()
        self._arrange()
        self._connect()

    def heading(self) -> str:
        """What the page is called."""
        return self.tr("Confirmation")

    def intro(self) -> str:
        """What it is about."""
        return self.tr(
            "Segment answers 200 to nearly everything. These two prove that your events got "
            "through."
        )

    def apply(self, draft: Draft) -> Draft:
        """The draft with what is entered here."""
        draft = draft.with_section(
            "confirm", echo=self.echo.isChecked(), public_api=self.public_api.isChecked()
        )
        for name, control, on in self._secrets():
            typed = control.text() if on else ""
            draft = draft.with_secret(name, "" if typed == self._kept_values.get(name) else typed)
        for_now = draft.for_now or self.vault.keep.isChecked()
        return msgspec.structs.replace(draft, for_now=for_now)

    def show_kept(self, kept: Kept) -> None:
        """Say where the secrets are kept; the shared one is shown, so that it can be copied."""
        super().show_kept(kept)
        self.vault.show_kept(kept)
        self._make_secret()
        self.token.set_placeholder(
            self.tr("A token is kept. Paste another one to replace it.")
            if TOKEN in kept.places
            else self.tr("Paste the token here")
        )
        if kept.known and ECHO in kept.places:
            self.tools.session.ask(
                lambda: self.tools.checks.reveal((ECHO,)), owner=self, then=self._on_revealed
            )

    def check(self) -> None:
        """Ask the Public API whose the write key is."""
        if not self.ready(self._token_field):
            self.row.clear()
            return
        draft = self.apply(self.draft)
        self.row.run(lambda: self.tools.checks.public_api(draft))

    def deactivate(self) -> None:
        """Hide the secrets again."""
        self.secret.conceal()
        self.token.conceal()

    def _secrets(self) -> tuple[tuple[str, SecretField, bool], ...]:
        return (
            (ECHO, self.secret, self.echo.isChecked()),
            (TOKEN, self.token, self.public_api.isChecked()),
        )

    def _fill(self, draft: Draft) -> None:
        self.echo.setChecked(draft.settings.confirm.echo)
        self.public_api.setChecked(draft.settings.confirm.public_api)
        self.vault.keep.setChecked(draft.for_now)
        for name, control, _ in self._secrets():
            typed = draft.secrets.get(name)
            control.set_text(typed.reveal() if typed else self._kept_values.get(name, ""))
        self.row.clear()
        self._show_parts()

    def _make_secret(self) -> None:
        """Make a shared secret where there is none; while nobody can look, one may be there."""
        kept = self.draft.kept
        there = ECHO in kept.places or ECHO in kept.broken or bool(kept.problem)
        if self.echo.isChecked() and kept.known and not there and not self.secret.text():
            self.secret.set_text(secrets.token_urlsafe(LETTERS))

    def _on_revealed(self, values: dict[str, str]) -> None:
        before, self._kept_values = self._kept_values, values
        if ECHO in values and self.secret.text() in {"", before.get(ECHO)}:
            self.secret.set_text(values[ECHO])
        self.changed.emit()  # what equals the kept one is not typed any more

    def _problem(self, name: str, control: SecretField, missing: str) -> str | None:
        kept = self.draft.kept
        if name in kept.broken:
            return kept.broken[name]
        if not control.text():
            return None if name in kept.places or not kept.known else missing
        unkept = name not in kept.places and bool(kept.problem)
        if unkept and not self.vault.keep.isChecked():
            return self.tr("There is no keyring to keep it in: choose one of the ways below.")
        return None

    def _secret_problem(self) -> str | None:
        if not self.echo.isChecked():
            return None
        return self._problem(ECHO, self.secret, self.tr("Enter a long secret."))

    def _token_problem(self) -> str | None:
        if not self.public_api.isChecked():
            return None
        return self._problem(TOKEN, self.token, self.tr("Paste the token."))

    def _make_fields(self) -> None:
        look = self.tools.look
        self._echo_field = self._add_field(Field(look, "", self.echo), "confirm.echo")
        self._secret_field = self._add_field(
            Field(
                look,
                self.tr("Share&d secret"),
                self.secret,
                help_text=self.tr("Made for you. Segment signs every echo with it."),
                problem=self._secret_problem,
            ),
            ECHO,
        )
        self._api_field = self._add_field(Field(look, "", self.public_api), "confirm.public_api")
        self._token_field = self._add_field(
            Field(
                look,
                self.tr("&Token"),
                self.token,
                help_text=self.tr(
                    "In Segment: Settings, Workspace settings, Access Management, Tokens. The "
                    "role Source Admin lets it see write keys."
                ),
                problem=self._token_problem,
            ),
            TOKEN,
        )

    def _arrange(self) -> None:
        look = self.tools.look
        first = Card(look, self.tr("Echo"))
        first.body.addWidget(self._echo_field)
        guide = Card(look, self.tr("In Segment, once"))
        for number, text in enumerate(steps(), 1):
            guide.body.addWidget(Text(f"{number}. {text}"))
        guide.body.addSpacing(4)
        for widget in (self.missing, self.url, self._with_copy(), self.vault):
            guide.body.addWidget(widget)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.light, 0, Qt.AlignmentFlag.AlignTop)
        self.said.setContentsMargins(0, RISE, 0, 0)
        line.addWidget(self.said, 1)
        guide.body.addLayout(line)
        self._guide = guide
        api = Card(
            look,
            self.tr("Public API (optional)"),
            self.tr(
                "With a token of your own (Team or Business plan) the checks name the source of "
                "your write key, warn of the official Gladly source beside it, and compare counts "
                "by event and hour."
            ),
        )
        api.body.addWidget(self._api_field)
        api.body.addWidget(self._token_field)
        api.body.addWidget(self.row)
        for card in (first, guide, api):
            self._column.addWidget(card)
        self._column.addStretch(1)

    def _with_copy(self) -> QWidget:
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._secret_field, 1)
        row.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignVCenter)
        return whole

    def _connect(self) -> None:
        self.echo.toggled.connect(self._on_part)
        self.public_api.toggled.connect(self._on_part)
        self.secret.changed.connect(self._on_edited)
        self.token.changed.connect(self._on_token)
        self.vault.keep.toggled.connect(self._on_edited)
        self.vault.look_again.connect(self.kept_wanted)
        self.row.wanted.connect(self.check)
        self.tools.session.health_changed.connect(self._show_state)
        self.tools.session.phase_changed.connect(self._show_state)

    def _on_part(self) -> None:
        self._make_secret()
        self._show_parts()
        self._on_edited()

    def _on_token(self) -> None:
        if not self._loading:
            self.row.clear()
        self._on_edited()

    def _show_parts(self) -> None:
        on, asked = self.echo.isChecked(), self.public_api.isChecked()
        url = echo_url(self.draft.settings.listener)
        self._guide.setVisible(on)
        self.url.show_command(self.tr("URL"), url)
        self.url.setVisible(bool(url))
        self.missing.setText(
            self.tr("The URL is missing: enter a public URL under “How events arrive” first.")
        )
        self.missing.setVisible(not url)
        self._token_field.setVisible(asked)
        self.row.setVisible(asked)
        self._show_state()

    def _show_state(self) -> None:
        """Whether anything has come back."""
        states = self.tools.session.states
        state = next((one for one in states if one.name == COMPONENT), None)
        self.light.setVisible(state is not None)
        self.light.set_word(None if state is None else state_word(state))
        later = self.tr("Save, then wait for the next event: it says here when it comes back.")
        self.said.setText(later if state is None else state.sentence)
