"""A session that says what a test wants, and pages that only note whether they are seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel

from core.health import State
from core.home import Home
from core.model import Counts
from core.settings import Settings
from gui.pages import ORDER
from gui.run import Phase
from gui.source import Source, source_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from core.errors import GladlySourceError


class FakeMemory:
    """Remembers for this run."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    def set(self, key: str, value: Any) -> None:
        self.values[key] = value

    def flush(self) -> None:
        return


class FakeLink:
    """Notes what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def pause(self) -> None:
        self.asked.append("pause")

    async def resume(self) -> None:
        self.asked.append("resume")


class FakeSession(QObject):
    """What the shell reads of a session, to be set by hand."""

    phase_changed = Signal(object)
    changed = Signal()
    counted = Signal(object)
    health_changed = Signal(object)
    settings_changed = Signal(object)

    def __init__(self, path: Path, profile: str = "production") -> None:
        super().__init__()
        self.home = Home(path=path)
        self.environ: dict[str, str] = {}
        self.phase = Phase.RUNNING
        self.states: tuple[State, ...] = ()
        self.counts: Counts | None = None
        self.error: GladlySourceError | None = None
        self.holder: int | None = None
        self.profile = profile
        #: where another process's engine sends
        self.other: Source | None = None
        self.settings = Settings()
        self.memory = FakeMemory()
        self.link = FakeLink()
        self.has_store = False
        self.restarts = 0
        self.questions: list[Callable[..., Any]] = []

    @property
    def source(self) -> Source | None:
        attached = self.phase is Phase.ATTACHED
        return self.other if attached else source_of(self.settings, self.profile)

    def ask(self, make: Callable[..., Any], **_: Any) -> None:
        """Run at once what needs no loop; the rest is never answered."""
        self.questions.append(make)
        coroutine = make()
        try:
            coroutine.send(None)
        except (StopIteration, RuntimeError):
            return
        coroutine.close()

    def restart(self) -> None:
        self.restarts += 1

    def become(self, phase: Phase, error: GladlySourceError | None = None) -> None:
        self.phase, self.error = phase, error
        self.phase_changed.emit(phase)

    def feel(self, **words: str) -> None:
        """The components' states: `segment="paused"`."""
        self.states = tuple(
            State(name=name, word=word, sentence=f"{name} is {word}.", since=0)
            for name, word in words.items()
        )
        self.health_changed.emit(self.states)

    def count(self, oldest: float | None = None, unmappable: int = 0, **deliveries: int) -> None:
        self.counts = Counts(
            webhooks={"unmappable": unmappable}, deliveries=deliveries, oldest_pending_at=oldest
        )
        self.counted.emit(self.counts)


class FakePage(QLabel):
    """Notes whether it knows that it is seen."""

    open_page = Signal(str)

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(key, parent)
        self.seen = False
        self.turns = 0

    def activate(self) -> None:
        assert not self.seen
        self.seen = True
        self.turns += 1

    def deactivate(self) -> None:
        assert self.seen
        self.seen = False


def fake_pages() -> dict[str, Callable[[QWidget], QWidget]]:
    """A factory for each page."""
    return {key: lambda parent, key=key: FakePage(key, parent) for key in ORDER}  # type: ignore[misc]
