"""An engine that imports only in appearance; a test says how far it is."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from core.errors import OperationError
from core.ingest.account import CANCELLED, Account

if TYPE_CHECKING:
    import asyncio

    from core.errors import GladlySourceError


class FakeImports:
    """Imports at once what `finds` says; with `holds`, not before it is let go on.

    Attributes:
        begun: With which `since`, and whether as a dry run, each import was asked for.
        cancels: How many imports were ended.
        unanswered: So many looks more fail with `silence`.
    """

    def __init__(self, **finds: object) -> None:
        self.finds = finds
        self.holds = False
        self.slow: asyncio.Event | None = None
        self.refuses: GladlySourceError | None = None
        self.silence: GladlySourceError | None = None
        self.unanswered = 0
        self.begun: list[tuple[float | None, bool]] = []
        self.cancels = 0
        self.account: Account | None = None

    async def backfill(self, since: float | None, *, dry_run: bool) -> Account:
        self.begun.append((since, dry_run))
        if self.slow is not None:
            await self.slow.wait()
        if self.refuses is not None:
            raise self.refuses
        if self.account is not None and self.account.runs:
            raise OperationError("History is being imported already.", "Wait until it is done.")
        begun_at = float(len(self.begun))
        self.account = Account(
            dry_run=dry_run, since=since or 0.0, until=1.0, begun_at=begun_at, jobs=14
        )
        return copy(self.account)

    async def backfill_account(self) -> Account | None:
        if self.unanswered and self.silence is not None:
            self.unanswered -= 1
            raise self.silence
        if self.account is not None and self.account.runs and not self.holds:
            self.end("done")
        return copy(self.account)

    async def cancel_backfill(self) -> None:
        self.cancels += 1
        if self.account is not None and self.account.runs:
            self.account.state = CANCELLED

    def end(self, state: str, **found: object) -> None:
        """What was found; the import that runs is over."""
        assert self.account is not None
        every = {"jobs_read": self.account.jobs, **self.finds, **found, "state": state}
        for name, value in every.items():
            setattr(self.account, name, value)
