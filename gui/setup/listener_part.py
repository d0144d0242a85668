"""The first part of "How events arrive": the listener's port and credentials."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.settings_rules import RESERVED_PATHS, is_loopback
from gui.setup.check_row import CheckRow
from gui.setup.choice import Choice, Option
from gui.setup.draft import Kept
from gui.setup.field import Field
from gui.setup.made_note import MadeNote
from gui.setup.vault_note import VaultNote
from gui.widgets.buttons import make_button
from gui.widgets.fields import dress_spin
from gui.widgets.secret_field import SecretField

if TYPE_CHECKING:
    from core.doctor.outcome import Outcome
    from gui.setup.card import Tools
    from gui.setup.draft import Draft

PASSWORD, TOKEN = "webhook-password", "webhook-token"
LAST_PORT = 65_535
LETTERS = 18
#: after the last change of the port
SOON_MS = 300


class ListenerPart(QWidget):
    """Port, user and password; with `full`, also what hardly anybody changes.

    Args:
        tools: Session, look, checks.
        full: Show everything; the wizard leaves the rarely changed away.

    Signals:
        changed: Something else is entered now.
        add_field: A field and the setting it stands for.
    """

    changed = Signal()

    def __init__(self, tools: Tools, *, full: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tools = tools
        self._full = full
        self._kept_values: dict[str, str] = {}
        self._made: dict[str, str] = {}
        self._draft: Draft | None = None
        self.enabled = QCheckBox(self.tr("&Receive events by webhook"))
        self.port = QSpinBox()
        self.port.setRange(0, LAST_PORT)
        self.port.setGroupSeparatorShown(False)
        self.port.setSpecialValueText(self.tr("Any free port"))
        self.port.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        dress_spin(self.port)
        self.host = QLineEdit()
        self.path = QLineEdit()
        self.auth = Choice(
            Option("basic", self.tr("User and password")),
            Option("header", self.tr("A header with a token")),
            Option("both", self.tr("Either of them")),
            Option("none", self.tr("Nothing (this computer only)")),
        )
        self.user = QLineEdit()
        self.password = SecretField(tools.look)
        self.header = QLineEdit()
        self.token = SecretField(tools.look)
        self.vault = VaultNote(tools.look, PASSWORD)
        self.made = MadeNote(tools, self._made_text)
        self.row = CheckRow(tools.session, tools.look, "")
        self.row.button.hide()  # the port is looked at without being asked
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self.take = make_button(tools.look, "", icon="mend")
        self.take.hide()
        self._free = 0
        self.fields = self._make_fields()
        self._arrange()
        self._connect()

    def fill(self, draft: Draft) -> None:
        """Show the draft."""
        self._draft = draft
        listener = draft.settings.listener
        self.enabled.setChecked(listener.enabled)
        self.port.setValue(listener.port)
        self.host.setText(listener.host)
        self.path.setText(listener.path)
        self.auth.set_value(listener.auth)
        self.user.setText(listener.username)
        self.header.setText(listener.header)
        self.vault.keep.setChecked(draft.for_now)
        for name, control in self._secrets():
            typed = draft.secrets.get(name)
            control.set_text(typed.reveal() if typed else self._kept_values.get(name, ""))
        self.row.clear()
        self._show_fields()
        self._show_made()

    def apply(self, draft: Draft) -> Draft:
        """The draft with what is entered here."""
        values: dict[str, Any] = {
            "enabled": self.enabled.isChecked(),
            "port": self.port.value(),
            "host": self.host.text().strip(),
            "path": self.path.text().strip(),
            "auth": self.auth.value(),
            "username": self.user.text().strip(),
            "header": self.header.text().strip(),
        }
        draft = draft.with_section("listener", **values)
        for name, control in self._secrets():
            text = control.text()
            known = self._kept_values.get(name)
            wanted = name in self._wanted() and text != known
            draft = draft.with_secret(name, text if wanted else "")
        return draft

    def show_kept(self, kept: Kept) -> None:
        """Say where the password is kept; make one where there is none yet."""
        if self._draft is not None:
            self._draft = msgspec.structs.replace(self._draft, kept=kept)
        self.vault.show_kept(kept)
        if not kept.known:
            return
        if self._may_make(kept):
            self._make(kept)
        self._show_made()
        self._tools.session.ask(
            lambda: self._tools.checks.reveal((PASSWORD, TOKEN)),
            owner=self,
            then=self._on_revealed,
        )

    def secret(self, name: str) -> str:
        """What is entered or kept under this name."""
        return dict(self._secrets())[name].text()

    def hide_secrets(self) -> None:
        """Hide the secrets again."""
        for _, control in self._secrets():
            control.conceal()

    def _secrets(self) -> tuple[tuple[str, SecretField], tuple[str, SecretField]]:
        return ((PASSWORD, self.password), (TOKEN, self.token))

    def _wanted(self) -> tuple[str, ...]:
        groups = {"basic": (PASSWORD,), "header": (TOKEN,), "both": (PASSWORD, TOKEN), "none": ()}
        return groups[self.auth.value()]

    def _may_make(self, kept: Kept) -> bool:
        """Not what Gladly's webhook may know already: the one in a keyring that cannot be read."""
        if not kept.problem:
            return True
        return self.vault.keep.isChecked() and not self._tools.session.has_store

    def _make(self, kept: Kept) -> None:
        for name, control in self._secrets():
            there = name in kept.places or name in kept.broken
            if name in self._wanted() and not there and not control.text():
                self._made[name] = secrets.token_urlsafe(LETTERS)
                control.set_text(self._made[name])

    @Slot()
    def _on_make(self) -> None:
        if self._draft is not None:
            self._make(self._draft.kept)

    @Slot()
    def _on_keep(self) -> None:
        """The way is chosen: now there is a use for a password."""
        kept = self._draft.kept if self._draft is not None else None
        if kept is not None and kept.known and kept.problem and self._may_make(kept):
            self._make(kept)
        self._show_made()
        self.changed.emit()

    def _first(self) -> str:
        return next(iter(self._wanted()), PASSWORD)

    def _made_text(self) -> str:
        return self.secret(self._first())

    @Slot()
    def _show_made(self) -> None:
        """What is true of the password now: made here, or to be entered again at each start."""
        kept = self._draft.kept if self._draft is not None else Kept()
        ends = (bool(kept.problem) and self.vault.keep.isChecked()) or kept.for_now
        fixed = kept.fixed(self._first()) is not None and not kept.for_now
        on = bool(self._wanted()) and self.enabled.isChecked()
        self.made.refresh(wanted=on and ends and not fixed)
        sent = self.tr("Gladly sends it with every event.")
        made = self.tr("Made for you. Gladly sends it with every event.")
        there = bool(self.password.text())
        self.fields[PASSWORD].set_help(made if there and not kept.problem else sent)

    def _on_revealed(self, values: dict[str, str]) -> None:
        before, self._kept_values = self._kept_values, values
        for name, control in self._secrets():
            if name in values and control.text() in {"", before.get(name), self._made.get(name)}:
                control.set_text(values[name])
        self.changed.emit()  # what equals the kept one is not typed any more

    def _secret_problem(self, name: str, control: SecretField) -> str | None:
        kept = self._draft.kept if self._draft is not None else None
        if kept is not None and name in kept.broken:
            return kept.broken[name]
        if not control.text():
            there = kept is not None and (name in kept.places or not kept.known)
            if kept is not None and kept.problem and not there:
                return self.tr(
                    "There is no keyring to look it up in: unlock it, or enter the password here."
                )
            return None if there else self.tr("Enter a long password, or let one be made.")
        unkept = kept is not None and name not in kept.places and bool(kept.problem)
        if unkept and not self.vault.keep.isChecked():
            return self.tr("There is no keyring to keep it in: choose one of the ways below.")
        return None

    def _port_problem(self) -> str | None:
        outcome = self.row.outcome
        if outcome is None or outcome.verdict != "fail":
            return None
        return self.tr("This port cannot be used: see below.")

    def _user_problem(self) -> str | None:
        text = self.user.text().strip()
        if not text or ":" in text:
            return self.tr("Enter a name without a colon.")
        return None

    def _path_problem(self) -> str | None:
        text = self.path.text().strip()
        if not text.startswith("/") or " " in text or text == "/":
            return self.tr("The path begins with a slash and has no blanks.")
        if text in RESERVED_PATHS:
            return self.tr("This path belongs to another answer. Take another one.")
        return None

    def _auth_problem(self) -> str | None:
        if self.auth.value() == "none" and not is_loopback(self.host.text().strip()):
            return self.tr("Without credentials only the address 127.0.0.1 is allowed.")
        return None

    def _make_fields(self) -> dict[str, Field]:
        look = self._tools.look
        return {
            "listener.enabled": Field(look, "", self.enabled),
            "listener.port": Field(
                look,
                self.tr("&Port on this computer"),
                self.port,
                problem=self._port_problem,
            ),
            "listener.host": Field(
                look,
                self.tr("A&ddress it listens on"),
                self.host,
                help_text=self.tr("127.0.0.1 means: reached from this computer only."),
                problem=lambda: None if self.host.text().strip() else self.tr("Enter an address."),
            ),
            "listener.path": Field(
                look, self.tr("Pat&h of the webhook"), self.path, problem=self._path_problem
            ),
            "listener.auth": Field(
                look, self.tr("&Gladly shows"), self.auth, problem=self._auth_problem
            ),
            "listener.username": Field(
                look, self.tr("&User name"), self.user, problem=self._user_problem
            ),
            PASSWORD: Field(
                look,
                self.tr("Pass&word"),
                self.password,
                help_text=self.tr("Gladly sends it with every event."),
                problem=lambda: self._secret_problem(PASSWORD, self.password),
            ),
            "listener.header": Field(look, self.tr("Na&me of the header"), self.header),
            TOKEN: Field(
                look,
                self.tr("&Token in the header"),
                self.token,
                problem=lambda: self._secret_problem(TOKEN, self.token),
            ),
        }

    def _arrange(self) -> None:
        fields = self.fields
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for key in ("listener.enabled", "listener.port"):
            column.addWidget(fields[key])
        self.row.add_beside(self.take)
        column.addWidget(self.row)
        for key in ("listener.host", "listener.path", "listener.auth"):
            column.addWidget(fields[key])
        pair = QHBoxLayout()
        pair.setSpacing(12)
        pair.addWidget(fields["listener.username"], 1)
        pair.addWidget(fields[PASSWORD], 2)
        column.addLayout(pair)
        for key in ("listener.header", TOKEN):
            column.addWidget(fields[key])
        column.addWidget(self.made)
        column.addWidget(self.vault)

    def _connect(self) -> None:
        self.enabled.toggled.connect(self._on_changed)
        self.port.valueChanged.connect(self._on_port)
        self.auth.changed.connect(self._on_changed)
        for edit in (self.host, self.path, self.user, self.header):
            edit.textChanged.connect(self._on_changed)
        for _, control in self._secrets():
            control.changed.connect(self.changed)
            control.changed.connect(self._show_made)
        self.vault.keep.toggled.connect(self._on_keep)
        self.made.make_wanted.connect(self._on_make)
        self._soon.timeout.connect(self.row.wanted)
        self.row.checked.connect(self._on_checked)
        self.take.clicked.connect(self._on_take)

    def _on_port(self) -> None:
        self.row.clear()
        self.changed.emit()
        self._soon.start()

    def _on_changed(self) -> None:
        self._show_fields()
        self._show_made()
        self.changed.emit()

    def _on_checked(self, outcome: Outcome | None) -> None:
        self.port.setAccessibleDescription(outcome.title if outcome is not None else "")
        self._free = int(outcome.detail.get("free", "0")) if outcome is not None else 0
        self.take.setText(self.tr("Ta&ke port {port}").format(port=self._free))
        self.take.setVisible(self._free > 0)

    def _on_take(self) -> None:
        self.port.setValue(self._free)
        self.port.setFocus()

    def _show_fields(self) -> None:
        auth, on = self.auth.value(), self.enabled.isChecked()
        shown = {
            "listener.enabled": False,  # the choice above it says so
            "listener.host": self._full and on,
            "listener.path": self._full and on,
            "listener.auth": (self._full or auth != "basic") and on,
            "listener.port": on,
            "listener.username": auth in {"basic", "both"} and on,
            PASSWORD: auth in {"basic", "both"} and on,
            "listener.header": auth in {"header", "both"} and on,
            TOKEN: auth in {"header", "both"} and on,
        }
        for key, visible in shown.items():
            self.fields[key].setVisible(visible)
        self.row.setVisible(on)
        self.vault.setVisible(on and auth != "none")
