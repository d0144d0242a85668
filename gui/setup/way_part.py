"""The choice of "How events arrive": by webhook, by polling alone, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.setup.choice import Choice, Option
from gui.setup.field import Field
from gui.widgets.labels import Text

if TYPE_CHECKING:
    from gui.look import Look
    from gui.setup.draft import Draft

BOTH, POLL, WEBHOOK = "both", "poll", "webhook"


class WayPart(QWidget):
    """Three answers; the two that poll need Gladly's address and API token.

    Args:
        look: Fonts and icons.

    Signals:
        changed: Another way is chosen now.
    """

    changed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.way = Choice(
            Option(
                BOTH,
                self.tr("By webhook and by polling (recommended)"),
                self.tr("Gladly calls this computer at once; polling brings what a call missed."),
            ),
            Option(
                POLL,
                self.tr("By polling alone"),
                self.tr(
                    "This computer asks Gladly every half a minute. No public URL is needed, and "
                    "nothing to set up in Gladly."
                ),
            ),
            Option(
                WEBHOOK,
                self.tr("By webhook alone"),
                self.tr("Gladly calls this computer through a public URL."),
            ),
            down=True,
        )
        self.needs = Text(
            self.tr("Polling needs Gladly's address and an API token: enter them under Gladly."),
            "muted",
        )
        self.field = Field(look, "", self.way)
        self.way.setAccessibleName(self.tr("How events arrive"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.needs)
        self.way.changed.connect(self.changed)

    def fill(self, draft: Draft) -> None:
        """Show the draft."""
        possible = draft.settings.gladly.url is not None
        for way in (BOTH, POLL):
            self.way.button(way).setEnabled(possible)
        self.needs.setVisible(not possible)
        if not draft.settings.listener.enabled:
            self.way.set_value(POLL)
        else:
            self.way.set_value(BOTH if draft.settings.gladly.polls else WEBHOOK)

    def apply(self, draft: Draft) -> Draft:
        """The draft with the way that is chosen; without Gladly's address there is no choice."""
        gladly = draft.settings.gladly
        wanted = self.way.value() != WEBHOOK
        if gladly.url is None or gladly.polls is wanted:
            return draft
        return draft.with_section("gladly", poll=None if wanted else False)

    @property
    def webhook(self) -> bool:
        """Whether Gladly is to call the listener."""
        return self.way.value() != POLL
