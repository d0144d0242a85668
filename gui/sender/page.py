"""The Test sender page: write a test event, see what it becomes, send it, and follow it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QSplitter, QTabWidget, QVBoxLayout, QWidget

from core.mapping.plan import Plan, make_plan
from core.sender.bodies import BodyMaker
from core.sender.people import MADE_UP
from core.sender.preview import ids_only, map_bodies
from gui.run import Phase
from gui.sender.draft import Draft
from gui.sender.drills import DrillsPanel
from gui.sender.editor import BodyEditor
from gui.sender.form import Way
from gui.sender.launch import Order, host_to_confirm, launch, look_up_of, make_sender
from gui.sender.order import OrderPanel
from gui.sender.preview import PreviewView
from gui.sender.results import ResultsPanel
from gui.sender.steps import kind_name
from gui.sender.stream import Stream
from gui.widgets.labels import Heading, Text
from gui.widgets.notice import Notice
from gui.widgets.scroll import Scroller

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QResizeEvent

    from core.errors import GladlySourceError
    from core.sender.progress import Progress
    from core.settings import Settings
    from core.simulator.drills import Drills
    from gui.look import Look
    from gui.session import Session

SPLIT = "sender.split"
LEFT, RIGHT = 4, 6
MARGIN = 12
#: letters of width below which form and tabs stand one above the other, and lines of the tabs then
NARROW, LINES = 84, 16


class _Tools(NamedTuple):
    """What is read from files once, away from Qt's thread."""

    maker: BodyMaker
    plan: Plan


class _Sides(QSplitter):
    """Two sides that ask for no more room than they need: each scrolls by itself."""

    def sizeHint(self) -> QSize:
        """The least they need."""
        return self.minimumSizeHint()


class SenderPage(QWidget):
    """Left the form, right the JSON, its preview, the outcome and the drills.

    Signals:
        open_delivery: A person wants to see the delivery of this id in Events.
        demo_wanted: A person wants to try the demo.

    Args:
        session: The home whose engine gets the test events.
        look: Colours, icons and fonts.
        drills: The simulators' drills; None outside the demo.
        clock: Epoch seconds.
    """

    open_delivery = Signal(int)
    demo_wanted = Signal()

    def __init__(
        self,
        session: Session,
        look: Look,
        drills: Drills | None = None,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._drills_source = drills
        self._clock = clock
        self._plan: Plan | None = None
        self._loading = False
        self.draft: Draft | None = None
        self.stream = Stream(session, self)
        self.notice = Notice(look, self)
        self.order = OrderPanel(look, self)
        self.form = self.order.form
        self.editor = BodyEditor(look, self)
        self.preview = PreviewView(look, self)
        self.results = ResultsPanel(look, self)
        self.drills = DrillsPanel(session, look, drills, self)
        self.tabs = QTabWidget(self)
        self.splitter = _Sides(Qt.Orientation.Horizontal, self)
        self._lay_out(look)
        self._connect()

    def activate(self) -> None:
        """The page is shown: read the samples and the plan, if that was not done."""
        if self._plan is None:
            self._load(self._session.settings)

    def deactivate(self) -> None:
        """The page is hidden: what is being sent goes on."""
        if self.splitter.orientation() == Qt.Orientation.Horizontal:
            self._session.memory.set(SPLIT, self.splitter.sizes())

    def send(self) -> None:
        """Send what is shown; to a production source only after a typed yes."""
        self.editor.flush()
        draft = self.draft
        if draft is None or draft.blocked or self.stream.running:
            return
        self.notice.clear()
        if self._nobody_listens():
            self._say_no_listener()
            return
        host = host_to_confirm(self._session, self.form.way)
        if host is not None:
            self.order.ask(self._count(draft), host)
            return
        self._go()

    def stop(self) -> None:
        """Send no more, and look no longer."""
        self.stream.stop()
        self._rest()

    def _lay_out(self, look: Look) -> None:
        self.tabs.addTab(self.editor, self.tr("From Gladly"))
        self.tabs.addTab(self.preview, self.tr("To Segment"))
        self.tabs.addTab(self.results, self.tr("Outcome"))
        self.tabs.addTab(self.drills, self.tr("Drills"))
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(self.tr("Test event"))
        self.splitter.addWidget(self.order)
        self.splitter.addWidget(self._right())
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, LEFT)
        self.splitter.setStretchFactor(1, RIGHT)
        self.splitter.setHandleWidth(1)
        sizes = self._session.memory.get(SPLIT)
        if isinstance(sizes, list) and len(sizes) == self.splitter.count():
            self.splitter.setSizes([int(one) for one in sizes])
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(Heading(look, self.tr("Test sender"), 1, self))
        column.addWidget(
            Text(
                self.tr(
                    "Sends events as Gladly would. They are marked: context.test in Segment, the "
                    "channel test in Events."
                ),
                "muted",
                self,
            )
        )
        column.addWidget(self.notice)
        column.addWidget(self.splitter, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._scroller = Scroller(inside, self)
        outer.addWidget(self._scroller)

    def _right(self) -> QWidget:
        """The tabs, with room to the line that parts them from the form."""
        side = QWidget(self)
        self._beside = QVBoxLayout(side)
        self._beside.setContentsMargins(MARGIN, 0, 0, 0)
        self._beside.addWidget(self.tabs)
        return side

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is no room side by side, set one above the other."""
        super().resizeEvent(event)
        metrics = self.fontMetrics()
        narrow = self.width() < NARROW * metrics.averageCharWidth()
        beside = Qt.Orientation.Horizontal
        wanted = Qt.Orientation.Vertical if narrow else beside
        if self.splitter.orientation() == wanted:
            return
        self.splitter.setOrientation(wanted)
        self.order.set_whole(whole=narrow)
        self.tabs.setMinimumHeight(LINES * metrics.lineSpacing() if narrow else 0)
        side, above = (0, MARGIN) if narrow else (MARGIN, 0)
        self._beside.setContentsMargins(side, above, 0, 0)

    def _connect(self) -> None:
        self.form.edited.connect(self._on_form)
        self.form.counted.connect(self._show_change)
        self.editor.edited.connect(self._on_text)
        self.order.send.clicked.connect(self.send)
        self.order.stop.clicked.connect(self.stop)
        self.order.confirm.confirmed.connect(self._go)
        self.results.open_delivery.connect(self.open_delivery)
        self.drills.demo_wanted.connect(self.demo_wanted)
        self.stream.arrived.connect(self._on_arrived)
        self.stream.ended.connect(self._rest)
        self.stream.failed.connect(self._on_failed)
        self.notice.activated.connect(self._session.start)
        self._session.settings_changed.connect(self._on_settings)
        self._session.phase_changed.connect(self._on_phase)
        self._show_order()

    def _load(self, settings: Settings) -> None:
        if self._loading:
            return
        self._loading = True

        def load() -> _Tools:
            return _Tools(BodyMaker(), make_plan(settings.mapping, settings.segment.alias))

        self._session.ask(
            lambda: asyncio.to_thread(load),
            owner=self,
            then=self._on_loaded,
            failed=self._on_not_loaded,
        )

    def _on_loaded(self, tools: _Tools) -> None:
        self._loading = False
        self._plan = tools.plan
        if self.draft is None:
            people = MADE_UP if self._drills_source is None else self._drills_source.people
            self.draft = Draft(tools.maker, clock=self._clock, people=people)
            self.form.set_draft(self.draft)
            self.editor.show_text(self.draft.text, self.draft.problems)
        self._show_order()
        self._show_preview()

    def _on_not_loaded(self, error: GladlySourceError) -> None:
        self._loading = False
        self.preview.show_nothing(str(error))

    def _on_settings(self, settings: Settings) -> None:
        self.order.withdraw()
        if self._plan is not None:
            self._load(settings)

    def _on_phase(self, phase: Phase) -> None:
        if phase is Phase.STOPPING and self.stream.running:
            self.stop()  # the store it is watched in is about to close
        elif phase in {Phase.RUNNING, Phase.ATTACHED} and not self.stream.running:
            self.notice.clear()
            self._show_preview()  # the note depends on who runs the engine

    def _on_form(self) -> None:
        if self.draft is not None:
            self.editor.show_text(self.draft.text, self.draft.problems)
            self._show_change()

    def _on_text(self, text: str) -> None:
        if self.draft is not None:
            self.draft.set_text(text)
            self.editor.show_problems(self.draft.problems)
            self.form.show_draft()
            self._show_change()

    def _show_change(self) -> None:
        """Something else would be sent now: a yes to what it was before does not count."""
        self.order.withdraw()
        self._show_order()
        self._show_preview()

    def _show_order(self) -> None:
        draft = self.draft
        ready = draft is not None and not draft.blocked
        count = self._count(draft) if draft is not None else 0
        self.order.show_state(count, ready=ready, running=self.stream.running)

    def _show_preview(self) -> None:
        draft, plan = self.draft, self._plan
        if draft is None or plan is None:
            return
        if draft.blocked:
            self.preview.show_nothing(self.tr("The JSON cannot be read: mend it first."))
            return
        told = draft.people.known or self.form.way is Way.DIRECT
        mapped = map_bodies(draft.bodies, plan, look_up_of(draft) if told else ids_only)
        self.preview.show_mapped(draft.bodies, mapped)
        self.preview.set_note(self._note(told=told))

    def _note(self, *, told: bool) -> str:
        if self.form.way is Way.THROUGH and self._session.phase is Phase.ATTACHED:
            return self.tr(
                "Another process runs the engine: what it sends follows the settings with which "
                "it was started."
            )
        if told:
            return ""
        if self._session.settings.gladly.url is None:
            return self.tr("Events carry ids only: no Gladly address is set.")
        return self.tr(
            "Name, e-mail, phone and topics are added if Gladly knows the customer and the "
            "conversation; it does not know made-up ones."
        )

    def _count(self, draft: Draft) -> int:
        return len(draft.bodies) * self.form.count.value()

    def _go(self) -> None:
        draft = self.draft
        if draft is None or draft.blocked or self.stream.running:
            return
        if self._nobody_listens():  # since the question was asked
            self._say_no_listener()
            return
        draft.refresh()
        self.form.show_draft()
        self.editor.show_text(draft.text, draft.problems)
        self._show_preview()
        order = Order(
            count=self.form.count.value(), per_second=self.form.rate.value(), way=self.form.way
        )
        events = [kind_name(body.get("type")) for body in draft.bodies] * order.count
        self.results.begin(events)
        sender, snapshot, drills = make_sender(self._session), draft.snapshot(), self._drills_source
        self.stream.start(lambda: launch(sender, snapshot, order, drills))
        self.tabs.setCurrentWidget(self.results)
        self._scroller.ensureWidgetVisible(self.tabs)
        self._show_order()

    def _on_arrived(self, found: list[Progress]) -> None:
        self.results.take(found)

    def _on_failed(self, error: GladlySourceError) -> None:
        self.notice.show_message("bad", error.title, error.hint)
        self._rest()

    def _rest(self) -> None:
        self.results.stop()
        self._show_order()

    def _nobody_listens(self) -> bool:
        """Whether credentials would go to whoever else has the configured port."""
        return self.form.way is Way.THROUGH and self._session.webhook_url is None

    def _say_no_listener(self) -> None:
        phase = self._session.phase
        if phase is Phase.STARTING:
            self.notice.show_message(
                "busy", self.tr("The engine is just starting."), self.tr("Try again in a moment.")
            )
        elif phase in {Phase.RUNNING, Phase.ATTACHED}:
            self.notice.show_message(
                "warn",
                self.tr("The listener is switched off."),
                self.tr("Switch it on in Settings, or send straight to Segment."),
            )
        else:
            self.notice.show_message(
                "warn",
                self.tr("The engine does not run: nothing would answer."),
                self.tr("Start it, or send straight to Segment."),
                self.tr("Start the engine"),
            )
