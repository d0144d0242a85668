"""Says where secrets are kept, and shows the ways on where this computer has no keyring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.credentials import variable_of
from gui.setup.places import keyring_name
from gui.widgets.busy import BusyLabel
from gui.widgets.copy import CopyButton
from gui.widgets.flow import FlowLayout
from gui.widgets.labels import IconLabel, Text
from gui.widgets.notice import Notice

if TYPE_CHECKING:
    from gui.look import Look
    from gui.setup.draft import Kept


class VaultNote(QWidget):
    """Where a secret rests.

    Args:
        look: Icons and fonts.
        name: The secret.

    Attributes:
        keep: Ticked: use it until the app is closed, and keep it nowhere.

    Signals:
        look_again: The keyring may be there now.
    """

    look_again = Signal()

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._busy = BusyLabel(look)
        self._where = QWidget()
        row = QHBoxLayout(self._where)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(IconLabel(look, "lock", "muted"))
        self._where_text = Text(tone="muted")
        row.addWidget(self._where_text, 1)
        self.notice = Notice(look)
        self.notice.activated.connect(self.look_again)
        self.keep = QCheckBox(
            self.tr("Use &it until I close the app, and ask me again at the next start")
        )
        self._ways = self._make_ways(look)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._busy, self._where, self.notice, self._ways):
            column.addWidget(widget)

    def show_kept(self, kept: Kept) -> None:
        """Say what is known of the keyring."""
        fixed = kept.fixed(self._name) is not None
        missing = kept.known and bool(kept.problem) and not fixed
        self._where.setVisible(kept.known and not missing and not fixed)
        self._where_text.setText(self._words(kept))
        self._ways.setVisible(missing)
        if kept.known:
            self._busy.stop()
        else:
            self._busy.start(self.tr("Looking into the keyring of this computer…"))
        if missing:
            self.notice.show_message(
                "warn",
                kept.problem,
                self.tr("Unlock it if you can. If there is none, one of these two ways works."),
                self.tr("Look again"),
            )
        else:
            self.notice.clear()

    def _words(self, kept: Kept) -> str:
        if kept.for_now:
            return self.tr("Used until you close the app, and kept nowhere.")
        return self.tr("Kept in {keyring}, never in a file.").format(keyring=keyring_name())

    def _make_ways(self, look: Look) -> QWidget:
        ways = QWidget()
        column = QVBoxLayout(ways)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.keep)
        name = variable_of(self._name)
        column.addWidget(
            Text(
                self.tr(
                    "Or set one of these environment variables, then start the app again. The "
                    "first holds the secret itself, the second the path of a file that holds it."
                ),
                "muted",
            )
        )
        for text in (name, name + "_FILE"):
            line = QWidget()
            flow = FlowLayout(line)
            shown = QLabel(text)
            shown.setFont(look.mono())
            flow.addWidget(shown)
            button = CopyButton(look, lambda text=text: text)  # type: ignore[misc]
            button.setAccessibleName(self.tr("Copy {name}").format(name=text))
            flow.addWidget(button)
            column.addWidget(line)
        return ways
