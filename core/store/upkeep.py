"""Retention and erasure: what leaves the store, in small steps that never hold up intake."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from core.store.base import Erased, Pruned, Retention
from core.store.reconciliation import PRUNED_BEFORE, pruned_before

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.store.base import Row, Tx
    from core.store.sql_store import SqlStore

STEP = 2000
#: what a webhook told that was not looked at yet is kept as well
ERASE_WEBHOOK: Final = ("keep_fact", "erase_webhook")


async def prune(store: SqlStore, policy: Retention) -> Pruned:
    """Remove bodies, then whole rows, that are older than the policy allows.

    What is still to be delivered, and dead letters, are never touched. Of conversations that
    are still open, the facts stay: without them a late assignment could not be understood.
    """
    bodies = await _sweep(store, "old_webhook_ids", policy.payload_before, ("prune_bodies",))
    contents = ("prune_payloads", "prune_errors")
    bodies += await _sweep(store, "old_delivery_ids", policy.payload_before, contents)
    before = policy.metadata_before
    # Noted first: days of which rows may be gone are not added up any more.
    await store.driver.write(lambda tx: _remember(tx, before))

    def prune_facts(tx: Tx) -> int:
        return tx.change("prune_facts", before=before, limit=STEP)

    while await store.driver.write(prune_facts):
        pass
    rows = await _sweep(store, "old_webhook_ids", before, ("prune_webhooks",))
    names = ("prune_deliveries", "prune_contents", "prune_attempts")
    rows += await _sweep(store, "old_delivery_ids", before, names)
    return Pruned(bodies=bodies, rows=rows)


def _remember(tx: Tx, before: float) -> None:
    if before > pruned_before(tx):
        tx.change("set_meta", name=PRUNED_BEFORE, value=str(before))


async def _sweep(store: SqlStore, old_ids: str, before: float, names: Sequence[str]) -> int:
    """Walk the ids from the first to the last old one, a step a transaction."""
    rows = await store.driver.read(lambda tx: tx.run(old_ids, before=before))
    first, last = rows[0]
    if first is None:
        return 0
    touched = 0
    for after in range(first - 1, last, STEP):
        upto = min(after + STEP, last)
        touched += await store.driver.write(_step(names, after, upto, before))
    return touched


def _step(names: Sequence[str], after: int, upto: int, before: float) -> Callable[[Tx], int]:
    def step(tx: Tx) -> int:
        first, *others = names
        touched = tx.change(first, after=after, upto=upto, before=before)
        if touched:
            for name in others:
                tx.change(name, after=after, upto=upto)
        return touched

    return step


async def erase(store: SqlStore, *customer_ids: str) -> Erased:
    """Remove a person's data everywhere, beyond recovery, under all ids that they had.

    Kept are bare rows without content, and of the conversations what happened and when, under
    their own ids: so that the same notification arriving once more, or a history told again by
    other ids, is recognised and does not bring the person back. What was not sent is not sent.
    """
    webhooks: dict[int, None] = {}
    deliveries: dict[int, None] = {}
    for one in customer_ids:
        told, sent = await _erase_one(store, one)
        webhooks.update(dict.fromkeys(told))
        deliveries.update(dict.fromkeys(sent))
    await store.driver.scrub()
    return Erased(webhooks=len(webhooks), deliveries=len(deliveries))


async def _erase_one(store: SqlStore, customer_id: str) -> tuple[list[int], list[int]]:
    """Remove what stands under one id; the webhooks and the deliveries."""
    # As a whole word: nobody whose id merely contains this one is taken along.
    whole = re.compile(rb"(?<![\w-])" + re.escape(customer_id.encode()) + rb"(?![\w-])")
    wanted = json.dumps([customer_id])

    def find_webhooks(tx: Tx) -> tuple[list[int], list[int]]:
        rows = tx.run("webhooks_of_customers", customers=wanted)
        found = [
            one
            for one, owner, _, _, body in rows
            if owner == customer_id or (body is not None and whole.search(body))
        ]
        # An alias names a customer in its content only; the merge that it came from leads there.
        aliases = [row[0] for one in found for row in tx.run("aliases_of_webhook", id=one)]
        return found, aliases

    def forget(tx: Tx) -> tuple[list[int], list[int]]:
        """In one piece: what is being resolved meanwhile was queued before, or is not any more."""
        found = tx.run("deliveries_of_customers", customers=wanted)
        told_of = tx.run("conversations_of_customers", customers=wanted)
        conversations = dict.fromkeys([row[0] for row in told_of] + [row[5] for row in found])
        conversations.pop(None, None)
        tx.keep(conversations)
        told = [row[0] for row in _webhooks_of(tx, list(conversations), customer_id)]
        _erase_step(ERASE_WEBHOOK, told)(tx)
        tx.change("erase_facts", customer_id=customer_id)
        deliveries = dict.fromkeys(row[0] for row in found)
        for one in conversations:
            rows = tx.run("deliveries_of_conversation", conversation_id=one)
            deliveries.update((row[0], None) for row in rows)
        return told, list(deliveries)

    webhooks, aliases = await store.driver.read(find_webhooks)
    await _erase_each(store, ERASE_WEBHOOK, webhooks)
    told, deliveries = await store.driver.write(forget)
    deliveries = list(dict.fromkeys(deliveries + aliases))
    await _erase_each(store, ("erase_errors", "erase_content", "erase_delivery"), deliveries)
    return webhooks + told, deliveries


def _webhooks_of(tx: Tx, conversations: Sequence[str], customer_id: str) -> list[Row]:
    """All at once, because webhooks have no index for it and everybody waits meanwhile."""
    found: list[Row] = []
    for start in range(0, len(conversations), STEP):
        some = conversations[start : start + STEP]
        ids: dict[str, object] = {f"c{number}": one for number, one in enumerate(some)}
        names = ", ".join(f":{one}" for one in ids)
        found += tx.sql(
            f"SELECT id FROM webhook WHERE conversation_id IN ({names}) "  # noqa: S608 - composed
            "AND (customer_id IS NULL OR customer_id = :customer_id)",
            {**ids, "customer_id": customer_id},
        )
    return found


async def _erase_each(store: SqlStore, names: Sequence[str], ids: Sequence[int]) -> None:
    for start in range(0, len(ids), STEP):
        await store.driver.write(_erase_step(names, ids[start : start + STEP]))


def _erase_step(names: Sequence[str], ids: Sequence[int]) -> Callable[[Tx], None]:
    def step(tx: Tx) -> None:
        for name in names:
            tx.change_each(name, [{"id": one} for one in ids])

    return step
