"""The second part of "How events arrive": a public URL that leads to the listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.settings import Listener
from gui.setup import shapes
from gui.setup.check_row import CheckRow
from gui.setup.choice import Choice, Option
from gui.setup.field import Field
from gui.setup.webhook_help import Tunnel, tunnels
from gui.widgets.copy import CopyButton
from gui.widgets.labels import Text

if TYPE_CHECKING:
    from gui.setup.card import Tools
    from gui.setup.draft import Draft


class CommandLine(QWidget):
    """One command in a frame, with a button that copies it.

    Args:
        tools: Look.
    """

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit()
        self.line.setReadOnly(True)
        self.line.setFont(tools.look.mono())
        self.copy = CopyButton(tools.look, self.line.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.copy)
        self.setFocusProxy(self.line)

    def show_command(self, name: str, command: str) -> None:
        """Show this command."""
        self.line.setText(command)
        self.line.setCursorPosition(0)
        self.line.setToolTip(command)
        self.line.setAccessibleName(name)
        self.copy.setAccessibleName(self.tr("Copy: {name}").format(name=name))


class PublicPart(QWidget):
    """Ways to a public URL, the URL itself, and whether it leads here.

    Args:
        tools: Session, look, checks.

    Signals:
        changed: Something else is entered now.
        check_wanted: Look whether the public URL leads here.
    """

    changed = Signal()
    check_wanted = Signal()

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._listener = Listener()
        self._tunnels: dict[str, Tunnel] = {}
        first = tunnels("http://127.0.0.1:8377", self._listener)
        self.way = Choice(*(Option(one.key, one.name) for one in first))
        self.command = CommandLine(tools)
        self._about = Text(tone="muted")
        self.url = QLineEdit()
        self.url.setPlaceholderText("https://gladly.example.com")
        self.row = CheckRow(tools.session, tools.look, self.tr("&Check the public URL"))
        self.rearm = QCheckBox(
            self.tr("Switch the webhook on again by itself after Gladly has switched it off")
        )
        self.fields = {
            "": Field(tools.look, self.tr("How to get &one"), self.way),
            "listener.public_url": Field(
                tools.look,
                self.tr("Public UR&L"),
                self.url,
                help_text=self.tr("The address that the tunnel or proxy has on the internet."),
                problem=self._problem,
                warning=lambda: shapes.local_warning(self._text()),
            ),
            "listener.rearm": Field(
                tools.look,
                "",
                self.rearm,
                help_text=self.tr(
                    "Gladly does so when its calls have failed for 95 minutes. It is switched on "
                    "once the public URL leads here again; what was missed is read from Gladly."
                ),
            ),
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (
            self.fields[""],
            self.command,
            self._about,
            self.fields["listener.public_url"],
            self.row,
            self.fields["listener.rearm"],
        ):
            column.addWidget(widget)
        self.way.changed.connect(self._on_way)
        self.url.textChanged.connect(self._on_url)
        self.url.editingFinished.connect(self._on_finished)
        self.rearm.toggled.connect(self.changed)
        self.row.wanted.connect(self.check_wanted)

    def fill(self, draft: Draft) -> None:
        """Show the draft."""
        self._listener = draft.settings.listener
        self.url.setText(self._listener.public_url or "")
        self.rearm.setChecked(self._listener.rearm)
        self.row.clear()

    def lead_to(self, local: str, listener: Listener) -> None:
        """Show the commands for a listener at this local address."""
        self._listener = listener
        self._tunnels = {one.key: one for one in tunnels(local, listener)}
        self._on_way()

    def apply(self, draft: Draft) -> Draft:
        """The draft with what is entered here."""
        return draft.with_section(
            "listener", public_url=self._text() or None, rearm=self.rearm.isChecked()
        )

    def _text(self) -> str:
        return shapes.tidy_public(self.url.text(), self._listener.path)

    def _problem(self) -> str | None:
        text = self._text()
        return shapes.address_problem(text) if text else None

    def _on_way(self) -> None:
        way = self._tunnels.get(self.way.value())
        if way is not None:
            self.command.show_command(way.name, way.command)
            self._about.setText(way.text)

    def _on_url(self) -> None:
        self.row.clear()
        self.changed.emit()

    def _on_finished(self) -> None:
        """Show the address as it will be used."""
        if self._text() != self.url.text():
            self.url.setText(self._text())
