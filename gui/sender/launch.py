"""From a draft and a session to test events on their way; runs on the work thread."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from core.sender.sending import Sender
from gui import words
from gui.sender.form import Way
from gui.source import production_host, source_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from core.sender.preview import LookUp
    from core.sender.progress import Progress
    from core.simulator.drills import Drills
    from core.store.sql_store import SqlStore
    from gui.sender.draft import Draft
    from gui.session import Session

#: as long as it pays to look on: what takes longer is seen in Events
PATIENCE_SECONDS = 900.0


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """How many, how fast, and which way."""

    count: int
    per_second: float
    way: Way


def host_to_confirm(session: Session, way: Way) -> str | None:
    """The host of a production source that would be reached; None where nobody need be asked.

    Through the listener it is the running engine that sends, which may be another process's with
    older settings; straight to Segment it is this one.
    """
    through = way is Way.THROUGH
    return production_host(
        session.source if through else source_of(session.settings, session.profile)
    )


def make_sender(session: Session) -> Sender:
    """A sender for this session's home."""

    @asynccontextmanager
    async def reading() -> AsyncIterator[SqlStore | None]:
        yield session.store if session.has_store else None

    return Sender(
        session.home,
        session.settings,
        session.secrets,
        reading=reading,
        url=session.webhook_url,
        moment=words.when,
    )


async def launch(
    sender: Sender, draft: Draft, order: Order, drills: Drills | None
) -> AsyncGenerator[Progress, None]:
    """Send what the draft says; each step of each event.

    Raises:
        GladlySourceError: It cannot be sent.
    """
    bodies = await asyncio.to_thread(draft.copies, order.count)
    if drills is not None:
        topic_ids = [draft.people.topic(one).id for one in draft.topics]
        await asyncio.to_thread(drills.introduce, bodies, topic_ids)
    if order.way is Way.DIRECT:
        steps = sender.direct(bodies, per_second=order.per_second, look_up=look_up_of(draft))
    else:
        steps = sender.through(bodies, per_second=order.per_second, patience=PATIENCE_SECONDS)
    async with aclosing(steps):
        async for progress in steps:
            yield progress


def look_up_of(draft: Draft) -> LookUp:
    """What the form knows of a customer and an agent, as a look-up would say it."""
    return lambda customer_id, agent_id: draft.people.context(customer_id, agent_id, draft.topics)
