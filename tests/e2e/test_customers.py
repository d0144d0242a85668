"""A merge is one alias over two channels; a deletion erases, and nothing that happened is lost."""

from __future__ import annotations

import functools
import random
import re
import time
from datetime import UTC
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from core.credentials import Secret
from core.engine import EngineSecrets
from core.mapping.transform import message_id_of
from core.model import WebhookStatus
from core.simulator.events import Conversation, EventMaker
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.people import make_world
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator, arrived
from core.simulator.traffic import make_history, truth
from core.store.reconciliation import Question
from tests.core.store.test_upkeep import holding
from tests.fakes import gladly_event
from tests.fakes.rig import HOOK, SECRETS, Rig

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 20.0
SETTLED = {WebhookStatus.RESOLVED, WebhookStatus.SKIPPED}
PASSWORD = "pässwörd"
ASKING = EngineSecrets(
    write_key=SECRETS.write_key,
    webhook_password=SECRETS.webhook_password,
    gladly_token=Secret(DEMO_TOKEN),
)


class Scene:
    """Simulated Gladly and Segment with an engine between, told by webhook and by polling."""

    def __init__(
        self, rig: Rig, gladly: GladlySimulator, segment: SegmentSimulator, maker: EventMaker
    ) -> None:
        self.rig = rig
        self.gladly = gladly
        self.segment = segment
        self.maker = maker

    def rows(self, kind: str) -> list[Any]:
        return [row for row in self.rig.webhooks() if row.kind == kind]

    def polled(self) -> None:
        """Let everything be read from the Events API as well."""
        before = self.gladly.lookups["events"]
        self.rig.ask(self.rig.engine.catch_up(time.time() - 3600))
        assert self.gladly.lookups["events"] > before

    def sums(self) -> Any:
        alias = self.rig.settings.segment.alias
        question = Question(
            since=0.0,
            until=time.time() + 1,
            zone=UTC,
            message_id=functools.partial(message_id_of, alias),
        )
        return self.rig.ask(self.rig.engine.store.sums(question))


@pytest.fixture(params=[True, False], ids=["same ids", "other ids"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    gladly = GladlySimulator(make_world(7), requests_per_second=0, same_ids=request.param)
    segment = SegmentSimulator()
    with (
        SimulatorServer(segment) as there,
        SimulatorServer(gladly) as source,
        Rig(
            tmp_path / "home",
            secrets=ASKING,
            segment__host=there.url,
            gladly__url=source.url,
            gladly__agent_email=DEMO_EMAIL,
            gladly__poll_seconds=3600,
            gladly__requests_per_second=10,
            mapping__merges="true",
        ) as rig,
    ):
        gladly.add_webhook(rig.url + HOOK, username="gladly", password=PASSWORD)
        yield Scene(rig, gladly, segment, EventMaker(random.Random(1), digits=(3,)))


def now_ns() -> int:
    return int(time.time() * 1000) * 1_000_000


def test_a_merge_is_one_alias_over_two_channels(scene: Scene):
    source, destination = [one["id"] for one in scene.gladly.world.customers][:2]
    talk = Conversation(id="c1", customer_id=source, inbox_id="i1", agent_id="a1")
    scene.gladly.publish(scene.maker.created(talk, now_ns()))
    assert scene.segment.wait_until(lambda: len(scene.segment.accepted) == 1, PATIENCE)

    scene.gladly.publish(scene.maker.merged(source, destination, now_ns()))
    assert scene.segment.wait_until(lambda: len(scene.segment.accepted) == 2, PATIENCE)
    scene.polled()
    scene.gladly.publish(scene.maker.closed(talk, now_ns()))
    assert scene.segment.wait_until(lambda: len(scene.segment.accepted) == 3, PATIENCE)

    sent = [*scene.segment.accepted.values()]
    (alias,) = [one for one in sent if one["type"] == "alias"]
    assert (alias["previousId"], alias["userId"]) == (source, destination)
    assert [one["userId"] for one in sent if one["type"] == "track"] == [source, destination]
    assert set(scene.segment.copies.values()) == {1}
    assert [*scene.segment.problems] == []
    assert scene.rig.wait(lambda: all(one.accepted_at for one in scene.rig.deliveries()))
    (delivery,) = [one for one in scene.rig.deliveries() if one.type == "alias"]
    assert scene.rig.wait(
        lambda: all(row.status != "received" for row in scene.rows("CUSTOMER/MERGED"))
    )
    assert scene.sums().adds_up
    assert delivery.conversation_id is None


@pytest.mark.logs_warnings
def test_a_deletion_erases_and_what_happened_before_still_arrives(scene: Scene):
    person = next(one for one in scene.gladly.world.customers if one.get("emails"))
    name, address = person["name"], person["emails"][0]["original"]
    first = Conversation(id="c1", customer_id=person["id"], inbox_id="i1", agent_id="a1")
    scene.gladly.publish(scene.maker.created(first, now_ns()))
    assert scene.segment.wait_until(lambda: len(scene.segment.accepted) == 1, PATIENCE)
    assert scene.rig.wait(lambda: all(one.accepted_at for one in scene.rig.deliveries()))
    scene.rig.engine.pause()
    scene.gladly.publish(scene.maker.closed(first, now_ns()))
    assert scene.rig.wait(lambda: len(scene.rig.deliveries()) == 2)
    home = scene.rig.home.path
    assert holding(home, address) != []

    scene.gladly.publish(scene.maker.deleted(person["id"], now_ns()))
    assert scene.rig.wait(
        lambda: [row.status for row in scene.rows("CUSTOMER_PROFILE/DELETED")] == ["waiting"]
    )
    assert scene.rig.wait(lambda: holding(home, address) == [])
    scene.rig.ask(resumed(scene.rig))

    assert scene.segment.wait_until(lambda: len(scene.segment.accepted) == 2, PATIENCE)
    closed = [*scene.segment.accepted.values()][-1]
    assert (closed["event"], closed["userId"]) == ("Conversation Closed", person["id"])
    assert {"customerName", "email", "phone"}.isdisjoint(closed["properties"])
    assert scene.rig.wait(
        lambda: (
            scene.rows("CUSTOMER_PROFILE/DELETED")[0].status is WebhookStatus.SKIPPED
            and holding(home, person["id"]) == []
        ),
        PATIENCE,
    )
    scene.polled()
    assert scene.rig.wait(lambda: all(one.accepted_at for one in scene.rig.deliveries()))
    assert len(scene.segment.accepted) == 2
    assert set(scene.segment.copies.values()) == {1}
    for text in (name, address):
        assert holding(home, text) == []
    assert scene.sums().adds_up
    # Polling may tell of an event once more before it is known by its content: a row more.
    said = scene.rows("CUSTOMER_PROFILE/DELETED")[0].reason
    assert re.match(r"Deleted in Gladly: .* erased here \([23] webhooks, 2 deliveries\)\.", said)


async def resumed(rig: Rig) -> None:
    rig.engine.resume()


def test_whole_days_with_merges_and_deletions_lose_nothing(scene: Scene):
    history = make_history(
        scene.gladly.world, ends_at=time.time(), seed=11, conversations=60, days=0.03
    )
    kinds = [event["type"] for event in history]
    assert {"CUSTOMER/MERGED", "CUSTOMER_PROFILE/DELETED"} <= {*kinds}
    for event in history:
        scene.gladly.publish(event)
    scene.polled()
    wanted = truth(history)

    assert scene.segment.wait_until(
        lambda: arrived(scene.segment.accepted.values()) == wanted, PATIENCE
    )
    aliases = {
        (one["previousId"], one["userId"])
        for one in scene.segment.accepted.values()
        if one["type"] == "alias"
    }
    merges = [event["content"] for event in history if event["type"] == "CUSTOMER/MERGED"]
    assert aliases == {(one["sourceCustomerId"], one["destinationCustomerId"]) for one in merges}
    assert set(scene.segment.copies.values()) == {1}
    assert len(scene.segment.accepted) == len(wanted) + len(merges)
    gone = [e["content"]["customerId"] for e in history if e["type"] == "CUSTOMER_PROFILE/DELETED"]
    home = scene.rig.home.path
    assert scene.rig.wait(
        lambda: all(
            row.status is WebhookStatus.SKIPPED for row in scene.rows("CUSTOMER_PROFILE/DELETED")
        ),
        PATIENCE,
    )
    assert scene.sums().adds_up
    addresses = [
        person["emails"][0]["original"]
        for person in make_world(7).customers
        if person["id"] in gone and person.get("emails")
    ]
    assert addresses
    for address in addresses:
        assert scene.rig.wait(lambda text=address: holding(home, text) == []), address


def test_a_deletion_told_before_a_restart_is_seen_to_after_it(tmp_path: Path):
    segment = SegmentSimulator()
    event = {"type": "CUSTOMER_PROFILE/DELETED", "content": {"customerId": "person-1"}}
    told = gladly_event("CONVERSATION/CLOSED", customer="person-1")
    with SimulatorServer(segment) as there:
        with (
            Rig(tmp_path / "home", role="receive", segment__host=there.url) as rig,
            rig.client() as client,
        ):
            for one in (event, told):
                assert client.post(HOOK, json=one).json()["status"] == "stored"

        with Rig(tmp_path / "home", segment__host=there.url) as rig:
            assert segment.wait_until(lambda: len(segment.accepted) == 1, PATIENCE)
            assert rig.wait(lambda: {row.status for row in rig.webhooks()} == SETTLED, PATIENCE)
            assert rig.wait(lambda: holding(rig.home.path, "person-1") == [])

    (closed,) = segment.accepted.values()
    assert (closed["userId"], [*segment.copies.values()]) == ("person-1", [1])


def test_nobody_without_credentials_can_have_a_person_erased(scene: Scene):
    person = scene.gladly.world.customers[0]["id"]
    talk = Conversation(id="c1", customer_id=person, inbox_id="i1", agent_id="a1")
    scene.gladly.publish(scene.maker.created(talk, now_ns()))
    assert scene.segment.wait_until(lambda: len(scene.segment.accepted) == 1, PATIENCE)

    event = scene.maker.deleted(person, now_ns())
    answer = httpx.post(scene.rig.url + HOOK, json=event, trust_env=False)

    assert answer.status_code == 401
    assert scene.rows("CUSTOMER_PROFILE/DELETED") == []
    assert scene.rig.deliveries()[0].user_id == person
