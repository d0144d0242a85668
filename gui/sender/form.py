"""The form of a test event: what happens, to whom, how often, and which way it goes."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.sender.bodies import Scenario
from gui.sender.picker import Picker, TopicsField
from gui.sender.steps import tale
from gui.widgets.fields import dress_spin
from gui.widgets.labels import Text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractSpinBox

    from gui.look import Look
    from gui.sender.draft import Draft

MOST = 1_000
FASTEST = 100.0
RATE = 5.0
#: room for the buttons of a spin box, relative to the height of the text
BUTTONS = 2.4
#: in which of them a conversation is closed, and so has topics to tell
WITH_TOPICS = {Scenario.CLOSED, Scenario.OPENED_AND_CLOSED}


class Way(StrEnum):
    """Which way test events go."""

    THROUGH = "through"
    DIRECT = "direct"


class SenderForm(QWidget):
    """Writes into the draft; `show_draft` reads it back.

    Signals:
        edited: The draft was changed here.
        counted: How many, how fast or which way was changed.

    Args:
        look: Icons.
    """

    edited = Signal()
    counted = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft: Draft | None = None
        self.scenario = QComboBox(self)
        self.story = Text(tone="muted", parent=self)
        self.customer = Picker(self.tr("Customer"), self.tr("Customer id"), self)
        self.agent = Picker(self.tr("Agent"), self.tr("Agent id"), self)
        self.conversation = QLineEdit(self)
        self.fresh = QCheckBox(self.tr("A &new one for each sending"), self)
        self.topics = TopicsField(look, self)
        self.topics_note = Text(
            self.tr("Through the listener, Gladly is asked for the conversation's own topics."),
            "muted",
            self,
        )
        self.count = QSpinBox(self)
        self.rate = QDoubleSpinBox(self)
        self.through = QRadioButton(self.tr("Through the &listener"), self)
        self.direct = QRadioButton(self.tr("&Straight to Segment"), self)
        self._ways = QButtonGroup(self)
        self._fill()
        self._lay_out()
        self._connect()

    @property
    def way(self) -> Way:
        """Which way test events go."""
        return Way.DIRECT if self.direct.isChecked() else Way.THROUGH

    def set_draft(self, draft: Draft) -> None:
        """Write into this draft from now on."""
        self._draft = draft
        people = draft.people
        unnamed = self.tr("(no name)")
        self.customer.set_choices((one.name or unnamed, one.id) for one in people.customers)
        nobody = (self.tr("Nobody"), "")
        self.agent.set_choices([*((one.name, one.id) for one in people.agents), nobody])
        self.topics.set_choices(people.topics)
        self.show_draft()

    def show_draft(self) -> None:
        """Show what the draft says; changes nothing in it."""
        draft = self._draft
        if draft is None:
            return
        subject = draft.subject
        self.scenario.setCurrentIndex(self.scenario.findData(draft.scenario))
        self.story.setText(tale(draft.scenario).story)
        self.customer.show_id(subject.customer_id or "")
        self.agent.show_id(subject.agent_id or "")
        if subject.conversation_id != self.conversation.text().strip():
            self.conversation.setText(subject.conversation_id or "")
            self.conversation.setCursorPosition(0)
        self.fresh.setChecked(draft.new_conversation)
        self.topics.show_topics(draft.topics)
        self.topics.setEnabled(draft.scenario in WITH_TOPICS)
        closes = draft.scenario in WITH_TOPICS
        none = self.tr("None") if closes else self.tr("Only Closed tells topics")
        self.topics.line.setPlaceholderText(none)
        asked = not draft.people.known and self.way is Way.THROUGH
        self.topics_note.setVisible(closes and asked)

    def _fill(self) -> None:
        for scenario in Scenario:
            self.scenario.addItem(tale(scenario).name, str(scenario))
        self.scenario.setAccessibleName(self.tr("Event"))
        self.conversation.setAccessibleName(self.tr("Conversation id"))
        self.count.setRange(1, MOST)
        self.count.setAccessibleName(self.tr("How many"))
        self.rate.setRange(0.1, FASTEST)
        self.rate.setDecimals(1)
        self.rate.setSuffix(self.tr(" / s"))
        self.rate.setValue(RATE)
        self.rate.setAccessibleName(self.tr("Events per second"))
        metrics = self.fontMetrics()
        for spin, longest in ((self.count, "0000"), (self.rate, "000.0 / s")):
            dress_spin(spin)
            # Qt asks for much more under a stylesheet; the row would break in two.
            room = metrics.horizontalAdvance(longest) + BUTTONS * metrics.height()
            spin.setMinimumWidth(round(room))
            spin.setStepType(spin.StepType.AdaptiveDecimalStepType)
        self.through.setToolTip(self.tr("The whole way, as if Gladly had sent it."))
        self.direct.setToolTip(self.tr("Mapped here and uploaded, past listener and store."))
        self._ways.addButton(self.through)
        self._ways.addButton(self.direct)
        self.through.setChecked(True)

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 4, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.addRow(self.tr("&Event"), self._stacked(self.scenario, self.story))
        form.addRow(self.tr("&Customer"), self.customer)
        form.addRow(self.tr("&Agent"), self.agent)
        form.addRow(self.tr("C&onversation"), self._stacked(self.conversation, self.fresh))
        form.addRow(self.tr("&Topics"), self._stacked(self.topics, self.topics_note))
        form.addRow(self.tr("&How many"), self._numbers())
        form.addRow(self.tr("Way"), self._stacked(self.through, self.direct))

    def _stacked(self, *widgets: QWidget) -> QWidget:
        box = QWidget(self)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in widgets:
            column.addWidget(widget)
        box.setFocusProxy(widgets[0])
        return box

    def _numbers(self) -> QWidget:
        box = QWidget(self)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.count, 2)
        row.addWidget(QLabel(self.tr("at"), box))
        row.addWidget(self.rate, 3)
        box.setFocusProxy(self.count)
        return box

    def _connect(self) -> None:
        self.scenario.activated.connect(self._on_scenario)
        self.customer.edited.connect(self._on_customer)
        self.agent.edited.connect(self._on_agent)
        self.conversation.textEdited.connect(self._on_conversation)
        self.fresh.clicked.connect(self._on_fresh)
        self.topics.edited.connect(self._on_topics)
        spins: tuple[QAbstractSpinBox, ...] = (self.count, self.rate)
        for spin in spins:
            spin.valueChanged.connect(self._on_counted)  # type: ignore[attr-defined]
        self._ways.buttonClicked.connect(self._on_way)

    def _done(self) -> None:
        self.show_draft()
        self.edited.emit()

    def _on_scenario(self, row: int) -> None:
        if self._draft is not None:
            self._draft.choose(Scenario(self.scenario.itemData(row)))
            self._done()

    def _on_customer(self, one: str) -> None:
        if self._draft is not None:
            self._draft.set_subject(customer_id=one)
            self._done()

    def _on_agent(self, one: str) -> None:
        if self._draft is not None:
            self._draft.set_subject(agent_id=one)
            self._done()

    def _on_conversation(self, one: str) -> None:
        if self._draft is not None:
            self._draft.new_conversation = False
            self._draft.set_subject(conversation_id=one)
            self._done()

    def _on_fresh(self, checked: bool) -> None:  # noqa: FBT001 - a slot
        if self._draft is not None:
            self._draft.new_conversation = checked
            if checked:
                self._draft.refresh()
            self._done()

    def _on_topics(self, topics: tuple[str, ...]) -> None:
        if self._draft is not None:
            self._draft.topics = topics
            self._done()

    def _on_counted(self, _: float) -> None:
        self.counted.emit()

    def _on_way(self) -> None:
        self.show_draft()
        self.counted.emit()
