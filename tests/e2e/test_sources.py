"""Several Segment sources: each gets everything, on a queue of its own."""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import pytest

from core.credentials import Secret
from core.model import DeliveryStatus
from core.simulator.people import make_world
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator, arrived
from core.simulator.traffic import make_history, truth
from core.store.base import Filter
from tests.fakes.rig import HOOK, SECRETS, Rig

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENOUGH = 20
TWO = msgspec.structs.replace(SECRETS, source_keys={"marketing": Secret("m" * 32)})


@pytest.fixture
def history() -> list[dict[str, object]]:
    return make_history(make_world(1), ends_at=time.time() - 60, seed=1, conversations=ENOUGH)


@pytest.fixture
def segments() -> Iterator[tuple[Source, Source]]:
    """The first one answers; the second one is away."""
    away = SegmentSimulator(faults=["500"])
    with running(SegmentSimulator()) as first, running(away) as second:
        yield first, second


class Source(msgspec.Struct):
    """A simulated Segment, and where it is."""

    app: SegmentSimulator
    url: str


@contextmanager
def running(app: SegmentSimulator) -> Iterator[Source]:
    with SimulatorServer(app) as server:
        yield Source(app, server.url)


def rig(path: Path, first: Source, second: Source) -> Rig:
    return Rig(
        path,
        secrets=TWO,
        segment__host=first.url,
        segment__alias="support",
        sources__marketing__host=second.url,
        sources__marketing__names="live-chat",
    )


def tell(one: Rig, history: list[dict[str, object]]) -> None:
    with one.client() as client:
        for event in history:
            assert client.post(HOOK, content=json.dumps(event)).status_code == 200


async def resumed(one: Rig) -> None:
    one.engine.resume()


def counts(one: Rig) -> Counter[tuple[str, str]]:
    return Counter((row.source, str(row.status)) for row in one.deliveries())


@pytest.mark.logs_warnings
def test_a_source_that_is_away_holds_up_no_other_and_gets_everything_later(
    tmp_path: Path,
    segments: tuple[Source, Source],
    history: list[dict[str, object]],
) -> None:
    first, second = segments
    expected = truth(history, "assigned")
    with rig(tmp_path, first, second) as one:
        tell(one, history)

        assert one.wait(lambda: counts(one)["", "accepted"] == len(expected), 20)
        assert counts(one)["marketing", "accepted"] == 0
        states = {state.name: state.word for state in one.engine.health.states()}
        assert (states["segment"], states["segment:marketing"]) == ("ok", "backing-off")

        second.app.faults.clear()
        one.ask(resumed(one))

        assert one.wait(lambda: counts(one)["marketing", "accepted"] == len(expected), 20)
    assert arrived(first.app.accepted.values()) == expected
    assert {one["event"] for one in second.app.accepted.values()} == {
        "Live Chat Conversation Started",
        "Live Chat Conversation Ended",
    }
    assert not set(first.app.accepted) & set(second.app.accepted)


def test_a_source_that_is_added_gets_what_happens_from_then_on(
    tmp_path: Path,
    segments: tuple[Source, Source],
    history: list[dict[str, object]],
) -> None:
    first, second = segments
    second.app.faults.clear()
    half = len(history) // 2
    with Rig(tmp_path, segment__host=first.url, segment__alias="support") as one:
        tell(one, history[:half])
        assert one.wait(lambda: {row.status for row in one.webhooks()}.isdisjoint({"received"}))
        before = {row.message_id for row in one.deliveries()}
    with rig(tmp_path, first, second) as one:
        tell(one, history[half:])
        expected = truth(history, "assigned")
        assert one.wait(lambda: counts(one)["", "accepted"] == len(expected), 20)

        page = one.ask(one.engine.store.page(Filter(sources=("marketing",)), None, 1000))

        assert len(page.rows) == len(expected) - len(before)
        assert {row.source for row in page.rows} == {"marketing"}


@pytest.mark.logs_warnings
def test_what_is_for_a_source_that_was_taken_out_waits_and_goes_nowhere_else(
    tmp_path: Path,
    segments: tuple[Source, Source],
    history: list[dict[str, object]],
) -> None:
    first, second = segments
    with rig(tmp_path, first, second) as one:
        tell(one, history)
        assert one.wait(lambda: counts(one)["", "accepted"] == len(truth(history, "assigned")), 20)
    sent = set(first.app.accepted)
    with Rig(tmp_path, segment__host=first.url, segment__alias="support") as one:
        one.ask(resumed(one))
        waiting = [row for row in one.deliveries() if row.source == "marketing"]
        assert {row.status for row in waiting} <= {DeliveryStatus.PENDING, DeliveryStatus.RETRYING}
        assert one.wait(lambda: "segment:marketing" in states(one))
        assert states(one)["segment:marketing"].word == "removed"
        assert "marketing" in states(one)["segment:marketing"].sentence
    assert set(first.app.accepted) == sent


def states(one: Rig) -> dict[str, object]:
    return {state.name: state for state in one.engine.health.states()}
