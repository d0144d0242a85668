"""The whole way and back: an engine sends, the simulated Segment echoes, the engine confirms."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest

from core.credentials import Secret
from core.ingest.echo import is_signed
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from core.simulator.segment_echo import EchoDestination
from tests.fakes import body, gladly_event
from tests.fakes.rig import PATIENCE, SECRETS, Rig

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "shared-planted-secret"
ECHO_SECRETS = msgspec.structs.replace(SECRETS, echo_secret=Secret(SECRET))
CLOSED = "CONVERSATION/CLOSED"


def rig_for(path: Path, segment: SimulatorServer, **settings: object) -> Rig:
    return Rig(
        path,
        secrets=ECHO_SECRETS,
        segment__host=segment.url,
        confirm__echo="true",
        **settings,
    )


def tell(rig: Rig, count: int) -> None:
    """Gladly reports so many closed conversations."""
    with rig.client() as client:
        for number in range(count):
            one = gladly_event(CLOSED, id=f"e{number}", conversation=f"c{number}")
            assert client.post("/gladly/webhook", content=body(one)).status_code == 200


def statuses(rig: Rig) -> list[str]:
    return [str(one.status) for one in rig.deliveries()]


def destination(url: str, **options: Any) -> EchoDestination:
    return EchoDestination(f"{url}/segment/echo", Secret(SECRET), **options)


@pytest.mark.parametrize(
    "options", [{}, {"batch": 3}, {"batch": 3, "whole_body": True}, {"whole_body": True}], ids=str
)
async def test_requests_are_signed_as_the_listener_wants_them(options: dict[str, Any]):
    echo = destination("http://nowhere", **options)

    content, headers = echo.request([{"messageId": "a"}, {"messageId": "b"}])

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert is_signed(SECRET.encode(), raw, content)


@pytest.mark.parametrize("batch", [1, 4])
def test_every_event_that_segment_took_is_confirmed(tmp_path: Path, batch: int):
    simulator = SegmentSimulator()
    with SimulatorServer(simulator) as segment, rig_for(tmp_path, segment) as rig:
        echo = destination(rig.url, batch=batch)
        with SimulatorServer(SegmentSimulator(echo=echo), port=0) as echoing:
            # The listener's port is known only now: the echoes of what the first one took come
            # from a second.
            tell(rig, 9)
            assert rig.wait(lambda: statuses(rig) == ["accepted"] * 9)
            taken = list(simulator.accepted.values())
            echoing.submit(_put(echo, taken)).result(PATIENCE)

            assert rig.wait(lambda: statuses(rig) == ["confirmed"] * 9)

        counts = rig.ask(rig.engine.store.counts())
        assert counts.deliveries == {"confirmed": 9}
        assert rig.engine.health.words()["echo"] == "ok"
        assert all(one.confirmed_at is not None for one in rig.deliveries())


async def _put(echo: EchoDestination, events: list[dict[str, Any]]) -> None:
    echo.put(events)


def test_an_echo_before_the_answer_confirms_and_the_event_goes_out_once(tmp_path: Path):
    """Segment posts the echo while our request to it still waits for its answer."""
    simulator = SegmentSimulator(faults=["slow:ms=400"])
    with SimulatorServer(simulator) as segment, rig_for(tmp_path, segment) as rig:
        tell(rig, 1)
        assert rig.wait(lambda: statuses(rig) == ["sending"])
        message_id = rig.deliveries()[0].message_id
        content = json.dumps({"messageId": message_id}).encode()
        answer = _post(rig, content)

        assert answer == 200
        assert rig.wait(lambda: statuses(rig) == ["confirmed"])
        assert simulator.copies == {message_id: 1}
        assert rig.deliveries()[0].attempts == 1


@pytest.mark.logs_warnings
def test_an_echo_proves_what_the_answer_did_not(tmp_path: Path):
    """The answer is lost after Segment took the event: no second attempt is needed."""
    simulator = SegmentSimulator(faults=["503"])
    with SimulatorServer(simulator) as segment, rig_for(tmp_path, segment) as rig:
        tell(rig, 1)
        assert rig.wait(lambda: statuses(rig) == ["retrying"])
        message_id = rig.deliveries()[0].message_id

        _post(rig, json.dumps([{"messageId": message_id}, {"messageId": "gs-x"}]).encode())

        assert rig.wait(lambda: statuses(rig) == ["confirmed"])
        delivery = rig.deliveries()[0]
        assert delivery.next_attempt_at is None
        assert delivery.accepted_at == delivery.confirmed_at


def _post(rig: Rig, content: bytes) -> int:
    signature = hmac.new(SECRET.encode(), content, hashlib.sha1).hexdigest()
    headers = {"x-signature": signature}
    with httpx.Client(trust_env=False) as client:
        return client.post(f"{rig.url}/segment/echo", content=content, headers=headers).status_code
