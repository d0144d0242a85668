"""The card of how events arrive: the listener, a public URL, and the webhook in Gladly."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from core.doctor.arrival import ways_in
from gui.run import Phase
from gui.setup.card import SetupCard, Tools
from gui.setup.listener_part import PASSWORD, TOKEN, ListenerPart
from gui.setup.public_part import PublicPart
from gui.setup.way_part import WayPart
from gui.setup.webhook_help import local_address
from gui.setup.webhook_part import WebhookPart
from gui.widgets.card import Card

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from gui.setup.draft import Draft, Kept


class ArrivalCard(SetupCard):
    """Three steps in the order in which a person goes about them.

    Args:
        full: Show what hardly anybody changes, too.
    """

    name: ClassVar[str] = "arrival"
    saves: ClassVar[bool] = True
    stays: ClassVar[bool] = True
    secrets: ClassVar[tuple[str, ...]] = (PASSWORD, TOKEN)

    def __init__(self, tools: Tools, *, full: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(tools, parent)
        self.way = WayPart(tools.look)
        self.listener = ListenerPart(tools, full=full)
        self.public = PublicPart(tools)
        self.webhook = WebhookPart(tools, self.listener.secret)
        self._add_field(self.way.field, "gladly.poll")
        for key, field in (*self.listener.fields.items(), *self.public.fields.items()):
            self._add_field(field, key)
        self._frame("", "", self.way)
        self._called = [
            self._frame(
                self.tr("1. The listener"),
                self.tr(
                    "It takes Gladly's calls on this computer, and only those with the password."
                ),
                self.listener,
            ),
            self._frame(
                self.tr("2. A public URL"),
                self.tr("Gladly calls over https from outside. A tunnel or a proxy leads here."),
                self.public,
            ),
            self._frame(self.tr("3. The webhook in Gladly"), "", self.webhook),
        ]
        self._column.addStretch(1)
        self.way.changed.connect(self._on_way)
        self.listener.changed.connect(self._on_part)
        self.public.changed.connect(self._on_part)
        self.listener.row.wanted.connect(self._on_port_check)
        self.listener.vault.look_again.connect(self.kept_wanted)
        self.public.check_wanted.connect(self.check)
        self.webhook.by_api.rekeyed.connect(self.kept_wanted)
        tools.session.phase_changed.connect(self._on_phase)

    def heading(self) -> str:
        """What the page is called."""
        return self.tr("How events arrive")

    def intro(self) -> str:
        """What it is about."""
        return self.tr(
            "Gladly calls a webhook on this computer, or this computer asks Gladly: one is enough, "
            "both are safest."
        )

    def apply(self, draft: Draft) -> Draft:
        """The draft with what is entered here."""
        for_now = draft.for_now or self.listener.vault.keep.isChecked()
        draft = self.way.apply(self.public.apply(self.listener.apply(draft)))
        return msgspec.structs.replace(draft, for_now=for_now)

    @staticmethod
    def skipped(draft: Draft) -> bool:
        """Whether no event can arrive yet."""
        return not ways_in(draft.settings)

    def check(self) -> None:
        """Look whether the public URL leads to the listener."""
        fields = (self.public.fields["listener.public_url"], self.listener.fields["listener.path"])
        if not self.ready(*fields):
            self.public.row.clear()
            return
        draft = self.apply(self.draft)
        self.public.row.run(lambda: self.tools.checks.public_url(draft))

    def activate(self) -> None:
        """Look at the port, and for Gladly's PING."""
        self.tools.pings.start()
        self._on_port_check()

    def deactivate(self) -> None:
        """Look no more."""
        self.tools.pings.stop()
        self.listener.hide_secrets()

    def on_saved(self) -> None:
        """The listener runs: the next thing is a way to it."""
        self._on_port_check()
        if self.way.webhook and not self.public.url.text():
            self.public.url.setFocus()

    def show_kept(self, kept: Kept) -> None:
        """Say where the password is, or would be, kept."""
        super().show_kept(kept)
        self.listener.show_kept(kept)

    def _frame(self, title: str, text: str, part: QWidget) -> Card:
        card = Card(self.tools.look, title, text)
        card.body.addWidget(part)
        self._column.addWidget(card)
        return card

    def _fill(self, draft: Draft) -> None:
        self.way.fill(draft)
        self.listener.fill(draft)
        self.public.fill(draft)
        self._show_ways()
        self._show_help()

    def _on_way(self) -> None:
        """Who is not called needs no listener, no public URL and no webhook."""
        if self._loading:
            return
        self.listener.enabled.setChecked(self.way.webhook)
        self._show_ways()
        self._on_part()
        self.action_changed.emit()

    def _show_ways(self) -> None:
        for card in self._called:
            card.setVisible(self.way.webhook)
        for field in self.public.fields.values():
            field.setVisible(self.way.webhook)

    def _on_part(self) -> None:
        if self._loading:
            return
        self._show_help()
        self._on_edited()

    def _on_phase(self) -> None:
        self._show_help()
        self.action_changed.emit()

    def _on_port_check(self) -> None:
        draft = self.apply(self.draft)
        self.listener.row.run(lambda: self.tools.checks.port(draft))

    def _show_help(self) -> None:
        """Commands and values for what is entered now."""
        session = self.tools.session
        draft = self.apply(self.draft)
        listener = draft.settings.listener
        same = session.settings.listener == listener
        running = session.webhook_url if same and session.phase is Phase.RUNNING else None
        self.public.lead_to(local_address(listener, running), listener)
        self.webhook.show_values(listener)
        self.webhook.by_api.show_draft(draft)
