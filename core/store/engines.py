"""The engines that work on one store: who is there, and who has not been heard of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from core.store.base import Driver, Tx


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine says of itself.

    Args:
        id: Its name in leases.
        name: Machine and process, for people.
        role: `receive`, `forward` or `all`.
        version: Of this program.
        started_at: Epoch seconds by the store's clock.
        listens: Whether Gladly's webhook may arrive at it.
        leads: What it does that only one engine does; empty if it does not lead.
        webhook_at: When the webhook last brought something to it (epoch seconds).
    """

    id: str
    name: str
    role: str
    version: str
    started_at: float
    listens: bool
    leads: tuple[str, ...] = ()
    webhook_at: float | None = None


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """An engine, and how many seconds ago it was last heard of by the store's clock."""

    engine: Me
    seconds: float


class Engines:
    """The list of engines.

    Args:
        driver: The store's own.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    async def beat(self, me: Me, now: float) -> None:
        """Say that this engine is there."""
        terms = msgspec.structs.asdict(me) | {
            "leads": ",".join(me.leads),
            "listens": int(me.listens),
        }
        await self._driver.write(lambda tx: tx.change("beat", now=now, **terms))

    async def leave(self, one: str) -> None:
        """Take an engine off the list: it has ended, and says so."""
        await self._driver.write(lambda tx: tx.change("leave", id=one))

    async def drop(self, before: float, me: str) -> int:
        """Take off the list whoever was last heard of before then; how many those were."""
        return await self._driver.write(lambda tx: tx.change("drop_engines", before=before, id=me))

    async def everybody(self) -> list[Heard]:
        """All on the list, those that started first before the others."""
        rows = await self._driver.read(lambda tx: tx.run("engines"))
        return [
            Heard(
                engine=Me(
                    id=row[0],
                    name=row[1],
                    role=row[2],
                    version=row[3],
                    started_at=row[4],
                    leads=tuple(filter(None, row[6].split(","))),
                    listens=bool(row[7]),
                    webhook_at=row[8],
                ),
                seconds=max(0.0, row[5]),
            )
            for row in rows
        ]

    async def free_leases_of_the_gone(self, me: str, *, gone: float, now: float) -> int:
        """Free what engines hold that were last heard of before `gone`; how many rows.

        One of them may live all the same, and be slow: what it then settles is left alone, and
        what was sent twice carries one messageId.
        """

        def free(tx: Tx) -> int:
            freed = tx.change("free_webhooks_of_the_gone", gone=gone, id=me)
            return freed + tx.change("reap_of_the_gone", gone=gone, id=me, now=now)

        return await self._driver.write(free)
