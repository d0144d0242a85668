"""Confirmation as a person sees it: serve, a Segment that echoes, and the verbs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from core.credentials import Secret
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator, only_source
from core.simulator.segment_echo import EchoDestination
from core.simulator.segment_public import PublicPages
from tests.e2e.conftest import WRITE_KEY, free_port
from tests.fakes.rig import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import Serve

SECRET, TOKEN = "shared-planted-secret", "planted-public-token"


def events(serve: Serve) -> list[dict[str, Any]]:
    listed = serve.run("events", "--json")
    assert listed.returncode == 0, listed.stderr
    return [json.loads(line) for line in listed.stdout.splitlines()]


def settings_for(port: int, **more: str) -> dict[str, str]:
    return {
        "GLADLY_SOURCE_LISTENER__PORT": str(port),
        "GLADLY_SOURCE_CONFIRM__ECHO": "true",
        "GLADLY_SOURCE_ECHO_SECRET": SECRET,
        "GLADLY_SOURCE_CONFIRM__PUBLIC_API": "true",
        "GLADLY_SOURCE_PUBLIC_API_TOKEN": TOKEN,
        **more,
    }


@pytest.mark.parametrize("batch", [1, 3])
def test_what_segment_sends_back_is_confirmed(serving: Callable[..., Serve], batch: int) -> None:
    port = free_port()
    echo = EchoDestination(f"http://127.0.0.1:{port}/segment/echo", Secret(SECRET), batch=batch)
    public = PublicPages(TOKEN, (only_source(WRITE_KEY),))
    simulator = SegmentSimulator(WRITE_KEY, echo=echo, public=public)
    with SimulatorServer(simulator) as segment:
        serve = serving(segment.url, **settings_for(port))
        serve.start()
        serve.run("send", "closed", "--count", "5")
        assert simulator.wait_until(lambda: len(simulator.accepted) == 5, 15)
        assert wait_until(lambda: [one["status"] for one in events(serve)] == ["confirmed"] * 5, 20)
        found = events(serve)
        checked = serve.run("check", "--json", "public-api", "counts")
        assert serve.stop() == 0

    assert all(one["confirmedAt"] >= one["acceptedAt"][:19] for one in found)
    assert set(echo.answers) == {200}
    assert [json.loads(line)["code"] for line in checked.stdout.splitlines()] == [
        "public_api.proven",
        "counts.none",
    ]
    assert SECRET not in checked.stdout + checked.stderr


def test_a_wrong_secret_confirms_nothing_and_serve_without_one_says_so(
    serving: Callable[..., Serve],
) -> None:
    port = free_port()
    echo = EchoDestination(f"http://127.0.0.1:{port}/segment/echo", Secret("another"))
    simulator = SegmentSimulator(WRITE_KEY, echo=echo)
    with SimulatorServer(simulator) as segment:
        serve = serving(segment.url, **settings_for(port))
        serve.start()
        serve.run("send", "closed", "--count", "2")
        assert simulator.wait_until(lambda: len(simulator.accepted) == 2, 15)
        assert wait_until(lambda: echo.answers[401] == 2, 15)

        assert [one["status"] for one in events(serve)] == ["accepted"] * 2
        assert serve.stop() == 0
        bare = serving(segment.url, **settings_for(port, GLADLY_SOURCE_ECHO_SECRET=""))
        refused = bare.run("serve")

    assert refused.returncode == 2
    assert "shared secret of the Segment Webhooks destination is missing" in refused.stderr
