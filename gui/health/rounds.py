"""Runs the doctor's checks in the background, a few at a time, and keeps what they found."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.doctor.doctor import NAMES
from gui.health.bundle import doctor_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.doctor.outcome import Outcome
    from core.doctor.subject import Outside
    from gui.bridge import Asked
    from gui.session import Session

#: one that waits for a network must not hold up all others
LANES = 3


class Rounds(QObject):
    """Checks one installation.

    Args:
        session: The installation.
        outside: The world around; tests hand in another.

    Signals:
        began: A check began: its name.
        found: A check ended: its Outcome.
        finished: Nothing is being checked any more.
    """

    began = Signal(str)
    found = Signal(object)
    finished = Signal()

    def __init__(
        self, session: Session, outside: Outside | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._outside = outside
        self._waiting: deque[str] = deque()
        self._asked: dict[str, Asked | None] = {}
        self.outcomes: dict[str, Outcome] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Every check, in the order in which a person would go about it."""
        return NAMES

    @property
    def running(self) -> set[str]:
        """What is being checked."""
        return set(self._asked)

    @property
    def busy(self) -> bool:
        """Whether anything is being checked."""
        return bool(self._asked or self._waiting)

    @property
    def complete(self) -> bool:
        """Whether there is an outcome of every check."""
        return all(name in self.outcomes for name in NAMES)

    @property
    def ordered(self) -> list[Outcome]:
        """The outcomes that there are, in the order of the checks."""
        return [self.outcomes[name] for name in NAMES if name in self.outcomes]

    def run(self, names: Sequence[str] = NAMES) -> None:
        """Check these; those under way already are not begun twice."""
        for name in names:
            if name not in self._asked and name not in self._waiting:
                self._waiting.append(name)
        self._fill_lanes()

    def stop(self) -> None:
        """Give up what is under way; what was found stays."""
        asked, self._asked = self._asked, {}
        self._waiting.clear()
        for one in asked.values():
            if one is not None:
                one.cancel()

    def _fill_lanes(self) -> None:
        while self._waiting and len(self._asked) < LANES:
            name = self._waiting.popleft()
            self._asked[name] = None
            self.began.emit(name)
            self._begin(name)

    def _begin(self, name: str) -> None:
        doctor = doctor_for(self._session, self._outside)

        async def examine() -> Outcome:
            [outcome] = [outcome async for outcome in doctor.run([name])]
            return outcome

        self._asked[name] = self._session.ask(examine, owner=self, then=self._on_found)

    def _on_found(self, outcome: Outcome) -> None:
        self._asked.pop(outcome.name, None)
        self.outcomes[outcome.name] = outcome
        self.found.emit(outcome)
        self._fill_lanes()
        if not self.busy:
            self.finished.emit()
