"""The set-up wizard: the cards in order, by mouse or by keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from core.credentials import meant
from gui.first_run import lacks_secrets
from gui.run import Phase
from gui.saving import Use
from gui.setup import advice
from gui.setup.arrival_card import ArrivalCard
from gui.setup.card import SetupCard, Tools
from gui.setup.checks import Checks
from gui.setup.deck import Deck
from gui.setup.desk import Desk
from gui.setup.done_card import DoneCard
from gui.setup.draft import missing
from gui.setup.field import announce
from gui.setup.gladly_card import GladlyCard
from gui.setup.ping_watch import PingWatch
from gui.setup.rail import StepState
from gui.setup.segment_card import SegmentCard
from gui.setup.sent_card import SentCard
from gui.setup.trial_card import TrialCard
from gui.setup.welcome_card import WelcomeCard
from gui.setup.wizard_frame import WizardFrame
from gui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QShowEvent
    from PySide6.QtWidgets import QWidget

    from core.doctor.subject import Outside
    from core.errors import GladlySourceError
    from gui.look import Look
    from gui.session import Session
    from gui.setup.draft import Draft, Kept

MEMORY = "setup"
KINDS: tuple[type[SetupCard], ...] = (
    WelcomeCard,
    SegmentCard,
    GladlyCard,
    ArrivalCard,
    SentCard,
    TrialCard,
    DoneCard,
)


class SetupWizard(WizardFrame):
    """Seven pages; nothing is put to use before a button says so.

    What is entered is kept as a draft in the window's memory, without secrets.

    Args:
        session: Saved to; need not run, and does not at first.
        look: Colours, icons and fonts.
        outside: The world that checks look at; tests hand in another.
        autostart: Whether the app is to start with the computer; None while nobody knows
            whether it does.

    `accepted`: everything is saved, and the person is done; `finished`: it is over either way.

    Signals:
        closed: The wizard was left; it opens again where it was left.
        demo_wanted: The demo is to be shown instead.
        autostart_wanted: Whether the app is to start with the computer, when finished.
    """

    closed = Signal()
    demo_wanted = Signal()
    autostart_wanted = Signal(bool)

    def __init__(
        self,
        session: Session,
        look: Look,
        *,
        outside: Outside | None = None,
        autostart: bool | None = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, parent)
        self._session = session
        tools = Tools(session, look, Checks(session, outside), PingWatch(session, self))
        self.desk = Desk(session, tools.checks, self)
        self.desk.set_autostart(on=autostart)
        self.deck = Deck(KINDS, lambda kind: kind(tools), self)
        self._at = 0
        self._furthest = 0
        self._active = False
        self._staying = False
        self._asks = lacks_secrets(session)
        self._sheets: dict[str, Sheet] = {}
        self._connect()
        self._reopen()

    @property
    def card(self) -> SetupCard:
        """The page that is shown."""
        return self.deck.card(self._at)

    def reject(self) -> None:
        """Leave: ask nothing, lose nothing; it opens again where it was left."""
        self._remember()
        super().reject()
        self.closed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """The page that is shown begins to look around."""
        super().showEvent(event)
        self._active = True
        self._begin()

    def hideEvent(self, event: QHideEvent) -> None:
        """And stops doing so."""
        super().hideEvent(event)
        self._active = False
        self.card.deactivate()

    def set_autostart(self, *, on: bool) -> None:
        """It is known now whether the app starts with the computer; a choice made here stays."""
        if self.desk.draft.autostart is None:
            self.desk.set_autostart(on=on)
            self._on_reset()

    def _connect(self) -> None:
        self.next.clicked.connect(self._on_next)
        self.back.clicked.connect(self._on_back)
        self.cancel.clicked.connect(self.reject)
        self.rail.chosen.connect(self._on_chosen)
        self.deck.made.connect(self._on_made)
        self.desk.kept_changed.connect(self._on_kept)
        self.desk.reset.connect(self._on_reset)
        self.desk.saved.connect(self._on_saved)
        self.desk.failed.connect(self._on_failed)
        self._session.phase_changed.connect(self._show_buttons)

    def _reopen(self) -> None:
        """Go on where the wizard was left."""
        remembered = self._session.memory.get(MEMORY)
        remembered = remembered if isinstance(remembered, dict) else {}
        names = self.deck.names
        at, furthest = remembered.get("at"), remembered.get("furthest")
        self._at = names.index(at) if at in names else 0
        self._furthest = names.index(furthest) if furthest in names else 0
        self._furthest = max(self._at, self._furthest)
        self.desk.take_up(remembered.get("entered"))
        self._show()
        self.desk.look_again()

    def _remember(self) -> None:
        self._session.memory.set(
            MEMORY,
            {
                "at": self.card.name,
                "furthest": self.deck.names[self._furthest],
                "entered": self.desk.entered(),
            },
        )

    def _turn_to(self, number: int) -> None:
        self._asks = False
        self.card.deactivate()
        self._at = number
        self._furthest = max(self._furthest, number)
        self._remember()
        self._show()

    def _show(self) -> None:
        card = self.card
        self.hush()
        card.load(self.desk.draft)
        self.pages.setCurrentWidget(self._sheets[card.name])
        self.head(card.heading(), card.intro())
        self._show_rail()
        self._show_buttons()
        self._begin()

    def _begin(self) -> None:
        """The keyboard goes to the first field."""
        if not self._active:
            return
        card = self.card
        card.activate()
        first = card.first() or self.next
        first.setFocus()
        announce(self, f"{card.heading()}. {card.intro()}")

    def _show_rail(self) -> None:
        states = []
        for number, kind in enumerate(KINDS):
            reached = number <= self._furthest
            state = StepState.DONE if reached else StepState.TODO
            if reached and kind.skipped(self.desk.draft):
                state = StepState.OPEN
            if reached and self._lacks(kind):
                state = StepState.MISSING
            states.append(StepState.CURRENT if number == self._at else state)
        self.rail.set_steps(self._labels(), states)

    def _lacks(self, kind: type[SetupCard]) -> bool:
        return not set(kind.secrets).isdisjoint(missing(self.desk.draft))

    def _ask_for_missing(self) -> None:
        """The engine lacks secrets: begin at the first page that does, and name all of them."""
        lacking = [number for number, kind in enumerate(KINDS) if self._lacks(kind)]
        if not lacking:
            return
        if lacking[0] != self._at:
            self._furthest = max(self._furthest, *lacking)
            self._turn_to(lacking[0])
        names = ", ".join(meant(name) for name in missing(self.desk.draft))
        self.tell(
            "warn",
            self.tr("Missing: {names}.").format(names=names),
            self.tr("They were used only until the app was closed. Enter them again.")
            if self.desk.draft.for_now
            else self.tr("Enter what is missing, then save."),
        )

    def _labels(self) -> list[str]:
        return [
            self.tr("Welcome"),
            self.tr("Segment"),
            self.tr("Gladly"),
            self.tr("How events arrive"),
            self.tr("What is sent"),
            self.tr("Test"),
            self.tr("Done"),
        ]

    def _show_buttons(self) -> None:
        self.next.setText(self._next_text())
        self.back.setVisible(self._at > 0)

    def _next_text(self) -> str:
        """Never switched off while something goes on: the keyboard would be lost."""
        if self.desk.saving:
            return self.tr("Saving…")
        if action := self.card.action():
            return action
        if not self._must_save():
            return self.tr("&Next")
        return self.tr("&Save and start") if self._must_stay() else self.tr("&Save and go on")

    def _must_save(self) -> bool:
        return self.card.saves and (self.desk.dirty or self._must_stay())

    def _must_stay(self) -> bool:
        """Whether there is more to do on this page once the engine runs."""
        runs = self._session.phase in {Phase.RUNNING, Phase.ATTACHED}
        return self.card.stays and not runs

    def _on_changed(self) -> None:
        self.desk.draft = self.card.apply(self.desk.draft)
        self.hush()
        self._show_buttons()

    def _on_made(self, card: SetupCard) -> None:
        self._sheets[card.name] = Sheet(card)
        self.pages.addWidget(self._sheets[card.name])
        card.changed.connect(self._on_changed)
        card.action_changed.connect(self._show_buttons)
        card.go_on.connect(self._go_on)
        card.kept_wanted.connect(self.desk.look_again)
        if isinstance(card, WelcomeCard):
            card.demo_wanted.connect(self.demo_wanted)

    def _on_kept(self, kept: Kept) -> None:
        self.card.show_kept(kept)
        self._show_rail()
        if self._asks and kept.known:
            self._asks = False
            self._ask_for_missing()

    def _on_reset(self) -> None:
        self.card.load(self.desk.draft)
        self._show_buttons()

    def _on_next(self) -> None:
        card = self.card
        if self.desk.saving or card.busy:
            return
        if (problem := card.problem()) is not None:
            card.show_problem()
            announce(self, problem)
            return
        self.desk.draft = card.apply(self.desk.draft)
        if card.act():
            return
        if self._must_save():
            self._save()
        else:
            self._go_on()

    def _go_on(self) -> None:
        if self._at + 1 < len(KINDS):
            self._turn_to(self._at + 1)
        else:
            self._finish()

    def _on_back(self) -> None:
        if self._at > 0 and not self.desk.saving:
            self._turn_to(self._at - 1)

    def _on_chosen(self, number: int) -> None:
        if number != self._at and number <= self._furthest and not self.desk.saving:
            self._turn_to(number)

    def _save(self) -> None:
        if not self._is_complete():
            return
        self.hush()
        self._staying = self._must_stay()
        self.busy.start(self.tr("Saving, and starting the engine…"))
        self.desk.save()
        self._show_buttons()

    def _is_complete(self) -> bool:
        """Whether the pages before have what is needed; secrets are not remembered."""
        for number in range(self._at):
            card = self.deck.card(number)
            card.load(self.desk.draft)
            if card.problem() is not None:
                self._turn_to(number)
                card.show_problem()
                return False
        return True

    def _on_saved(self, _: Draft, use: Use) -> None:
        self.busy.stop()
        self._remember()
        self._show_buttons()
        if self._staying:
            self.card.on_saved()
        elif not self.desk.dirty:
            self._go_on()
        tone, text, hint = advice.for_use(use)
        if self.desk.dirty:
            self.tell("warn", text, self.tr("What you changed meanwhile is not saved yet."))
        elif use in {Use.LATER, Use.NOBODY}:
            self.tell(tone, text, hint)

    def _on_failed(self, error: GladlySourceError, kept: bool) -> None:  # noqa: FBT001 - a slot
        self.busy.stop()
        self._show_buttons()
        self.tell("bad", advice.not_started(error, kept=kept), advice.for_error(error))

    def _finish(self) -> None:
        self._session.memory.set(MEMORY, {})
        if self.desk.draft.autostart is not None:
            self.autostart_wanted.emit(self.desk.draft.autostart)
        self.accept()
