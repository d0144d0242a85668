"""Values kept for a while, fetched once however many callers want them at the same time."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

from core.errors import GladlyError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from core.gladly.budget import Clock

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")


class _Flight(Generic[V]):
    """One fetch under way; without `values` and `error` when done, it was abandoned."""

    def __init__(self) -> None:
        self.done = asyncio.Event()
        self.values: list[V] = []
        self.error: GladlyError | None = None


class SingleFlight(Generic[K, V]):
    """Lets callers with the same key share one fetch, its value or its GladlyError.

    The first caller fetches in its own task, so nothing runs that nobody waits for. If that
    caller is cancelled, one of those who wait fetches instead.
    """

    def __init__(self) -> None:
        self._flights: dict[K, _Flight[V]] = {}

    async def run(self, key: K, fetch: Callable[[], Awaitable[V]]) -> V:
        """Return what `fetch` returns, or what another caller's fetch under way returns."""
        while True:
            flight = self._flights.get(key)
            if flight is None:
                return await self._lead(key, fetch)
            await flight.done.wait()
            if flight.error is not None:
                raise flight.error
            if flight.values:
                return flight.values[0]

    async def _lead(self, key: K, fetch: Callable[[], Awaitable[V]]) -> V:
        flight = self._flights[key] = _Flight()
        try:
            value = await fetch()
        except GladlyError as exc:
            flight.error = exc
            raise
        else:
            flight.values.append(value)
            return value
        finally:
            if self._flights.get(key) is flight:
                del self._flights[key]
            flight.done.set()

    def part(self, key: K) -> None:
        """Let later callers fetch anew; those who wait already still get the fetch under way."""
        self._flights.pop(key, None)


class FetchCache(Generic[K, V]):
    """A bounded cache: least recently used goes first, each value has its time to live.

    Args:
        clock: Where time comes from.
        size: How many values are kept.
        ttl: Seconds for which a value is good.
    """

    def __init__(self, clock: Clock, *, size: int, ttl: Callable[[V], float]) -> None:
        self._clock = clock
        self._size = size
        self._ttl = ttl
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._flights: SingleFlight[K, V] = SingleFlight()
        self._loading: dict[K, object] = {}

    def __len__(self) -> int:
        return len(self._kept)

    async def get(self, key: K, fetch: Callable[[], Awaitable[V]]) -> V:
        """Return the kept value while it is good, else what `fetch` returns.

        Raises:
            GladlyError: What `fetch` raised; it is not kept.
        """
        entry = self._kept.get(key)
        if entry is not None and self._clock.monotonic() < entry[0]:
            self._kept.move_to_end(key)
            return entry[1]
        return await self._flights.run(key, lambda: self._load(key, fetch))

    async def _load(self, key: K, fetch: Callable[[], Awaitable[V]]) -> V:
        mark = self._loading[key] = object()
        try:
            value = await fetch()
            if self._loading.get(key) is mark:
                self._keep(key, value)
            return value
        finally:
            if self._loading.get(key) is mark:
                del self._loading[key]

    def _keep(self, key: K, value: V) -> None:
        self._kept[key] = (self._clock.monotonic() + self._ttl(value), value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def stale(self, key: K) -> V | None:
        """Return the kept value even when its time is over; None without one."""
        entry = self._kept.get(key)
        return entry[1] if entry is not None else None

    def drop(self, key: K) -> None:
        """Forget the value; what is being fetched at this moment is not kept either."""
        self._kept.pop(key, None)
        self._flights.part(key)
        self._loading.pop(key, None)
