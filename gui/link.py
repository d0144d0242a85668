"""What the window may ask of the engine, be it in this process or in another."""

from __future__ import annotations

import asyncio
from copy import copy
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from core.errors import OperationError
from core.pipeline.operations import unwatched

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from core.engine import Engine
    from core.health import State
    from core.ingest.account import Account
    from core.ingest.poller import CatchUp
    from core.pipeline.operations import Effect, Selection, Watch
    from core.runner import EngineThread
    from core.store.base import Erased

T = TypeVar("T")


class EngineLink(Protocol):
    """A running engine; every method raises GladlySourceError when it cannot be done.

    `progress` is told on whichever thread the engine runs.
    """

    async def preview(self, selection: Selection) -> Effect:
        """What a replay of the selection would do."""

    async def replay(
        self, selection: Selection, *, new_id: bool = False, progress: Watch = unwatched
    ) -> int:
        """Put the selection back to pending; how many were."""

    async def discard(self, selection: Selection, *, progress: Watch = unwatched) -> int:
        """Decide that the selection is not to be sent; how many were still to be."""

    async def erase(self, customer_id: str) -> Erased:
        """Remove a person's data from the store."""

    async def health(self) -> tuple[State, ...]:
        """The state of every component."""

    async def resume(self) -> None:
        """Try Segment now."""

    async def pause(self) -> None:
        """Send nothing to Segment until `resume()`."""

    async def last_ping_at(self) -> float | None:
        """When Gladly last asked whether the webhook answers (epoch seconds)."""

    async def catch_up(self, since: float | None = None) -> CatchUp:
        """Read from Gladly what happened since then, or since the last reading."""

    async def backfill(self, since: float | None, *, dry_run: bool) -> Account:
        """Begin to import what happened since then from Gladly's export files."""

    async def backfill_account(self) -> Account | None:
        """How far the import is that runs, or what the last one came to."""

    async def cancel_backfill(self) -> None:
        """End the import that runs."""


class OwnEngine:
    """The engine of this process, on its own thread.

    Args:
        thread: Runs it.
        engine: The engine.
    """

    def __init__(self, thread: EngineThread, engine: Engine) -> None:
        self._thread = thread
        self._engine = engine

    async def preview(self, selection: Selection) -> Effect:
        """What a replay of the selection would do."""
        return await self._run(self._engine.operations.preview(selection))

    async def replay(
        self, selection: Selection, *, new_id: bool = False, progress: Watch = unwatched
    ) -> int:
        """Put the selection back to pending; how many were."""
        operations = self._engine.operations
        return await self._run(operations.replay(selection, new_id=new_id, progress=progress))

    async def discard(self, selection: Selection, *, progress: Watch = unwatched) -> int:
        """Decide that the selection is not to be sent; how many were still to be."""
        return await self._run(self._engine.operations.discard(selection, progress=progress))

    async def erase(self, customer_id: str) -> Erased:
        """Remove a person's data from the store."""
        return await self._run(self._engine.operations.erase(customer_id))

    async def health(self) -> tuple[State, ...]:
        """The state of every component."""
        return await self._call(self._engine.health.states)

    async def resume(self) -> None:
        """Try Segment now."""
        await self._call(self._engine.resume)

    async def pause(self) -> None:
        """Send nothing to Segment until `resume()`."""
        await self._call(self._engine.pause)

    async def last_ping_at(self) -> float | None:
        """When Gladly last asked whether the webhook answers (epoch seconds)."""
        return await self._call(self._engine.last_ping_at)

    async def catch_up(self, since: float | None = None) -> CatchUp:
        """Read from Gladly what happened since then, or since the last reading."""
        return await self._run(self._engine.catch_up(since))

    async def backfill(self, since: float | None, *, dry_run: bool) -> Account:
        """Begin to import what happened since then from Gladly's export files."""
        return await self._call(lambda: copy(self._engine.backfills.start(since, dry_run=dry_run)))

    async def backfill_account(self) -> Account | None:
        """How far the import is that runs, or what the last one came to; it stays as it is."""
        return await self._call(lambda: copy(self._engine.backfills.account))

    async def cancel_backfill(self) -> None:
        """End the import that runs."""
        await self._call(lambda: self._engine.backfills.cancel())  # noqa: PLW0108 - on its loop

    async def _call(self, function: Callable[[], T]) -> T:
        async def call() -> T:
            return function()

        return await self._run(call())

    async def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        try:
            future = self._thread.call(coroutine)
        except RuntimeError as exc:
            raise not_running() from exc
        return await asyncio.wrap_future(future)


def not_running() -> OperationError:
    """Nobody could do what was asked for."""
    return OperationError("The engine does not run.", "Start it, then try again.")
