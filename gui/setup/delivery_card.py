"""The card of delivery and retention: how events are uploaded, and how long rows are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
from PySide6.QtWidgets import QDoubleSpinBox

from gui.setup.card import SetupCard, Tools
from gui.setup.field import Field
from gui.setup.numbers import Number, make_spin
from gui.widgets.card import Card
from gui.widgets.labels import Rule

if TYPE_CHECKING:
    from PySide6.QtWidgets import QSpinBox, QWidget

    from gui.setup.draft import Draft

YEARS = 3650


class DeliveryCard(SetupCard):
    """Numbers that hardly anybody has to change."""

    name: ClassVar[str] = "delivery"

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(tools, parent)
        self.spins: dict[str, QSpinBox | QDoubleSpinBox] = {}
        groups = (
            (self.tr("Upload to Segment"), "", self._upload()),
            (
                self.tr("Look-ups in Gladly"),
                self.tr("Gladly allows ten requests a second for all integrations together."),
                self._lookups(),
            ),
            (
                self.tr("Retention"),
                self.tr("What is older is removed from this computer."),
                self._retention(),
            ),
        )
        for title, text, numbers in groups:
            card = Card(tools.look, title, text)
            for row, number in enumerate(numbers):
                if row:
                    card.body.addWidget(Rule())
                card.body.addWidget(self._add_number(number))
            self._column.addWidget(card)
        self._column.addStretch(1)

    def heading(self) -> str:
        """What the page is called."""
        return self.tr("Delivery and retention")

    def apply(self, draft: Draft) -> Draft:
        """The draft with these numbers."""
        for key, spin in self.spins.items():
            section, name = key.split(".")
            old = getattr(getattr(draft.settings, section), name)
            decimals = spin.decimals() if isinstance(spin, QDoubleSpinBox) else 0
            if round(old, decimals) != spin.value():
                draft = draft.with_section(section, **{name: spin.value()})
        return draft

    def problem(self) -> str | None:
        """Payloads cannot outlive the rows they belong to."""
        if self._payload_days() > self._metadata_days():
            return self.tr("Content cannot be kept longer than the rows it belongs to.")
        return super().problem()

    def _payload_days(self) -> float:
        return self.spins["retention.payload_days"].value()

    def _metadata_days(self) -> float:
        return self.spins["retention.metadata_days"].value()

    def _fill(self, draft: Draft) -> None:
        for key, spin in self.spins.items():
            section, name = key.split(".")
            spin.setValue(msgspec.structs.asdict(getattr(draft.settings, section))[name])

    def _add_number(self, number: Number) -> Field:
        spin = self.spins[number.key] = make_spin(number, self._on_edited)
        field = Field(self.tools.look, number.label, spin, help_text=number.help, beside=True)
        return self._add_field(field, number.key)

    def _upload(self) -> tuple[Number, ...]:
        return (
            Number(
                "delivery.give_up_days",
                self.tr("&Give up after"),
                self.tr("An event that Segment has not accepted by then is dead."),
                0.1,
                365,
                self.tr("days"),
                1,
            ),
            Number(
                "delivery.batch_events",
                self.tr("&Events in one upload"),
                self.tr("At most; 100 is the largest."),
                1,
                100,
            ),
            Number(
                "delivery.linger_ms",
                self.tr("&Wait for more events"),
                self.tr("So long an upload waits until it is full."),
                0,
                60_000,
                self.tr("ms"),
            ),
            Number(
                "delivery.workers",
                self.tr("&Uploads at once"),
                self.tr("More of them help where Segment is far away."),
                1,
                16,
            ),
        )

    def _lookups(self) -> tuple[Number, ...]:
        return (
            Number(
                "gladly.requests_per_second",
                self.tr("&Requests a second"),
                self.tr("At most. Leave some to the other integrations."),
                1,
                10,
            ),
            Number(
                "gladly.lookup_give_up_minutes",
                self.tr("W&ait for Gladly"),
                self.tr("Then an event goes out with what is known."),
                0,
                10_080,
                self.tr("minutes"),
                1,
            ),
            Number(
                "mapping.settle_seconds",
                self.tr("Wait for &late events"),
                self.tr("An Opened event that rests on a later assignment waits so long."),
                0,
                3600,
                self.tr("seconds"),
                1,
            ),
        )

    def _retention(self) -> tuple[Number, ...]:
        return (
            Number(
                "retention.payload_days",
                self.tr("Keep &content"),
                self.tr("What Gladly sent and what went to Segment: personal data."),
                1,
                YEARS,
                self.tr("days"),
                1,
            ),
            Number(
                "retention.metadata_days",
                self.tr("Keep r&ows"),
                self.tr("That an event was there, and what became of it."),
                1,
                YEARS,
                self.tr("days"),
                1,
            ),
        )
