"""What a move leaves behind in both databases, so that no engine works on the wrong one. Pure.

While rows are copied, the target says how far it is (`MOVING`), and every engine refuses it. When
all is copied and compared, the file says where its rows went (`MOVED_TO`), and every engine
refuses that from then on. In this order there is no moment in which both could be used.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from core.errors import StoreMoved, StoreUnavailable

#: in the target, until it is whole: a `Mark`
MOVING: Final = "moving"
#: in the target from then on: the id of the store that its rows came from
MOVED_FROM: Final = "moved_from"
#: in the file from then on: the address, without its password
MOVED_TO: Final = "moved_to"
#: in the file: what tells it from other stores
STORE_ID: Final = "store_id"
#: whoever opens the file to write says "yes" here; a move says something else, and so can tell
WRITABLE: Final = "writable"
#: values of each database's own: they are not copied
OWN: Final = ("schema", WRITABLE, MOVING, MOVED_FROM, MOVED_TO, STORE_ID)
#: for a statement's WHERE
NOT_OWN: Final = f"name NOT IN ({', '.join(repr(one) for one in OWN)})"


class Mark(msgspec.Struct, kw_only=True):
    """How far a move is.

    Args:
        store: The id of the store whose rows are copied.
        state: What the store was when that began; differs once an engine has worked on it.
        at: The key of the last row that was copied, by table.
        indexes: How to make the indexes anew that were taken away for the copying.
    """

    store: str
    state: str
    at: dict[str, list[Any]] = msgspec.field(default_factory=dict)
    indexes: list[str] = msgspec.field(default_factory=list)


def moved(url: str) -> StoreMoved:
    """Our error for a file whose rows are elsewhere now."""
    return StoreMoved(
        f"The store of this home was moved to {url}: the file is no longer in use.",
        f"Set store.url to it: `gladly-source move --to {url}` does that.",
    )


def half() -> StoreUnavailable:
    """Our error for a database that holds a part of a store only."""
    return StoreUnavailable(
        "The move into this database has not ended: it holds a part of the store only.",
        "Run the same `gladly-source move` again: it goes on from there.",
    )
