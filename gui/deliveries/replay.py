"""Puts deliveries back to pending, after saying what Segment will do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox

from gui.deliveries.dialogs import StepwiseDialog
from gui.words import number

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QWidget

    from core.pipeline.operations import Effect, Selection, Watch
    from gui.look import Look
    from gui.session import Session


class ReplayDialog(StepwiseDialog):
    """Puts deliveries back to pending, after saying what Segment will do with them.

    Args:
        session: Whose deliveries.
        look: Icons and fonts.
        selection: Which.
    """

    def __init__(
        self, session: Session, look: Look, selection: Selection, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, look, selection, parent)
        self.set_title(self.tr("Replay"))
        self._effect: Effect | None = None
        self.new_id = QCheckBox(self.tr("Send under a &new messageId"), self)
        self.new_id.setToolTip(
            self.tr("Segment then takes what it has accepted before as new events.")
        )
        self.new_id.hide()
        self.options.addWidget(self.new_id)
        self.new_id.toggled.connect(self._on_option)

    def start(self) -> None:
        """Show, and ask what a replay would do."""
        super().start()
        session, selection = self._session, self._selection
        self._ask(lambda: session.link.preview(selection), self._on_effect)

    def deed(self) -> Callable[[Watch], Awaitable[int]]:
        """Put them back to pending."""
        session, selection, new_id = self._session, self._selection, self.new_id.isChecked()
        return lambda watch: session.link.replay(selection, new_id=new_id, progress=watch)

    def outcome(self, done: int) -> str:
        """How many were put back."""
        if done == 1:
            return self.tr("One delivery is pending again and will be sent.")
        return self.tr("{count} deliveries are pending again and will be sent.").format(
            count=number(done)
        )

    def _on_effect(self, effect: Effect) -> None:
        self._effect = effect
        self._total = effect.possible + effect.impossible
        self.busy.stop()
        self.new_id.setVisible(bool(effect.dropped + effect.again))
        self.go.setEnabled(bool(effect.possible))
        self._on_option()
        if effect.possible:
            self.go.setFocus()

    @Slot()
    def _on_option(self) -> None:
        if self._effect is not None:
            new_id = self.new_id.isChecked()
            self.text.setText("\n".join(self._sentences(self._effect, new_id=new_id)))
            count = number(self._effect.possible)
            self.go.setText(self.tr("Replay {count}").format(count=count))

    def _run(self) -> None:
        self.new_id.setEnabled(False)
        super()._run()

    def _sentences(self, effect: Effect, *, new_id: bool) -> list[str]:
        """The effect in words, one sentence a line."""
        if not effect.possible:
            nothing = self.tr("None of these can be replayed: they are under way already, or ")
            return [nothing + self.tr("what was sent was removed by retention.")]
        told = [self.tr("{count} can be put back to pending.")]
        counts = [effect.possible]
        if effect.fresh:
            told.append(self.tr("Never accepted by Segment: {count}. They are counted once."))
            counts.append(effect.fresh)
        if new_id and effect.dropped + effect.again:
            told.append(self.tr("Accepted before: {count}. Segment counts them twice."))
            counts.append(effect.dropped + effect.again)
        elif effect.dropped:
            told.append(
                self.tr(
                    "Accepted within 24 hours: {count}. Segment drops them by their messageId, "
                    "so nothing changes there."
                )
            )
            counts.append(effect.dropped)
        if effect.again and not new_id:
            told.append(
                self.tr(
                    "Accepted more than 24 hours ago: {count}. Segment no longer knows their "
                    "messageId and counts them twice."
                )
            )
            counts.append(effect.again)
        if effect.impossible:
            told.append(self.tr("Left alone: {count}. Under way already, or removed by retention."))
            counts.append(effect.impossible)
        return [text.format(count=number(count)) for text, count in zip(told, counts, strict=True)]
