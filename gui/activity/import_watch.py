"""One import from export files, from its beginning to its end, as the engine tells of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, TypeGuard

from PySide6.QtCore import QCoreApplication

from core.errors import GladlySourceError, OperationError, StoreInUse

if TYPE_CHECKING:
    from core.ingest.account import Account
    from gui.link import EngineLink

#: between two looks at the account
LOOK_SECONDS = 0.25
#: an engine that has much to do may miss so many looks
TRIES = 3
#: an engine that does not answer is not waited for when its import is to be ended
CANCEL_SECONDS = 5.0


class ImportWatch:
    """Begins an import and looks on; whatever ends the looking on ends the import.

    Args:
        since: What happened before is left alone (epoch seconds); None means all there is.
        dry_run: Nothing is stored, only counted.

    Attributes:
        account: How far it is; None before it began. Set on the work thread.
    """

    def __init__(self, since: float | None, *, dry_run: bool) -> None:
        self._since = since
        self._dry_run = dry_run
        self._stopped = self._cancelled = False
        self.account: Account | None = None

    def stop(self) -> None:
        """End it at the next look; from any thread."""
        self._stopped = True

    async def run(self, link: EngineLink) -> Account:
        """Import, and answer what it came to.

        Raises:
            GladlySourceError: It cannot begin, or nobody tells any more how far it is.
        """
        try:
            await self._begin(link)
            return await self._look_on(link)
        except BaseException:
            await self._cancel(link)
            raise

    async def _begin(self, link: EngineLink) -> None:
        """Ask for it; given up meanwhile, wait until it is known what there is to end."""
        begin = link.backfill(self._since, dry_run=self._dry_run)
        asked = asyncio.ensure_future(begin)  # noqa: TID251 - awaited here, whatever happens
        try:
            self.account = await asyncio.shield(asked)
        except asyncio.CancelledError:
            with suppress(GladlySourceError, TimeoutError):
                async with asyncio.timeout(CANCEL_SECONDS):
                    self.account = await asked
            raise

    async def _look_on(self, link: EngineLink) -> Account:
        missed = 0
        while True:
            if self._stopped and not self._cancelled:
                await self._cancel(link)
            try:
                found = await link.backfill_account()
            except StoreInUse:
                missed += 1
                if missed >= TRIES:
                    raise
            else:
                missed = 0
                if not self._is_ours(found):
                    self.account = None
                    raise _superseded()
                self.account = found
                if not found.runs:
                    return found
            await asyncio.sleep(LOOK_SECONDS)

    async def _cancel(self, link: EngineLink) -> None:
        """End it, unless it has ended and somebody else's runs."""
        if self.account is None:
            return
        self._cancelled = True
        with suppress(GladlySourceError, TimeoutError):
            async with asyncio.timeout(CANCEL_SECONDS):
                found = await link.backfill_account()
                if self._is_ours(found) and found.runs:
                    await link.cancel_backfill()

    def _is_ours(self, found: Account | None) -> TypeGuard[Account]:
        """Whether this is the import that we began: it ends at the very moment that ours does."""
        ours = self.account
        return found is not None and ours is not None and found.begun_at == ours.begun_at


def _superseded() -> OperationError:
    return OperationError(
        QCoreApplication.translate("Import", "Somebody else imports history now."),
        QCoreApplication.translate("Import", "Wait until that is done, then look again."),
    )
