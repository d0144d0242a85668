"""The deliveries of a concern: which they are, and what may be done to all or some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.model import DeliveryStatus
from core.pipeline.operations import Selection
from gui.attention.concerns import advice
from gui.attention.strip import Strip
from gui.deliveries.actions import EventActions
from gui.deliveries.table import EventTable
from gui.widgets.buttons import make_button
from gui.words import number

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.errors import GladlySourceError
    from gui.attention.concerns import Concern
    from gui.deliveries.operations import EventOperations
    from gui.look import Look
    from gui.session import Session

COLUMNS = "attention.columns"
#: what tells causes apart; names as in the header of the event table
SHOWN = ["time", "event", "customer", "attempts", "next_try", "last_error"]


class DeliveriesPane(QWidget):
    """A live table of the deliveries of one cause.

    Args:
        session: Whose deliveries.
        look: Colours and icons.
        operations: Does what is asked for.

    Signals:
        resume_wanted: Segment is to be tried now.
        narrowed: A filter text: only this customer, or only this conversation.
        refused: Why nothing was done, as a sentence.
    """

    resume_wanted = Signal()
    narrowed = Signal(str)
    refused = Signal(str)

    def __init__(
        self,
        session: Session,
        look: Look,
        operations: EventOperations,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        if session.memory.get(COLUMNS) is None:
            session.memory.set(COLUMNS, {"shown": SHOWN})
        self._operations = operations
        self._concern: Concern | None = None
        self.strip = Strip(look)
        self.resume_button = self.strip.add(
            make_button(look, self.tr("&Try Segment now"), icon="play", kind="primary")
        )
        self.replay_button = self.strip.add(make_button(look, "", icon="replay", kind="primary"))
        self.discard_button = self.strip.add(make_button(look, "", icon="discard", kind="danger"))
        self.table = EventTable(session, look, COLUMNS)
        self.table.empty.set_content(
            "ok",
            self.tr("None is left"),
            self.tr("Whatever stood here is under way again, or settled."),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.strip)
        layout.addWidget(self.table, 1)
        self.actions_ = EventActions(self.table, operations, look)
        self.actions_.narrowed.connect(self.narrowed)
        self.actions_.refused.connect(self.refused)
        self.resume_button.clicked.connect(self.resume_wanted)
        self.replay_button.clicked.connect(self._on_replay)
        self.discard_button.clicked.connect(self._on_discard)
        self.table.selection_changed.connect(self._on_selection)

    def show_concern(self, concern: Concern) -> None:
        """Show the rows of this concern."""
        cause, wanted = concern.cause, concern.filter
        assert cause is not None  # noqa: S101 - only concerns about deliveries come here
        assert wanted is not None  # noqa: S101 - the same
        self._concern = concern
        retrying = cause.status is DeliveryStatus.RETRYING
        if concern.trouble is None:
            self.strip.say(concern.sentence, advice(concern))
        else:
            self.strip.say("", "")  # the component above says it all
        self.resume_button.setVisible(retrying and concern.trouble is None)
        self.replay_button.setVisible(not retrying)
        self._name_buttons()
        if self.table.wanted != wanted:
            self.table.base = wanted
            self.table.view.select_ids((), None)
            self.table.set_filter(wanted)

    def activate(self) -> None:
        """The pane is shown: read, and follow."""
        self.table.activate()

    def deactivate(self) -> None:
        """The pane is hidden: read nothing."""
        self.table.deactivate()

    @property
    def _some(self) -> int:
        """How many rows are selected, when that is neither one nor all."""
        count = self.table.selected_count()
        return count if 1 < count < self.table.count() else 0

    def _name_buttons(self) -> None:
        concern = self._concern
        if concern is None:
            return
        some, rows = self._some, concern.rows or 0
        if some:
            replay = self.tr("&Replay {0} selected…").format(number(some))
            discard = self.tr("&Discard {0} selected…").format(number(some))
        elif rows == 1:
            replay, discard = self.tr("&Replay it…"), self.tr("&Discard it…")
        else:
            replay = self.tr("&Replay all {0}…").format(number(rows))
            discard = self.tr("&Discard all {0}…").format(number(rows))
        self.replay_button.setText(replay)
        self.discard_button.setText(discard)

    def _choose(self, deed: Callable[[Selection], object]) -> None:
        """Do something to the selected deliveries, or to all of the cause."""
        if not self._some:
            if self._concern is not None:
                deed(Selection(wanted=self._concern.filter))
            return

        def use(selection: Selection) -> None:
            deed(selection)

        if not self.table.choose(use, self._on_failed):
            self.refused.emit(self.tr("That are too many to name one by one. Take all instead."))

    def _on_failed(self, error: GladlySourceError) -> None:
        self.refused.emit(str(error))

    @Slot()
    def _on_selection(self) -> None:
        self._name_buttons()

    @Slot()
    def _on_replay(self) -> None:
        self._choose(self._operations.replay)

    @Slot()
    def _on_discard(self) -> None:
        self._choose(self._operations.discard)
