"""The card of where things are: files, secrets, and what the environment decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from core.credentials import KEYRING, MEMORY, NAMES
from core.settings import FILE_NAME
from gui.setup.card import SetupCard, Tools
from gui.setup.places import keyring_name
from gui.widgets.buttons import make_button
from gui.widgets.card import Card
from gui.widgets.copy import CopyButton
from gui.widgets.elided import ElidedLabel
from gui.widgets.labels import Text
from gui.widgets.toolbar import ButtonRow

if TYPE_CHECKING:
    from pathlib import Path

    from gui.setup.draft import Draft, Kept


class AdvancedCard(SetupCard):
    """Nothing to change, everything to find.

    Signals:
        wizard_wanted: The set-up wizard is to be opened again.
    """

    wizard_wanted = Signal()
    name: ClassVar[str] = "advanced"

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(tools, parent)
        look = tools.look
        self.again = make_button(look, self.tr("Open the set-up &wizard"), icon="mend")
        self.again.clicked.connect(self.wizard_wanted)
        self.folder = make_button(look, self.tr("&Open the folder"), icon="folder")
        self.folder.clicked.connect(self._on_open)
        self._secrets = Text()
        self._fixed = Text()
        files = Card(look, self.tr("Files"), self.tr("Everything lies in one folder."))
        files.body.addLayout(self._make_files())
        files.body.addSpacing(4)
        files.body.addWidget(ButtonRow((self.folder, self.again)))
        kept = Card(look, self.tr("Secrets"), self.tr("Where each one is. None is in a file."))
        kept.body.addWidget(self._secrets)
        fixed = Card(
            look,
            self.tr("Set by the environment"),
            self.tr("Environment variables win over this window. They cannot be changed here."),
        )
        fixed.body.addWidget(self._fixed)
        for card in (files, kept, fixed):
            self._column.addWidget(card)
        self._column.addStretch(1)

    def heading(self) -> str:
        """What the page is called."""
        return self.tr("Advanced")

    def first(self) -> QWidget | None:
        """The folder."""
        return self.folder

    def show_kept(self, kept: Kept) -> None:
        """Say where each secret is."""
        super().show_kept(kept)
        where = {KEYRING: keyring_name(), MEMORY: self.tr("used until you close the app")}
        lines = [
            self.tr("{secret}: {place}").format(
                secret=_capital(NAMES[name]), place=where.get(place, place)
            )
            for name, place in kept.places.items()
        ]
        lines.extend(kept.broken.values())
        if kept.problem:
            lines.append(kept.problem)
        self._secrets.setText("\n".join(lines) or self.tr("There are none yet."))

    def _fill(self, draft: Draft) -> None:
        del draft
        origin = self.tools.session.origin
        fixed = {key: where for key, where in origin.items() if where not in {"default", FILE_NAME}}
        lines = [f"{key}: {variable}" for key, variable in fixed.items()]
        self._fixed.setText("\n".join(lines) or self.tr("Nothing."))

    def _make_files(self) -> QGridLayout:
        home = self.tools.session.home
        files: tuple[tuple[str, Path], ...] = (
            (self.tr("Folder"), home.path),
            (self.tr("Settings"), home.settings_file),
            (self.tr("Store"), home.store_file),
            (self.tr("Log"), home.log_folder),
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, (name, path) in enumerate(files):
            shown = ElidedLabel(str(path))
            shown.setFont(self.tools.look.mono())
            copy = CopyButton(self.tools.look, lambda path=path: str(path))  # type: ignore[misc]
            copy.setAccessibleName(self.tr("Copy: {name}").format(name=name))
            grid.addWidget(QLabel(name), row, 0)
            grid.addWidget(shown, row, 1)
            grid.addWidget(copy, row, 2)
        return grid

    def _on_open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.tools.session.home.path)))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
