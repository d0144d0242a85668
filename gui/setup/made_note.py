"""Says of a password that no keyring keeps where it comes from, and lets it be copied or made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.widgets.buttons import make_button
from gui.widgets.copy import CopyButton
from gui.widgets.labels import Text
from gui.widgets.secret_clip import SecretClip
from gui.widgets.toolbar import ButtonRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from gui.setup.card import Tools


class MadeNote(QWidget):
    """Below a password that ends with the app: a sentence, Copy, and Make a new one.

    Args:
        tools: Session and look.
        secret: Says the password as it stands.

    Signals:
        make_wanted: A new password is to be made.
    """

    make_wanted = Signal()

    def __init__(
        self, tools: Tools, secret: Callable[[], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._secret = secret
        clip = SecretClip(parent=tools.session)  # outlives this note, for the minute it needs
        self.destroyed.connect(clip.retire)
        self.said = Text("", "muted")
        self.copy = CopyButton(tools.look, secret, self.tr("Copy the password"), put=clip.put)
        self.make = make_button(tools.look, self.tr("&Make a new one"), icon="mend")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.said)
        column.addWidget(ButtonRow((self.copy, self.make)))
        self.make.clicked.connect(self.make_wanted)
        self.hide()

    def refresh(self, *, wanted: bool) -> None:
        """Say what is so now; nothing where a keyring keeps the password."""
        self.setVisible(wanted)
        there = bool(self._secret())
        self.copy.setVisible(there)
        self.make.setVisible(not there)
        self.said.setText(
            self.tr(
                "No keyring keeps it: enter it here again at the next start. Copy it to a safe "
                "place now, or make a new one then and enter that in Gladly, too."
            )
            if there
            else self.tr(
                "Enter the one that the webhook in Gladly has. If nobody knows it any more, make a "
                "new one and enter that in Gladly, too."
            )
        )
