"""Names by id, from a list that Gladly gives in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.gladly.cache import SingleFlight

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from core.gladly.budget import Clock
    from core.gladly.payloads import Agent, Topic

LIST_TTL_SECONDS: Final = 3_600.0
#: an id that the list does not hold may be new, but is not worth more than one call a minute
UNKNOWN_ID_SECONDS: Final = 60.0


class Directory:
    """The names of agents, or of topics; the list is fetched when needed and good for an hour.

    Args:
        fetch: Returns the whole list.
        clock: Where time comes from.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[Iterable[Agent | Topic]]], clock: Clock
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._flight: SingleFlight[str, None] = SingleFlight()
        self._names: dict[str, str] = {}
        self._known: set[str] = set()
        self._loaded_at: float | None = None

    @property
    def known(self) -> Mapping[str, str]:
        """The names of the latest list, however old; who has no name is not in it."""
        return self._names

    async def names(self, ids: Iterable[str]) -> Mapping[str, str]:
        """Return names by id, after a fresh look at the list if these ids call for it.

        Raises:
            GladlyError: The list is needed and cannot be had.
        """
        if self._due(ids):
            await self._flight.run("list", self._load)
        return self._names

    def _due(self, ids: Iterable[str]) -> bool:
        wanted = set(ids)
        if not wanted:
            return False
        if self._loaded_at is None:
            return True
        age = self._clock.monotonic() - self._loaded_at
        return age >= LIST_TTL_SECONDS or (age >= UNKNOWN_ID_SECONDS and not wanted <= self._known)

    async def _load(self) -> None:
        entries = tuple(await self._fetch())
        self._known = {entry.id for entry in entries}
        self._names = {entry.id: entry.name for entry in entries if entry.name}
        self._loaded_at = self._clock.monotonic()
