"""Who deliveries are about, in as many words as a list has room for; read for a few rows at once.

The names rest in what was looked up, which retention and erasure remove, so they are read from
there each time and kept nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from core.store.words import names_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.store.base import Row, Tx
    from core.store.view import StoreView

CONTENT = (
    "SELECT c.delivery_id, c.looked_up, c.payload FROM delivery_content c WHERE c.delivery_id IN"
)


class Gist(msgspec.Struct, frozen=True, kw_only=True):
    """What a list shows of a delivery's content; empty where it is not known (or not kept)."""

    customer: str = ""
    email: str = ""
    agent: str = ""


NOTHING: Final = Gist()


class _LookedUp(msgspec.Struct, frozen=True, rename="camel"):
    customer_name: str | None = None
    email: str | None = None
    agent_name: str | None = None


_looked_up = msgspec.json.Decoder(_LookedUp)


async def gists(store: StoreView, ids: Sequence[int]) -> dict[int, Gist]:
    """What there is to say about these deliveries; those without content are left out."""
    return {
        one: gist(seen, payload) for one, seen, payload in await _contents(store, ids) if payload
    }


async def payloads(store: StoreView, ids: Sequence[int]) -> dict[int, bytes]:
    """What goes to Segment of these deliveries; those without content are left out."""
    return {one: payload for one, _, payload in await _contents(store, ids) if payload}


async def _contents(store: StoreView, ids: Sequence[int]) -> Sequence[Row]:
    if not ids:
        return ()
    names: dict[str, object] = {f"id{number}": one for number, one in enumerate(ids)}
    text = f"{CONTENT} ({', '.join(f':{name}' for name in names)})"

    def read(tx: Tx) -> list[Row]:
        return tx.sql(text, names)

    return await store.driver.read(read)


def gist(looked_up: bytes | None, payload: bytes) -> Gist:
    """The gist of what was looked up and of what goes to Segment."""
    try:
        seen = _looked_up.decode(looked_up or b"{}")
    except msgspec.DecodeError:
        seen = _LookedUp()
    sent = names_in(payload)
    return Gist(
        customer=seen.customer_name or sent.customer,
        email=seen.email or sent.email,
        agent=seen.agent_name or sent.agent or sent.agent_id,
    )
