"""Watches a session and says, in a person's words, what `gui.notices` finds worth telling."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from gui.first_run import is_first_run
from gui.notices import ENGINE, Announcement, Kind, Notices, situation_of
from gui.pages import ATTENTION, EVENTS, HEALTH
from gui.run import Phase
from gui.words import number

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.settings import Settings
    from gui.session import Session

LOOK_MS = 5000
SNOOZE_SECONDS = 3600.0
#: while the engine starts or stops nothing is known
KNOWN = frozenset({Phase.RUNNING, Phase.ATTACHED, Phase.FAILED})
SHOWN = 3


class Notifier(QObject):
    """Looks at every change, and every few seconds.

    Signals:
        told: Kind, title, text and the page that has more, of something worth telling.
        over: What was told last is so no longer.
        snoozed: Whether notifications are quiet now.

    Args:
        session: What is watched.
        clock: Seconds that only ever grow, whatever happens to the time of day.
    """

    told = Signal(object, str, str, str)
    over = Signal()
    snoozed = Signal(bool)

    def __init__(
        self,
        session: Session,
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._clock = clock
        self.notices = Notices(session.settings.app.notify)
        self._quiet = False
        self._last: Announcement | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        session.phase_changed.connect(self.look)
        session.health_changed.connect(self.look)
        session.counted.connect(self.look)
        session.settings_changed.connect(self._on_settings)
        self._timer.start()

    def snooze(self, *, quiet: bool) -> None:
        """Be quiet for an hour, or stop being it."""
        if quiet:
            self.notices.snooze(self._clock(), SNOOZE_SECONDS)
        else:
            self.notices.wake()
        self._say_snoozed()
        self.look()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def look(self, _: object = None) -> None:
        """Tell what is worth telling now."""
        session = self._session
        self._say_snoozed()
        if session.phase not in KNOWN or not self._timer.isActive():
            return
        known = session.error is not None and not is_first_run(session)
        error = str(session.error) if known else ""
        situation = situation_of(session.states, session.counts, error)
        announcement = self.notices.observe(situation, self._clock())
        if announcement is not None:
            self._last = announcement
            title, text = wording(announcement)
            self.told.emit(announcement.kind, title, text, page_of(announcement))
        elif self._last is not None and not self.notices.holds(self._last, situation):
            self._last = None
            self.over.emit()

    def _say_snoozed(self) -> None:
        quiet = self._clock() < self.notices.snoozed_until
        if quiet != self._quiet:
            self._quiet = quiet
            self.snoozed.emit(quiet)

    def _on_settings(self, settings: Settings) -> None:
        self.notices.level = settings.app.notify


def wording(said: Announcement) -> tuple[str, str]:
    """Title and text for a person."""
    match said.kind:
        case Kind.RECOVERED:
            over = _tr("Over: {0}").format(", ".join(_names(said)))
            if said.dead:
                return over, _tr("{0}.").format(_dead(said))
            return _tr("All is well again"), _tr("{0}.").format(over)
        case Kind.CAUGHT_UP:
            return _tr("Caught up"), _tr("Nothing waits any more; {0} deliveries did.").format(
                number(said.waiting)
            )
        case Kind.DEAD:
            again = (
                _tr("It will not be tried again by itself.")
                if said.dead == 1
                else _tr("They will not be tried again by themselves.")
            )
            return _dead(said), again
        case _:
            return _problem(said)


def page_of(said: Announcement) -> str:
    """The page that has more."""
    return {Kind.DEAD: ATTENTION, Kind.CAUGHT_UP: EVENTS}.get(said.kind, HEALTH)


def _problem(said: Announcement) -> tuple[str, str]:
    names = _names(said)
    if said.problems[0].name == ENGINE:
        title = _tr("Gladly Source does not run")
    elif len(names) == 1:
        title = _tr("{0} needs attention").format(names[0])
    else:
        title = _tr("{0} things need attention").format(len(names))
    lines = [one.sentence for one in said.problems[:SHOWN] if one.sentence]
    if said.dead:
        lines.append(_tr("{0}.").format(_dead(said)))
    if said.waiting:
        lines.append(_tr("{0} deliveries wait.").format(number(said.waiting)))
    return title, "\n".join(lines)


def _dead(said: Announcement) -> str:
    if said.dead == 1:
        return _tr("One delivery is dead")
    return _tr("{0} deliveries are dead").format(number(said.dead))


def _names(said: Announcement) -> list[str]:
    """Components as a person calls them, each once."""
    known = {
        ENGINE: _tr("The engine"),
        "listener": _tr("The listener"),
        "poll": _tr("Polling"),
        "gladly-webhook": _tr("The webhook in Gladly"),
        "webhook": _tr("Gladly's webhook"),
        "coverage": _tr("Coverage"),
        "silence": _tr("The silence alarm"),
        "gladly": "Gladly",
        "segment": "Segment",
        "store": _tr("The store"),
        "clock": _tr("The clock"),
    }
    return list(dict.fromkeys(known.get(one.name, one.name) for one in said.problems))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Notifier", text)
