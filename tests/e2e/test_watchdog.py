"""Gladly switches the webhook off: seen, switched on again, the gap healed; one alarm, one end."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from core.credentials import Secret
from core.engine_secrets import EngineSecrets
from core.health import WELL
from core.ingest import crosscheck, watchdog
from core.ingest.server import free_port
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from core.simulator.webhooks import WebhookChange
from tests.fakes import gladly_event
from tests.fakes.rig import HOOK, SECRETS, Rig

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.engine import Engine
    from core.health import State
    from core.simulator.webhooks import Webhook

PATIENCE = 20.0
SOON = 0.2

pytestmark = pytest.mark.logs_warnings


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute takes a moment."""
    monkeypatch.setattr(watchdog, "LOOK_SECONDS", SOON)
    monkeypatch.setattr(watchdog, "AGAIN_SECONDS", SOON)
    monkeypatch.setattr(crosscheck, "LOOK_SECONDS", SOON)
    monkeypatch.setattr(crosscheck, "PATIENCE_SECONDS", 2.0)


@pytest.fixture
def gladly() -> Iterator[tuple[GladlySimulator, str]]:
    simulator = GladlySimulator(requests_per_second=0)
    with SimulatorServer(simulator) as server:
        yield simulator, server.url


@pytest.fixture
def segment() -> Iterator[tuple[SegmentSimulator, str]]:
    simulator = SegmentSimulator()
    with SimulatorServer(simulator) as server:
        yield simulator, server.url


class House:
    """An engine between a simulated Gladly and a simulated Segment, and what its health told."""

    def __init__(self, path: Path, gladly: str, segment: str, **settings: object) -> None:
        port = free_port("127.0.0.1", 20_000)
        assert port is not None
        self.told: list[State] = []
        self.rig = Rig(
            path,
            secrets=EngineSecrets(
                write_key=SECRETS.write_key,
                webhook_password=SECRETS.webhook_password,
                gladly_token=Secret(DEMO_TOKEN),
            ),
            prepare=self._listen,
            listener__port=port,
            listener__public_url=f"http://127.0.0.1:{port}",
            gladly__url=gladly,
            gladly__agent_email=DEMO_EMAIL,
            gladly__requests_per_second=10,
            segment__host=segment,
            **settings,
        )

    def _listen(self, engine: Engine) -> None:
        engine.health.changed.connect(self.told.append)

    def register(self, there: GladlySimulator) -> Webhook:
        password = SECRETS.webhook_password
        assert password is not None
        return there.add_webhook(self.rig.url + HOOK, username="gladly", password=password.reveal())

    def word(self) -> str | None:
        with self.rig.client() as client:
            word: str | None = client.get("/status").json()["gladlyWebhook"]
        return word

    def becomes(self, word: str) -> bool:
        return self.rig.wait(lambda: self.word() == word, PATIENCE)

    def alarms(self) -> list[tuple[str, str]]:
        """What was told of the webhook, alarms and their ends."""
        mine = [
            one
            for one in self.told
            if one.name in {watchdog.COMPONENT, "webhook"} and one.word != "unknown"
        ]
        first = {one.name for one in mine if one.word in WELL}
        told = []
        for one in mine:
            if one.word in WELL and one.name in first:
                first.discard(one.name)  # the first word of a component is no end of anything
                continue
            told.append((one.name, one.word))
        return told


def closed(number: int) -> dict[str, object]:
    at = datetime.fromtimestamp(time.time(), UTC).isoformat().replace("+00:00", "Z")
    return gladly_event("CONVERSATION/CLOSED", id=f"e{number}", conversation=f"c{number}", at=at)


@pytest.mark.parametrize("polls", [True, False], ids=["polled", "not polled"])
def test_switched_off_it_is_seen_rearmed_and_healed_with_one_alarm_and_one_end(
    tmp_path: Path,
    gladly: tuple[GladlySimulator, str],
    segment: tuple[SegmentSimulator, str],
    polls: bool,
):
    there, url = gladly
    arrives, segment_url = segment
    house = House(
        tmp_path, url, segment_url, listener__rearm=True, gladly__poll=polls, gladly__poll_seconds=5
    )
    with house.rig as rig:
        hook = house.register(there)
        assert house.becomes("ok")
        there.publish(closed(1))
        assert arrives.wait_until(lambda: len(arrives.accepted) == 1, PATIENCE)

        there.webhooks.switch_off(hook.id)
        there.load([closed(2), closed(3)])

        assert rig.wait(lambda: there.webhooks.get(hook.id).enabled, PATIENCE)  # type: ignore[union-attr]
        assert house.becomes("ok")
        assert arrives.wait_until(lambda: len(arrives.accepted) == 3, PATIENCE)
        there.publish(closed(4))
        assert arrives.wait_until(lambda: len(arrives.accepted) == 4, PATIENCE)
        assert set(arrives.copies.values()) == {1}
        # Long enough for the cross-check to have judged what polling alone brought.
        seen = there.lookups["webhooks"]
        assert there.wait_until(lambda: there.lookups["webhooks"] > seen + 15, PATIENCE)

    assert house.alarms() == [("gladly-webhook", "switched-off"), ("gladly-webhook", "ok")]


def test_switched_on_again_by_hand_it_is_healed_as_well(
    tmp_path: Path,
    gladly: tuple[GladlySimulator, str],
    segment: tuple[SegmentSimulator, str],
):
    there, url = gladly
    arrives, segment_url = segment
    house = House(tmp_path, url, segment_url, gladly__poll=False)
    with house.rig:
        hook = house.register(there)
        assert house.becomes("ok")
        there.webhooks.switch_off(hook.id)
        there.load([closed(1)])
        assert house.becomes("switched-off")
        assert arrives.accepted == {}

        there.webhooks.save(enabled(there, hook.id))

        assert house.becomes("ok")
        assert arrives.wait_until(lambda: len(arrives.accepted) == 1, PATIENCE)


def enabled(there: GladlySimulator, hook_id: str) -> Webhook:
    """The webhook as a person's press in Gladly leaves it."""
    hook = there.webhooks.get(hook_id)
    assert hook is not None
    return there.webhooks.changed(hook, WebhookChange(enabled=True))


def test_an_address_that_gladly_could_never_call_is_said_and_nothing_is_watched(tmp_path: Path):
    with Rig(
        tmp_path,
        gladly__url="https://acme.gladly.com",
        gladly__agent_email=DEMO_EMAIL,
        gladly__poll=False,
        listener__public_url="http://127.0.0.1:8377",
    ) as rig:
        state = rig.engine.health.get(watchdog.COMPONENT)

    assert state is not None
    assert state.word == "off"
    assert "https addresses only" in state.sentence
