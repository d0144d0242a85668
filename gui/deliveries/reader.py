"""Fills the table of events from the store: at once, exactly a moment later, then as it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.store.base import Filter
from gui.deliveries import reads

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any

    from core.errors import GladlySourceError
    from core.store.view import StoreView
    from gui.bridge import Asked
    from gui.deliveries.blocks import Bounds
    from gui.deliveries.columns import EventRow
    from gui.deliveries.model import EventModel
    from gui.session import Session

#: rows beside those in view that are loaded with them
MARGIN = 64
#: a read that took t seconds is not repeated for so many times t
REST = 4.0
SURVEY_REST = 10.0
SURVEY_SECONDS = 1.0
RETRY_MS = 2000
#: full reads of newer rows in a row, after which counting anew is quicker
BEHIND = 8
#: rows whose ids may be gathered at once
MOST_IDS = 20_000


class EventReader(QObject):
    """Asks for what the model shows; never twice at a time for the same thing.

    Args:
        session: Whose store is read.
        model: What is filled.
        shown: Says which rows are in view, first and last; none when first > last.
        around: Says which ids are to be loaded at once when rows are read anew.

    Signals:
        opened: The newest rows of a new filter are there, or it turned out that there are none.
        counted: How many rows there are is known from now on.
        failed: Something could not be read, and why.
    """

    opened = Signal()
    counted = Signal()
    failed = Signal(object)

    def __init__(
        self,
        session: Session,
        model: EventModel,
        shown: Callable[[], tuple[int, int]],
        around: Callable[[], list[int]],
    ) -> None:
        super().__init__(model)
        self._session = session
        self._model = model
        self._shown = shown
        self._around = around
        self.wanted = Filter()
        #: whether all rows are counted, not only the newest read
        self.is_counted = False
        self._active = False
        self._stale = True
        self._changed = False
        self._full_reads = 0
        self._survey_seconds = 0.0
        self._under_way: dict[str, Asked] = {}
        self._pause = self._timer(self._refresh)
        self._survey_pause = self._timer(self._survey)
        self._load_soon = self._timer(self._load)
        session.changed.connect(self._on_changed)

    def open(self, wanted: Filter) -> None:
        """Show what passes another filter."""
        self.wanted = wanted
        self.is_counted = False
        self._stale = True
        self._drop()
        if self._active:
            self._open()

    def activate(self) -> None:
        """Read, and follow what changes."""
        self._active = True
        if self._stale:
            self._open()
        elif "opening" not in self._under_way:
            self._survey()

    def deactivate(self) -> None:
        """Read nothing until `activate()`."""
        self._active = False
        self._drop()

    def load(self) -> None:
        """Load what has come into view, as soon as nothing more urgent is to be done."""
        if self._active and not self._load_soon.isActive():
            self._load_soon.start(0)

    def gather(
        self,
        runs: Sequence[tuple[int, int]],
        then: Callable[[list[int]], None],
        failed: Callable[[GladlySourceError], None],
    ) -> bool:
        """The ids of these rows (first and last of each run); False if they are too many."""
        if sum(last - first + 1 for first, last in runs) > MOST_IDS:
            return False
        known, unknown = self._model.ids(runs)
        if not unknown:
            then(known)
            return True
        wanted, session = self.wanted, self._session
        bounds = {one: (self._model.bounds(one), self._model.size(one)) for one in unknown}

        def pick(found: dict[int, list[int]]) -> None:
            picked = [
                found[block][offset]
                for block, offsets in unknown.items()
                for offset in offsets
                if offset < len(found[block])
            ]
            then(known + picked)

        session.ask(
            lambda: reads.ids(session.store, wanted, bounds),
            owner=self,
            then=pick,
            failed=failed,
        )
        return True

    @Slot()
    def _on_changed(self) -> None:
        self._changed = True
        if self._active and not self._pause.isActive():
            self._refresh()

    def _open(self) -> None:
        self._stale = False
        self._ask("opening", reads.opening, self._on_opening)

    def _on_opening(self, opening: reads.Opening) -> None:
        self._model.show_first(opening.rows)
        self.opened.emit()
        if opening.whole:
            self._count()
        else:
            self._survey()

    def _survey(self) -> None:
        if not self._active or "opening" in self._under_way:
            return
        if self._cancel("fresh"):
            self._changed = True  # its rows would come twice
        around = self._around()
        self._ask(
            "survey", lambda store, wanted: reads.survey(store, wanted, around), self._on_survey
        )

    def _on_survey(self, survey: reads.Survey) -> None:
        if not self._model.same_as(survey):
            self._cancel("block")
            self._model.replace(survey)
        self._survey_seconds = survey.seconds
        self._full_reads = 0
        self._count()
        self.load()

    def _count(self) -> None:
        self.is_counted = True
        self.counted.emit()
        self._refresh()

    def _refresh(self) -> None:
        """Look at what is newer and at the rows in view, once for all changes until now."""
        if not (self._active and self._changed and self.is_counted):
            return
        if "fresh" in self._under_way or "survey" in self._under_way:
            return
        self._changed = False
        first, last = self._shown()
        rows = (self._model.row(one) for one in range(first, last + 1))
        shown = [row.id for row in rows if row is not None]
        top = self._model.top
        self._ask(
            "fresh",
            lambda store, wanted: reads.fresh(store, wanted, top, shown),
            lambda fresh: self._on_fresh(fresh, shown),
        )

    def _on_fresh(self, fresh: reads.Fresh, shown: Sequence[int]) -> None:
        left = self._model.update(shown, fresh.standing, self.wanted)
        self._model.add_newer(fresh.newer)
        self._model.begin_day()
        self._full_reads = self._full_reads + 1 if fresh.more else 0
        if self._full_reads > BEHIND:
            self._survey()
            return
        self._changed = self._changed or fresh.more
        self._pause.start(0 if fresh.more else int(fresh.seconds * REST * 1000))
        # By status rows come and go anywhere, not only on top and in view; where several engines
        # write, a row may appear below the newest.
        moving = left or self.wanted.statuses or self.wanted.codes or not self._ids_in_order()
        if moving and not self._survey_pause.isActive():
            seconds = max(SURVEY_SECONDS, self._survey_seconds * SURVEY_REST)
            self._survey_pause.start(int(seconds * 1000))

    def _ids_in_order(self) -> bool:
        return not self._session.has_store or self._session.store.ids_in_order

    def _load(self) -> None:
        """Load one block; the next when it is there, if it is still in view then."""
        if not self._active or "block" in self._under_way or "survey" in self._under_way:
            return
        first, last = self._shown()
        blocks = self._model.missing(first, last) or self._model.missing(
            first - MARGIN, last + MARGIN
        )
        if blocks:
            self._read_block(blocks[0], self._model.bounds(blocks[0]))

    def _read_block(self, block: int, bounds: Bounds) -> None:
        size = self._model.size(block)

        def put(rows: list[EventRow]) -> None:
            self._model.put(block, rows)
            self._load()

        self._ask("block", lambda store, wanted: reads.block(store, wanted, bounds, size), put)

    def _ask(
        self,
        kind: str,
        read: Callable[[StoreView, Filter], Awaitable[Any]],
        then: Callable[[Any], None],
    ) -> None:
        session, wanted = self._session, self.wanted
        self._cancel(kind)

        def done(answer: Any) -> None:  # noqa: ANN401 - one kind's answer
            del self._under_way[kind]
            then(answer)

        def failed(error: GladlySourceError) -> None:
            del self._under_way[kind]
            self._stale = self._stale or kind == "opening"
            self._changed = True
            if kind != "opening":
                (self._survey_pause if kind == "survey" else self._pause).start(RETRY_MS)
            self.failed.emit(error)

        self._under_way[kind] = session.ask(
            lambda: read(session.store, wanted), owner=self, then=done, failed=failed
        )

    def _cancel(self, kind: str) -> bool:
        """Wait no longer for an answer; whether one was under way."""
        asked = self._under_way.pop(kind, None)
        if asked is not None:
            asked.cancel()
        return asked is not None

    def _drop(self) -> None:
        """Wait for no answer any more."""
        for kind in tuple(self._under_way):
            self._cancel(kind)
        for timer in (self._pause, self._survey_pause, self._load_soon):
            timer.stop()

    def _timer(self, call: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(call)
        return timer
