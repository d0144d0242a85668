"""Polling as the only channel, and beside the webhook; a verb that heals at once."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.people import make_world
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator, arrived
from core.simulator.traffic import make_history, truth
from tests.e2e.conftest import PASSWORD
from tests.fakes import gladly_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.conftest import Serve

PATIENCE = 20.0


@pytest.fixture
def segment() -> Iterator[tuple[SegmentSimulator, str]]:
    simulator = SegmentSimulator()
    with SimulatorServer(simulator) as server:
        yield simulator, server.url


@pytest.fixture(params=[True, False], ids=["same ids", "other ids"])
def gladly(request: pytest.FixtureRequest) -> Iterator[tuple[GladlySimulator, str]]:
    """A Gladly whose feed has the webhook's ids, or others."""
    simulator = GladlySimulator(make_world(7), requests_per_second=0, same_ids=request.param)
    with SimulatorServer(simulator) as server:
        yield simulator, server.url


def asking(url: str, **settings: str) -> dict[str, str]:
    """The environment that lets an engine ask this Gladly."""
    return {
        "GLADLY_SOURCE_GLADLY__URL": url,
        "GLADLY_SOURCE_GLADLY__AGENT_EMAIL": DEMO_EMAIL,
        "GLADLY_SOURCE_GLADLY_TOKEN": DEMO_TOKEN,
        "GLADLY_SOURCE_GLADLY__POLL_SECONDS": "5",
        "GLADLY_SOURCE_GLADLY__REQUESTS_PER_SECOND": "10",
        "GLADLY_SOURCE_MAPPING__SETTLE_SECONDS": "0.5",
        **settings,
    }


def closed(number: int, at: float) -> dict[str, Any]:
    text = datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
    return gladly_event("CONVERSATION/CLOSED", id=f"e{number}", conversation=f"c{number}", at=text)


def test_without_listener_and_public_url_everything_arrives_also_what_happened_while_off(
    serving: Callable[..., Serve],
    gladly: tuple[GladlySimulator, str],
    segment: tuple[SegmentSimulator, str],
):
    there, url = gladly
    arrives, segment_url = segment
    serve = serving(segment_url, **asking(url, GLADLY_SOURCE_LISTENER__ENABLED="false"))
    serve.start()
    assert there.wait_until(lambda: there.lookups["events"] > 0, PATIENCE)
    assert serve.stop() == 0
    # More than five minutes before the last reading nothing can be told from here.
    history = make_history(there.world, ends_at=time.time(), seed=7, conversations=20, days=0.002)
    there.load(history)

    serve.start()

    wanted = truth(history)
    assert arrives.wait_until(lambda: arrived(arrives.accepted.values()) == wanted, PATIENCE)
    channels = {
        json.loads(line)["channel"] for line in serve.run("events", "--json").stdout.splitlines()
    }
    assert channels == {"poll"}
    assert "24 h ago |" in serve.run("coverage").stdout


def test_beside_the_webhook_nothing_is_sent_twice(
    serving: Callable[..., Serve],
    gladly: tuple[GladlySimulator, str],
    segment: tuple[SegmentSimulator, str],
):
    there, url = gladly
    arrives, segment_url = segment
    serve = serving(segment_url, **asking(url))
    serve.start()
    there.add_webhook(f"{serve.url}/gladly/webhook", username="gladly", password=PASSWORD)
    for number in range(5):
        there.publish(closed(number, time.time()))
    there.load([closed(99, time.time())])  # the webhook does not tell of this one

    assert arrives.wait_until(lambda: len(arrives.accepted) == 6, PATIENCE)
    first = there.lookups["events"]
    assert there.wait_until(lambda: there.lookups["events"] > first + 1, PATIENCE)
    assert len(arrives.accepted) == 6
    assert set(arrives.copies.values()) == {1}
    rows = [json.loads(line) for line in serve.run("events", "--json").stdout.splitlines()]
    assert {row["conversationId"]: row["channel"] for row in rows} == {
        "c99": "poll",
        **{f"c{number}": "both" for number in range(5)},
    }
    with serve.client() as client:
        status = client.get("/status").json()
    assert abs(float(status["pollCursor"]) - time.time()) < 60
    assert status["components"]["poll"] == "ok"
    assert status["components"]["gladly"] == "ok"


@pytest.mark.parametrize("gladly", [True], indirect=True, ids=["same ids"])
def test_catch_up_reads_at_once_through_the_engine_or_without_one(
    serving: Callable[..., Serve],
    gladly: tuple[GladlySimulator, str],
    segment: tuple[SegmentSimulator, str],
):
    there, url = gladly
    arrives, segment_url = segment
    serve = serving(segment_url, **asking(url, GLADLY_SOURCE_GLADLY__POLL="false"))
    there.load([closed(1, time.time() - 3600)])

    alone = serve.run("catch-up", "--since", "2h", "--json")
    assert alone.returncode == 0, alone.stderr
    assert {"read": 1, "new": 1}.items() <= json.loads(alone.stdout).items()
    assert "next `serve`" in alone.stderr
    serve.start()
    assert arrives.wait_until(lambda: len(arrives.accepted) == 1, PATIENCE)

    there.load([closed(2, time.time() - 1800)])
    through = serve.run("catch-up", "--since", "30h")

    assert through.returncode == 0, through.stderr
    assert "2 events, 1 of them new" in through.stdout
    assert "24 hours only" in through.stderr
    assert arrives.wait_until(lambda: len(arrives.accepted) == 2, PATIENCE)


def test_catch_up_without_a_gladly_to_ask_is_one_line(serving: Callable[..., Serve]):
    serve = serving("http://127.0.0.1:9")

    alone = serve.run("catch-up")
    serve.start()
    through = serve.run("catch-up")

    assert (alone.returncode, through.returncode) == (2, 1)
    for said in (alone.stderr, through.stderr):
        assert len(said.splitlines()) == 1
        assert "gladly.url" in said
