"""The card that sends two marked events the whole way and watches each stage."""

from __future__ import annotations

from contextlib import asynccontextmanager
from html import escape
from typing import TYPE_CHECKING, ClassVar

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QLineEdit, QWidget

from core.doctor import reach
from core.sender.bodies import BodyMaker, Scenario
from core.sender.sending import Sender
from gui import words
from gui.run import Phase
from gui.setup import advice
from gui.setup.card import SPACING, SetupCard, Tools
from gui.setup.field import Field, LinkText
from gui.setup.segment_card import SOURCES
from gui.setup.trial import Trial
from gui.setup.trial_view import TrialView
from gui.source import production_host
from gui.widgets.buttons import make_button
from gui.widgets.notice import Notice

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from PySide6.QtGui import QResizeEvent

    from core.errors import GladlySourceError
    from core.sender.progress import Progress
    from core.store.sql_store import SqlStore
    from gui.bridge import Asked
    from gui.session import Session
    from gui.setup.draft import Draft

#: narrower than so many letters, the two stand one below the other
NARROW = 72


class TrialCard(SetupCard):
    """Sends Opened and Closed of a made-up conversation through the running engine."""

    name: ClassVar[str] = "trial"

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(tools, parent)
        self._steps: AsyncIterator[Progress] | None = None
        self._asked: Asked | None = None
        self.state = Notice(tools.look)
        self.state.activated.connect(tools.session.restart)
        self.yes = QLineEdit()
        self.views = (
            TrialView(tools.look, self.tr("Opened")),
            TrialView(tools.look, self.tr("Closed")),
        )
        self.proof = LinkText("")
        self.without = make_button(tools.look, self.tr("&Go on without a test"), kind="link")
        self.without.clicked.connect(self.go_on)
        self._arrange()
        tools.session.phase_changed.connect(self._on_phase)

    def heading(self) -> str:
        """What the page is called."""
        return self.tr("Test")

    def intro(self) -> str:
        """What it is about."""
        return self.tr(
            "Two events of a made-up conversation go the whole way, marked as a test: through the "
            "listener, the store and the look-up to Segment."
        )

    @property
    def busy(self) -> bool:
        """Whether test events are on their way."""
        return self._steps is not None

    @property
    def passed(self) -> bool:
        """Whether both went the whole way."""
        return all(view.trial.accepted for view in self.views)

    def first(self) -> QWidget | None:
        """The field for the yes, where one is needed."""
        return None if self._yes_field.put_away else self.yes

    def activate(self) -> None:
        """Show whether there is an engine to test."""
        self._on_phase()

    def deactivate(self) -> None:
        """Watch no longer; what was sent goes on."""
        self._end()

    def action(self) -> str:
        """The main button sends, then goes on."""
        if self.passed:
            return ""
        if self.busy:
            return self.tr("Sending…")
        begun = any(view.trial.over for view in self.views)
        return self.tr("&Send again") if begun else self.tr("&Send the test events")

    def act(self) -> bool:
        """Send, unless both have arrived."""
        if self.passed:
            return False
        if not self.busy:
            self._start()
        return True

    @staticmethod
    def skipped(draft: Draft) -> bool:
        """Whether nothing was tested."""
        return not draft.tested

    def apply(self, draft: Draft) -> Draft:
        """The draft with what was found out here."""
        return msgspec.structs.replace(draft, tested=draft.tested or self.passed)

    def _fill(self, draft: Draft) -> None:
        host = draft.settings.segment.host
        if host is None:
            where = f'<a href="{SOURCES}">{self.tr("the debugger of your source")}</a>'
            text = self.tr("Accepted means that Segment answered 200. {proof}")
        else:
            where = escape(reach.host_of(host))
            text = self.tr("Accepted means that {host} answered 200. {proof}")
        self.proof.setText(text.format(host=where, proof=advice.no_proof(where)))
        self._yes_field.setVisible(self._needs_yes())
        self.proof.setVisible(self.passed)

    def _needs_yes(self) -> bool:
        return production_host(self.tools.session.source) is not None

    def _yes_problem(self) -> str | None:
        if self.passed or self.yes.text().strip().lower() == self.tr("yes"):
            return None
        return self.tr("Type yes, or go on without a test.")

    def _start(self) -> None:
        session = self.tools.session
        if session.phase not in {Phase.RUNNING, Phase.ATTACHED} or session.webhook_url is None:
            self._on_phase()
            return
        lookup = session.settings.gladly.url is not None
        for view in self.views:
            view.show_trial(Trial(lookup=lookup).begun())
        self._steps = _steps(session, session.webhook_url)
        self._ask_next()
        self.action_changed.emit()

    def _ask_next(self) -> None:
        steps = self._steps
        if steps is None:
            return

        async def one() -> Progress | None:
            return await anext(steps, None)

        self._asked = self.tools.session.ask(
            one, owner=self, then=self._on_progress, failed=self._on_failed
        )

    def _on_progress(self, progress: Progress | None) -> None:
        if progress is None:
            self._end()
            return
        if progress.number < len(self.views):
            view = self.views[progress.number]
            view.show_trial(view.trial.moved(progress))
        self._ask_next()

    def _on_failed(self, error: GladlySourceError) -> None:
        for view in self.views:
            view.show_trial(view.trial.failed(error.title))
        self._end()

    def _end(self) -> None:
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None
        self._steps = None
        self.proof.setVisible(self.passed)
        self.without.setVisible(not self.passed)
        if self.passed:
            self.changed.emit()
        self.action_changed.emit()

    def _on_phase(self) -> None:
        session = self.tools.session
        if session.phase is Phase.FAILED and session.error is not None:
            self.state.show_message(
                "bad",
                session.error.title,
                self.tr("The engine does not run. Mend that on the pages before, then start it."),
                self.tr("Start again"),
            )
        elif session.phase in {Phase.STARTING, Phase.STOPPING, Phase.STOPPED}:
            self.state.show_message("busy", self.tr("The engine is starting."))
        elif session.webhook_url is None:
            self.state.show_message(
                "warn",
                self.tr("The listener is switched off: there is nothing to send the events to."),
                self.tr("Switch it on under How events arrive, or go on without a test."),
            )
        else:
            self.state.clear()
        self._yes_field.setVisible(self._needs_yes())
        self.action_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the two below each other where it is narrow."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW * self.fontMetrics().averageCharWidth()
        direction = QBoxLayout.Direction
        wanted = direction.TopToBottom if narrow else direction.LeftToRight
        if wanted != self._row.direction():
            self._row.setDirection(wanted)

    def _arrange(self) -> None:
        self._yes_field = self._add_field(
            Field(
                self.tools.look,
                self.tr("This is a production source. &Type yes to send test events to it"),
                self.yes,
                help_text=self.tr("They carry context.test = true, so that you can filter them."),
                problem=self._yes_problem,
            )
        )
        self._column.addWidget(self.state)
        self._column.addWidget(self._yes_field)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(SPACING)
        for view in self.views:
            self._row.addWidget(view, 1)
        self._column.addLayout(self._row)
        self._column.addWidget(self.proof)
        self._column.addWidget(self.without, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addStretch(1)


async def _steps(session: Session, url: str) -> AsyncIterator[Progress]:
    """Send both events to the listener at `url`, and tell how far each is.

    Nowhere else: whoever listens on the configured port while the engine does not would get the
    webhook's credentials.
    """

    @asynccontextmanager
    async def reading() -> AsyncIterator[SqlStore | None]:
        yield session.store

    bodies = BodyMaker().make(Scenario.OPENED_AND_CLOSED)
    sender = Sender(
        session.home,
        session.settings,
        session.secrets,
        reading=reading,
        url=url,
        moment=words.when,
    )
    async for progress in sender.through(bodies):
        yield progress
