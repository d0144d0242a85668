"""Service: runs a backfill when somebody asks for one; one at a time, and it can be cancelled."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from core.errors import GladlySourceError, OperationError
from core.ingest.account import CANCELLED, DONE, FAILED

if TYPE_CHECKING:
    from core.ingest.account import Account
    from core.ingest.backfill import Backfill

OUR_MISTAKE = "A mistake of ours: the log says more."


class Backfills:
    """Whoever asks looks at the account, which is kept up to date meanwhile.

    Args:
        backfill: Does the work.

    Attributes:
        account: The import that runs or ran last; None before the first.
    """

    def __init__(self, backfill: Backfill) -> None:
        self._backfill = backfill
        self._asked = asyncio.Event()
        self._stopping = False
        #: ends the import that is under way
        self._limit: asyncio.Timeout | None = None
        self.account: Account | None = None

    def start(self, since: float | None, *, dry_run: bool) -> Account:
        """Begin to import what happened since then (epoch seconds); None means all there is.

        Raises:
            OperationError: An import is running.
        """
        if self.account is not None and self.account.runs:
            raise OperationError(
                "History is being imported already.", "Wait until it is done, or cancel it."
            )
        self.account = self._backfill.begin(since, dry_run=dry_run)
        self._asked.set()
        return self.account

    def cancel(self) -> None:
        """End the import that runs; what is stored by then stays."""
        if self.account is not None and self.account.runs:
            self.account.state = CANCELLED
            if self._limit is not None:
                self._limit.reschedule(0.0)

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping = True
        self.cancel()
        self._asked.set()

    async def run(self) -> None:
        """Work until `stop()`."""
        while not self._stopping:
            await self._asked.wait()
            self._asked.clear()
            if self.account is None or not self.account.runs:
                continue  # stopped, or cancelled before it began
            try:
                async with asyncio.timeout(None) as self._limit:
                    await carry_out(self._backfill, self.account)
            except TimeoutError:
                continue  # cancelled
            finally:
                self._limit = None


async def carry_out(backfill: Backfill, account: Account) -> None:
    """Import, and say in the account how it ended."""
    try:
        await backfill.run(account)
    except asyncio.CancelledError:
        account.state = CANCELLED
        raise
    except GladlySourceError as exc:
        account.problem, account.state = str(exc), FAILED
    except Exception:
        account.problem, account.state = OUR_MISTAKE, FAILED
        raise
    else:
        account.state = DONE
