"""What an engine keeps open to its store: whether it leads, and what engines tell each other.

Of all engines on one store exactly one leads: it does what has to be done once. An engine alone
on its store always does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from core.errors import StoreInUse

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from core.store.base import Driver

#: what engines tell each other: something was put into the inbox, or into the outbox
News = Literal["webhook", "delivery"]
NEWS: Final[tuple[News, ...]] = ("webhook", "delivery")


class Session(Protocol):
    """One engine's standing connection to its store."""

    def start(self, told: Callable[[News], None], changed: Callable[[], None]) -> None:
        """Begin; on the loop, where both are called.

        Args:
            told: Another engine says that there is something new.
            changed: Look at `leads` again.
        """

    def tell(self, news: News) -> None:
        """Let all other engines know; cheap, however often it is called."""

    def leads(self) -> bool:
        """Whether this engine leads, at this moment."""

    async def stop(self) -> None:
        """Let another one lead."""


class Alone:
    """No other engine can use this store: nobody is told anything, and this one leads."""

    def start(self, told: Callable[[News], None], changed: Callable[[], None]) -> None:
        """Nothing to begin."""

    def tell(self, news: News) -> None:
        """There is nobody to tell."""

    def leads(self) -> bool:
        """Always."""
        return True

    async def stop(self) -> None:
        """Nobody else could lead."""


class Fenced:
    """A driver through which only the engine that leads can write.

    Args:
        driver: The store's own.
        leads: Whether this engine leads.
    """

    def __init__(self, driver: Driver, leads: Callable[[], bool]) -> None:
        self._driver = driver
        self._leads = leads

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the driver has
        return getattr(self._driver, name)

    async def write(self, work: Callable[[Any], Any], *, simple: bool = False) -> Any:  # noqa: ANN401 - the work's result
        """See Driver.write.

        Raises:
            StoreInUse: Another engine leads now; nothing was written.
        """
        self._check()
        return await self._driver.write(work, simple=simple)

    def submit(self, work: Callable[[Any], Any], *, simple: bool = False) -> asyncio.Future[Any]:
        """See Driver.submit.

        Raises:
            StoreInUse: Another engine leads now.
        """
        self._check()
        return self._driver.submit(work, simple=simple)

    def _check(self) -> None:
        if not self._leads():
            raise StoreInUse("Another engine on this store leads now.", "Nothing has to be done.")
