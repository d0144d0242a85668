"""Order, repetition and channel do not matter: what happened in Gladly is what reaches Segment."""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING, Any

import pytest

from core.credentials import Secret
from core.engine import EngineSecrets
from core.model import Channel, WebhookStatus
from core.simulator.gladly import GladlySimulator
from core.simulator.people import make_world
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator, arrived
from core.simulator.traffic import make_history, truth
from tests.fakes.rig import HOOK, SECRETS, Rig

if TYPE_CHECKING:
    from pathlib import Path

    from core.engine import Engine

NOW = 1_780_000_000.0
SETTLE = 600
SETTLED = frozenset({WebhookStatus.RESOLVED, WebhookStatus.SKIPPED, WebhookStatus.UNMAPPABLE})
EMAIL, TOKEN = "api@example.com", "gladly-token-0123456789"
WITH_GLADLY = EngineSecrets(
    write_key=SECRETS.write_key,
    webhook_password=SECRETS.webhook_password,
    gladly_token=Secret(TOKEN),
)


class Twins:
    """One history told twice, over two channels, with other ids on one of them if need be."""

    def __init__(self, seed: int, history: list[dict[str, Any]], *, same_ids: bool) -> None:
        dice = random.Random(seed)
        self.pushed: list[bytes] = []
        self.polled: list[bytes] = []
        for event in history:
            way = dice.choice(["push", "poll", "both", "twice"])
            raw = json.dumps(event).encode()
            other = raw if same_ids else json.dumps({**event, "id": "x" + event["id"]}).encode()
            if way != "poll":
                self.pushed += [raw] * (2 if way == "twice" else 1)
            if way in {"poll", "both"}:
                self.polled.append(other)
        dice.shuffle(self.pushed)
        dice.shuffle(self.polled)


class Later:
    """The time, which can be put forward: settling waits for no test."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self._ahead

    def rule(self, engine: Engine) -> None:
        engine._services["resolver"]._clock = self  # type: ignore[attr-defined]
        engine.forwarders.services["forwarder"]._clock = self

    def come(self, rig: Rig) -> None:
        """Let the settle window pass, once everything was looked at."""
        assert rig.wait(lambda: "received" not in rig.ask(rig.engine.store.counts()).webhooks)
        self._ahead += SETTLE + 1
        rig.engine._services["resolver"].wake()  # type: ignore[attr-defined]


def tell(rig: Rig, twins: Twins) -> None:
    """Mix both channels, as they would come."""
    dice = random.Random(1)
    told = [(Channel.WEBHOOK, raw) for raw in twins.pushed]
    told += [(Channel.POLL, raw) for raw in twins.polled]
    dice.shuffle(told)
    with rig.client() as client:
        for channel, raw in told:
            if channel is Channel.WEBHOOK:
                assert client.post(HOOK, content=raw).status_code == 200
            else:
                rig.ask(rig.engine.intake.take(raw, Channel.POLL))


def all_settled(rig: Rig) -> bool:
    return all(row.status in SETTLED for row in rig.webhooks())


def all_accepted(rig: Rig) -> bool:
    counts = rig.ask(rig.engine.store.counts())
    return set(counts.webhooks) <= SETTLED and set(counts.deliveries) <= {"accepted"}


def check(rig: Rig, segment: SegmentSimulator, expected: set[tuple[str, str, int]]) -> None:
    """Exactly the truth arrived, once each, and every row can say why."""
    assert rig.wait(lambda: all_accepted(rig), 20)
    assert arrived(segment.accepted.values()) == expected
    assert len(segment.accepted) == len(expected)
    assert set(segment.copies.values()) <= {1}
    assert [*segment.problems] == []
    rows = rig.webhooks()
    assert [row for row in rows if row.status not in SETTLED] == []
    assert [row for row in rows if row.status != "resolved" and not row.reason.endswith(".")] == []
    means = {"opened": "OPEN", "closed": "CLOSED"}
    for event in segment.accepted.values():
        ((kind, _, _),) = arrived([event])
        assert event["properties"]["status"] == means[kind]
        assert None not in event["properties"].values()


@pytest.mark.parametrize("opened_when", ["assigned", "created"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_reaches_segment_is_the_truth_in_any_order_by_any_channel(
    tmp_path: Path, seed: int, opened_when: str
):
    history = make_history(make_world(seed), ends_at=NOW, seed=seed, conversations=30)
    segment = SegmentSimulator()

    with SimulatorServer(segment) as server:
        # A settle window longer than the telling: a close may reach us after a later assignment.
        settings = {"segment__host": server.url, "mapping__settle_seconds": SETTLE}
        later = Later()
        with Rig(tmp_path, prepare=later.rule, mapping__opened_when=opened_when, **settings) as rig:
            tell(rig, Twins(seed, history, same_ids=seed % 2 == 0))
            later.come(rig)

            check(rig, segment, truth(history, opened_when))  # type: ignore[arg-type]


@pytest.mark.logs_warnings
def test_with_gladly_s_look_ups_and_faults_on_both_sides_the_same_is_sent(tmp_path: Path):
    world = make_world(5)
    history = make_history(world, ends_at=NOW, seed=5, conversations=15)
    gladly = GladlySimulator(world, email=EMAIL, token=TOKEN, requests_per_second=0)
    gladly.load(history)
    segment = SegmentSimulator(faults=["lost-answer:count=1"])

    with SimulatorServer(segment) as server, SimulatorServer(gladly) as there:
        settings = {
            "segment__host": server.url,
            "gladly__url": there.url,
            "gladly__agent_email": EMAIL,
            "gladly__poll": "false",
            "gladly__requests_per_second": 10,
            "gladly__lookup_give_up_minutes": 0,
            "mapping__settle_seconds": SETTLE,
        }
        later = Later()
        with Rig(tmp_path, secrets=WITH_GLADLY, prepare=later.rule, **settings) as rig:
            tell(rig, Twins(5, history, same_ids=False))
            later.come(rig)
            assert rig.wait(lambda: all_settled(rig), 20)
            wanted = truth(history)
            assert segment.wait_until(lambda: len(segment.accepted) >= len(wanted), 20)

            assert arrived(segment.accepted.values()) == wanted
            assert [*segment.problems] == []
            named = [e for e in segment.accepted.values() if "customerName" in e["properties"]]
            assert named


TWO_PERIODS = [
    ("CONVERSATION/CREATED", "10:00:00", None, None),
    ("CONVERSATION_ASSIGNEE/UPDATED", "10:01:00", None, "a1"),
    ("CONVERSATION/CLOSED", "10:02:00", "a1", None),
    ("CONVERSATION/REOPENED", "10:03:00", None, None),
    ("CONVERSATION_ASSIGNEE/UPDATED", "10:04:00", None, "a2"),
    ("CONVERSATION/CLOSED", "10:05:00", "a2", None),
]


def test_an_event_an_hour_late_ends_where_it_would_have_in_time(tmp_path: Path):
    segment = SegmentSimulator()

    with SimulatorServer(segment) as server:
        with Rig(tmp_path / "a", segment__host=server.url) as rig, rig.client() as client:
            for number in (2, 0, 1):
                client.post(HOOK, content=raw_event(number))
                assert rig.wait(lambda: all_accepted(rig))
            first = dict(segment.accepted)
        segment.reset()
        with Rig(tmp_path / "b", segment__host=server.url) as rig, rig.client() as client:
            for number in (0, 1, 2):
                client.post(HOOK, content=raw_event(number))
                assert rig.wait(lambda: all_accepted(rig))

            assert {one: _facts(e) for one, e in first.items()} == {
                one: _facts(e) for one, e in segment.accepted.items()
            }
            assert len(first) == 2


def _facts(event: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    return event["event"], event["timestamp"], event["properties"]


def raw_event(number: int) -> bytes:
    kind, at, agent, assignee = TWO_PERIODS[number]
    content: dict[str, Any] = {
        "customerId": "u1",
        "conversationId": "c1",
        "context": {"assignee": {"inboxId": "i", **({"agentId": agent} if agent else {})}},
    }
    if assignee:
        content["assignee"] = {"inboxId": "i", "agentId": assignee}
    event = {
        "id": f"e{number}",
        "type": kind,
        "timestamp": f"2026-05-28T{at}.123456789Z",
        "content": content,
    }
    return json.dumps(event).encode()


# --- every type that Gladly's OpenAPI document names --------------------------------------------

CUSTOMER = {"customerId": "u1"}
TALK = {**CUSTOMER, "conversationId": "c1"}
ASSIGNEE = {"assignee": {"inboxId": "i1", "agentId": "a1"}}
LIVED = {**TALK, "context": ASSIGNEE}
CONTACT = {**LIVED, "channel": "EMAIL", "contactId": "k1"}
AWAY = {"agentId": "a1", "occurredAt": "2026-05-28T10:00:00Z"}
REASON = {"id": "r1", "name": "Lunch"}
TASK = {**CUSTOMER, "taskId": "t1", "context": {**ASSIGNEE, "dueAt": "2026-05-28T10:00:00Z"}}
PAYMENT = {**TALK, "contactId": "k1", "paymentRequestId": "p1", "context": {"currency": "USD"}}
ATTRIBUTE = {**TALK, "customAttributeId": "x1", "customAttributeKey": "k"}
MERGED = {"sourceCustomerId": "u1", "destinationCustomerId": "u2"}
SPOKEN = {**TALK, "sessionId": "s1", "channelType": "CHAT", "message": {"id": "m1", "type": "TEXT"}}
TYPES: dict[str, dict[str, Any]] = {
    "AGENT_AVAILABILITY/FOCUS_ENTERED": {"agentId": "a1", "context": {"availableFor": []}},
    "AGENT_AVAILABILITY/FOCUS_EXITED": {"agentId": "a1", "context": {"availableFor": ["CHAT"]}},
    "AGENT_AVAILABILITY/UPDATED": {**AWAY, "availableFor": ["CHAT"]},
    "AGENT_STATUS/CHANGED_ACTIVE_REASON": {**AWAY, "activeReason": REASON},
    "AGENT_STATUS/LOGGED_IN": {**AWAY, "activeReason": REASON},
    "AGENT_STATUS/LOGGED_OUT": AWAY,
    "AGENT_STATUS/RETURNED_FROM_AWAY": {**AWAY, "awayReason": REASON},
    "AGENT_STATUS/WENT_AWAY": {**AWAY, "awayReason": REASON},
    "AUTOMATION/MESSAGE_RECEIVED": SPOKEN,
    "AUTOMATION/MESSAGE_SENT": SPOKEN,
    "CONTACT/ENDED": {**CONTACT, "reason": "X", "status": "ENDED"},
    "CONTACT/FULFILLED": {**CONTACT, "fulfilledType": "AGENT"},
    "CONTACT/HOLD_ENDED": {**CONTACT, "reason": "X"},
    "CONTACT/HOLD_STARTED": {**CONTACT, "reason": "X"},
    "CONTACT/JOINED": CONTACT,
    "CONTACT/MESSAGE_RECEIVED": {**CONTACT, "messageId": "m1"},
    "CONTACT/MESSAGE_SENT": {**CONTACT, "messageId": "m1"},
    "CONTACT/OFFERED": {**CONTACT, "agentId": "a1", "matchReasons": []},
    "CONTACT/OFFER_ACCEPTED": {**CONTACT, "agentId": "a1"},
    "CONTACT/OFFER_REJECTED": {**CONTACT, "agentId": "a1", "reason": "TIMEOUT"},
    "CONTACT/STARTED": {**CONTACT, "entryPoint": "WEB"},
    "CONTACT/TRANSFERRED": {**CONTACT, **ASSIGNEE, "transferType": "WARM"},
    "CONVERSATION/CLOSED": LIVED,
    "CONVERSATION/CREATED": LIVED,
    "CONVERSATION/CUSTOM_ATTRIBUTE_ADDED": {**ATTRIBUTE, "customAttributeValue": "v"},
    "CONVERSATION/CUSTOM_ATTRIBUTE_REMOVED": ATTRIBUTE,
    "CONVERSATION/NOTE_CREATED": {**TALK, "noteId": "n1"},
    "CONVERSATION/REOPENED": LIVED,
    "CONVERSATION/TOPIC_ADDED": {**LIVED, "topicId": "t1"},
    "CONVERSATION/TOPIC_REMOVED": {**LIVED, "topicId": "t1"},
    "CONVERSATION_ASSIGNEE/UPDATED": {**LIVED, **ASSIGNEE, "reason": "MANUAL"},
    "CONVERSATION_STATUS/UPDATED": TALK,
    "CUSTOMER/MERGED": {**MERGED, "sourceConversationId": "", "destinationConversationId": ""},
    "CUSTOMER_PROFILE/CREATED": CUSTOMER,
    "CUSTOMER_PROFILE/DELETED": CUSTOMER,
    "CUSTOMER_PROFILE/MERGED": MERGED,
    "CUSTOMER_PROFILE/UPDATED": CUSTOMER,
    "CUSTOM_CHANNEL/MESSAGE_SENT": {**TALK, "customChannelId": "x1", "type": "T", "content": {}},
    "EXPORT_JOB/COMPLETED": {"jobId": "j1"},
    "EXPORT_JOB/FAILED": {"jobId": "j1"},
    "PAYMENT_REQUEST/CREATED": PAYMENT,
    "PAYMENT_REQUEST/STATUS_CHANGED": {**PAYMENT, "oldStatus": "NEW", "newStatus": "PAID"},
    "PAYMENT_REQUEST/VIEWED": PAYMENT,
    "TASK/ASSIGNEE_UPDATED": {**TASK, **ASSIGNEE},
    "TASK/CLOSED": TASK,
    "TASK/COMMENT_ADDED": {**TASK, "commentId": "k1"},
    "TASK/CONTENT_UPDATED": TASK,
    "TASK/CREATED": TASK,
    "TASK/DUE_DATE_UPDATED": {**TASK, "dueAt": "2026-05-28T10:00:00Z"},
    "TASK/FOLLOWER_ADDED": {**TASK, "agentId": "a1"},
    "TASK/FOLLOWER_REMOVED": {**TASK, "agentId": "a1"},
    "TASK/REOPENED": TASK,
}
NO_INITIATOR = ("CONVERSATION_STATUS", "CUSTOMER_PROFILE", "EXPORT_JOB")


def test_every_type_of_gladly_becomes_an_event_a_skip_or_unmappable_and_is_200(tmp_path: Path):
    segment = SegmentSimulator()
    bodies: list[dict[str, Any]] = []
    for number, (kind, content) in enumerate(TYPES.items()):
        event: dict[str, Any] = {
            "id": f"e{number}",
            "type": kind,
            "timestamp": f"2026-05-28T10:00:{number:02d}.1Z",
            "content": content,
        }
        if not kind.startswith(NO_INITIATOR):
            event["initiator"] = {"id": "a1", "type": "AGENT"}
        bodies.append(event)
        bodies.append({**event, "id": f"bare{number}", "content": {}})
        bodies.append({"id": f"least{number}", "type": kind})

    with SimulatorServer(segment) as server, Rig(tmp_path, segment__host=server.url) as rig:
        with rig.client() as client:
            answers = [client.post(HOOK, json=event) for event in bodies]
        assert rig.wait(lambda: all_accepted(rig))

        assert {one.status_code for one in answers} == {200}
        assert {one.json()["status"] for one in answers} == {"stored", "ignored", "unmappable"}
        rows = rig.webhooks()
        assert len(rows) == len(bodies)
        assert all(row.status in SETTLED for row in rows)
        assert all(row.reason or row.status is WebhookStatus.RESOLVED for row in rows)
        assert {row.kind for row in rows if row.status is WebhookStatus.RESOLVED} == {
            "CONVERSATION/CREATED",
            "CONVERSATION/REOPENED",
            "CONVERSATION/CLOSED",
        }
        assert [*segment.problems] == []
