"""What waits for a store's one writer, and which of it is committed together. Qt- and SQL-free."""

from __future__ import annotations

import queue
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

GROUP = 512
BULK_GROUP = 64
#: so many urgent groups in a row, then what is not urgent gets its turn: so many writes
URGENT_GROUPS = 8
TURN_GROUP = 16


class Write:
    """One piece of work for the writer, and where its result goes."""

    __slots__ = ("alone", "error", "future", "result", "simple", "urgent", "work")

    def __init__(
        self,
        work: Callable[[Any], Any],
        future: asyncio.Future[Any],
        *,
        simple: bool,
        alone: bool,
        urgent: bool,
    ) -> None:
        self.urgent = urgent
        self.work = work
        self.future = future
        self.simple = simple
        self.alone = alone
        self.result: Any = None
        self.error: BaseException | None = None


class WriteQueue:
    """Urgent work first, then the bulk; filled by the loop, emptied by the writer.

    Gladly waits for the inbox, nobody waits for the workers' bulk; but a rush without end must
    not keep that waiting for ever.
    """

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Write | None] = queue.SimpleQueue()
        self._bulk: deque[Write] = deque()
        self._urgent: list[Write] = []
        self._urgent_groups = 0
        self._may_yield = False
        self._ending = False

    def put(self, write: Write) -> None:
        """Add work; from any thread."""
        self._queue.put(write)

    def end(self) -> None:
        """Nothing more will come; from any thread."""
        self._queue.put(None)

    def next_group(self) -> list[Write]:
        """What is committed next; waits for it. [] when all is done and nothing more comes."""
        self._sort()
        urgent = self._urgent
        if urgent and not (self._bulk and self._urgent_groups >= URGENT_GROUPS):
            self._urgent, self._urgent_groups = [], self._urgent_groups + 1
            self._may_yield = False
            return urgent
        self._urgent_groups = 0
        self._may_yield = not urgent
        group: list[Write] = []
        while self._bulk and len(group) < (BULK_GROUP if self._may_yield else TURN_GROUP):
            if self._bulk[0].alone and group:
                break
            group.append(self._bulk.popleft())
            if group[-1].alone:
                break
        return group

    def yields(self) -> bool:
        """Whether the group under way should end here, because something urgent has come."""
        if not self._may_yield or self._queue.empty():
            return False
        self._sort()
        return bool(self._urgent)

    def put_back(self, rest: list[Write]) -> None:
        """What was left of a group is the first of the next."""
        self._bulk.extendleft(reversed(rest))

    def _sort(self) -> None:
        """Take what has come from the loop; wait for it when there is nothing else to do."""
        while len(self._urgent) < GROUP:
            try:
                idle = not (self._urgent or self._bulk or self._ending)
                write = self._queue.get() if idle else self._queue.get_nowait()
            except queue.Empty:
                return
            if write is None:
                self._ending = True
            else:
                (self._urgent if write.urgent else self._bulk).append(write)
