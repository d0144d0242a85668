"""The forwarders of an engine: one for each source, so that none holds up another."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from core.errors import StoreError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from core.pipeline.forwarder import Forwarder
    from core.store.sql_store import SqlStore

#: remembered in the store
PAUSED: Final = "paused"


class Forwarders:
    """Tells all forwarders what is asked of an engine, and remembers a pause.

    A pause outlives a restart, and holds for all engines on a store: whoever paused is the one
    to resume.

    Args:
        store: Remembers.
        forwarders: One for each source, the one of `segment` first; none in role receive.
    """

    def __init__(self, store: SqlStore, forwarders: Sequence[Forwarder] = ()) -> None:
        self._store = store
        self._all = tuple(forwarders)
        self._asked: asyncio.Future[int] | None = None

    def __bool__(self) -> bool:
        return bool(self._all)

    @property
    def services(self) -> dict[str, Forwarder]:
        """Each by its name; they run on their own: one that fails is none of the others' affair."""
        return {one.name: one for one in self._all}

    @property
    def paused(self) -> bool:
        """Whether nothing is sent until `resume()`."""
        return any(one.paused for one in self._all)

    def wake(self) -> None:
        """Look now: something was queued."""
        for one in self._all:
            one.wake()

    def try_now(self) -> None:
        """Try Segment now, whatever held uploads back but a pause."""
        for one in self._all:
            one.try_now()

    def pause(self) -> None:
        """Send nothing to Segment until `resume()`; receiving goes on."""
        self._set_paused(paused=True)
        self._remember("yes")

    def resume(self) -> None:
        """End a pause, and try Segment now, whatever held uploads back."""
        self._set_paused(paused=False)
        self._remember("no")

    async def heed(self) -> None:
        """Do as the store says: who pauses one engine pauses all on the store.

        Raises:
            StoreError: The store cannot be read.
        """
        if not self._all or not self._is_remembered():
            return
        asked = self._asked
        paused = await self._store.get_meta(PAUSED) == "yes"
        if asked is not self._asked:
            return  # what was read is older than what was asked of this engine meanwhile
        if paused != self.paused:
            self._set_paused(paused=paused)

    def _set_paused(self, *, paused: bool) -> None:
        for one in self._all:
            if paused:
                one.pause()
            else:
                one.resume()

    def _remember(self, value: str) -> None:
        if self._all:
            with contextlib.suppress(StoreError):
                self._asked = self._store.driver.submit(
                    lambda tx: tx.change("set_meta", name=PAUSED, value=value)
                )

    def _is_remembered(self) -> bool:
        """Whether the store knows what was asked of this engine last."""
        asked = self._asked
        return asked is None or (asked.done() and asked.exception() is None)
