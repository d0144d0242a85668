"""Webhooks are sent, sent again, and at last switched off."""

from __future__ import annotations

import base64

import pytest

from core.simulator.gladly import GladlySimulator
from core.simulator.runner import SimulatorServer
from core.simulator.sender import Sending
from core.simulator.timestamps import to_ns

SECONDS = 5.0


def told(gladly: GladlySimulator, events: list[dict[str, object]]) -> None:
    """Publish events on a running simulator and wait until all are settled."""
    with SimulatorServer(gladly):
        for event in events:
            gladly.publish(event)
        assert gladly.wait_until(lambda: gladly.sender.pending == 0, SECONDS)


@pytest.fixture
def events(maker, conversation, clock):
    return [maker.topic_added(conversation, to_ns(clock()), str(n)) for n in range(40)]


def test_sends_each_event_with_credentials_and_headers(receiver, events):
    gladly = GladlySimulator()
    gladly.add_webhook(receiver.url, username="u", password="p", headers={"X-Gladly-Token": "t"})

    told(gladly, events[:1])

    assert events[:1] == receiver.bodies
    basic = "Basic " + base64.b64encode(b"u:p").decode()
    [headers] = receiver.headers
    assert (basic, "t") == (headers["authorization"], headers["x-gladly-token"])
    assert headers["content-type"] == "application/json"


def test_what_was_published_before_the_start_is_sent_too(receiver, events):
    gladly = GladlySimulator()
    gladly.add_webhook(receiver.url)
    gladly.publish(events[0])

    told(gladly, events[1:2])

    assert len(receiver.bodies) == 2


def test_sends_only_what_was_asked_for(receiver, events, maker, conversation):
    gladly = GladlySimulator()
    gladly.add_webhook(receiver.url, events=["CONVERSATION/CLOSED"])

    told(gladly, [*events, maker.closed(conversation, 1)])

    assert [sent["type"] for sent in receiver.bodies] == ["CONVERSATION/CLOSED"]


def test_one_at_a_time_keeps_the_order(receiver, events):
    gladly = GladlySimulator(sending=Sending(concurrency=1))
    gladly.add_webhook(receiver.url)

    told(gladly, events)

    assert events == receiver.bodies


def test_a_refused_event_is_sent_again(receiver, events):
    gladly = GladlySimulator(sending=Sending(time_scale=0.0001))
    gladly.add_webhook(receiver.url)
    receiver.statuses = [503, 401, 302]

    told(gladly, events[:1])

    assert len(receiver.bodies) == 4
    assert {"sent": 4, "failures": 3, "delivered": 1}.items() <= gladly.sender.counts().items()
    assert gladly.webhooks.all()[0].enabled


def test_after_four_retries_the_webhook_is_switched_off(receiver, events):
    gladly = GladlySimulator(sending=Sending(time_scale=0.0001))
    gladly.add_webhook(receiver.url)
    receiver.default = 500

    told(gladly, events[:1])
    told(gladly, events[1:2])

    [webhook] = gladly.webhooks.all()
    assert (webhook.enabled, len(receiver.bodies)) == (False, 5)
    assert webhook.public()["disabledAtDueToRetryLimit"]
    assert gladly.sender.given_up == 1


def test_an_answer_that_takes_too_long_is_a_failure(events):
    hanging = GladlySimulator(faults=["hang:path=/hook"])
    gladly = GladlySimulator(sending=Sending(time_scale=0, timeout=0.02))
    with SimulatorServer(hanging) as server:
        gladly.add_webhook(f"{server.url}/hook")

        told(gladly, events[:1])

    assert (gladly.sender.failures, gladly.sender.given_up) == (5, 1)


def test_nobody_listening_is_a_failure(events):
    gladly = GladlySimulator(sending=Sending(time_scale=0))
    gladly.add_webhook("http://127.0.0.1:1/hook")

    told(gladly, events[:1])

    assert (gladly.sender.failures, gladly.sender.given_up) == (5, 1)


def test_may_send_in_another_order(receiver, events):
    gladly = GladlySimulator(sending=Sending(shuffle=0.1))
    gladly.add_webhook(receiver.url)

    told(gladly, events)

    assert events != receiver.bodies
    assert {event["id"] for event in events} == {body["id"] for body in receiver.bodies}


def test_may_send_twice(receiver, events):
    gladly = GladlySimulator(sending=Sending(duplicate=0.5))
    gladly.add_webhook(receiver.url)

    told(gladly, events)

    assert 5 < gladly.sender.repeated < 35
    assert len(receiver.bodies) == len(events) + gladly.sender.repeated


def test_may_leave_an_event_to_the_events_api(receiver, events):
    gladly = GladlySimulator(sending=Sending(drop=0.5))
    gladly.add_webhook(receiver.url)

    told(gladly, events)

    assert 5 < gladly.sender.dropped < 35
    assert len(receiver.bodies) == len(events) - gladly.sender.dropped
    assert len(gladly.history) == len(events)


def test_what_is_under_way_when_gladly_stops_is_not_pending_for_ever(events):
    gladly = GladlySimulator()
    gladly.add_webhook("http://127.0.0.1:1/hook")

    with SimulatorServer(gladly):
        gladly.publish(events[0])
        assert gladly.wait_until(lambda: gladly.sender.failures == 1, SECONDS)

    assert gladly.sender.pending == 0


def test_why_an_attempt_failed_is_known(receiver, events):
    receiver.default = 401
    gladly = GladlySimulator(sending=Sending(time_scale=0))
    gladly.add_webhook(receiver.url)

    told(gladly, events[:1])

    assert (gladly.sender.last_failure, gladly.sender.last_status) == ("the answer was 401", 401)
