"""The simulated Gladly knows what happened and what should come of it."""

from __future__ import annotations

import httpx
import pytest

from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.runner import SimulatorServer
from core.simulator.timestamps import to_ns
from core.simulator.traffic import make_history, truth


def get_organization(server: SimulatorServer) -> httpx.Response:
    return httpx.get(
        f"{server.url}/api/v1/organization",
        auth=(DEMO_EMAIL, DEMO_TOKEN),
        trust_env=False,
        timeout=5,
    )


def test_loaded_history_is_true_and_sent_to_nobody(gladly, clock):
    gladly.add_webhook("http://127.0.0.1:1/hook")
    history = make_history(gladly.world, ends_at=clock())

    gladly.load(history)

    assert truth(history) == gladly.truth()
    assert truth(history, "created") == gladly.truth("created")
    assert gladly.sender.pending == 0


async def test_events_can_be_published_over_http(gladly, gladly_client, clock, maker, conversation):
    events = [
        maker.created(conversation, to_ns(clock())),
        maker.closed(conversation, to_ns(clock())),
    ]

    async with gladly_client(gladly) as client:
        done = await client.post("http://gladly/_simulator/publish", json={"events": events})
        bad = await client.post("http://gladly/_simulator/publish", content=b"{")

    assert (done.json(), bad.status_code) == ({"published": 2}, 400)
    assert list(gladly.history) == events


async def test_the_state_holds_the_truth(gladly, gladly_client, clock, maker, conversation):
    gladly.publish(maker.created(conversation, to_ns(clock())))
    gladly.publish(maker.closed(conversation, to_ns(clock() + 1)))
    ms = to_ns(clock()) // 1_000_000

    async with gladly_client(gladly) as client:
        short = (await client.get("http://gladly/_simulator/state")).json()
        full = (await client.get("http://gladly/_simulator/state?events=1")).json()

    assert short["truth"] == {"assigned": 1, "created": 2}
    assert "history" not in short
    assert [["closed", "conversation-1", ms + 1000]] == full["expected"]["assigned"]
    assert list(gladly.history) == full["history"]


async def test_a_reset_forgets_what_happened_and_keeps_the_webhooks(
    gladly, api, clock, maker, conversation
):
    gladly.add_webhook("http://127.0.0.1:1/hook")
    gladly.load([maker.created(conversation, to_ns(clock()))])
    await api.get("/agents")

    gladly.reset()

    assert (len(gladly.history), gladly.request_count, gladly.lookups.total()) == (0, 0, 0)
    assert (await api.get("/conversations/conversation-1")).status_code == 404
    assert len(gladly.webhooks.all()) == 1


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_status_faults_have_the_errors_of_gladly(status):
    gladly = GladlySimulator(faults=[str(status)])

    with SimulatorServer(gladly) as server:
        answer = get_organization(server)

    assert (status, "simulated") == (answer.status_code, answer.json()["errors"][0]["code"])
    assert gladly.lookups.total() == 0


def test_errors_of_status_faults_may_be_an_object():
    with SimulatorServer(GladlySimulator(faults=["500", "errors-object"])) as server:
        assert get_organization(server).json()["errors"]["code"] == "simulated"


@pytest.mark.parametrize(
    ("fault", "error"),
    [("reset", httpx.ReadError), ("hang:seconds=0.02", httpx.RemoteProtocolError)],
)
def test_the_connection_breaks(fault, error):
    with SimulatorServer(GladlySimulator(faults=[fault])) as server, pytest.raises(error):
        get_organization(server)


def test_html_and_slowness_come_as_asked_for():
    gladly = GladlySimulator(faults=["html-200", "slow:ms=1"])

    with SimulatorServer(gladly) as server:
        answer = get_organization(server)

    assert "<html" in answer.text or "<!doctype" in answer.text
    assert gladly.requests[0].faults == ("html-200", "slow")


def test_a_fault_may_strike_one_kind_of_look_up():
    with SimulatorServer(GladlySimulator(faults=["500:path=customer-profiles"])) as server:
        assert get_organization(server).status_code == 200
