"""The simulated Segment is as forgiving as the real one, and keeps count of what it drops."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from core.simulator.segment import SegmentSimulator, arrived

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY = "k" * 32


def track(message_id: str = "m1", **properties: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Conversation Opened",
        "userId": "u",
        "messageId": message_id,
        "timestamp": datetime.now(UTC).isoformat(),
        "properties": {"conversationId": "c", **properties},
    }


def batch(events: Iterable[Any]) -> dict[str, Any]:
    return {"batch": list(events), "sentAt": datetime.now(UTC).isoformat(), "writeKey": KEY}


async def post(segment: SegmentSimulator, body: Any, **options: Any) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with client(segment) as http:
        return await http.post("/v1/batch", content=content, **options)


def client(segment: SegmentSimulator) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=segment.app), base_url="http://segment"
    )


def reasons(segment: SegmentSimulator) -> list[str]:
    return [problem.reason for problem in segment.problems]


async def test_keeps_good_events_and_has_nothing_to_say():
    segment = SegmentSimulator()

    answer = await post(segment, batch([track("a"), track("b")]))

    assert answer.json() == {"success": True}
    assert {"a", "b"} == set(segment.accepted)
    assert (reasons(segment), segment.dropped) == ([], 0)


async def test_takes_the_key_from_basic_or_body():
    segment = SegmentSimulator(KEY)
    body = batch([track()])
    del body["writeKey"]

    await post(segment, body, auth=(KEY, ""))
    await post(segment, batch([track("b")]))

    assert {"m1", "b"} == set(segment.accepted)
    assert [(seen.basic_user, seen.body_key) for seen in segment.requests] == [
        (KEY, None),
        (None, KEY),
    ]


async def test_a_wrong_key_is_answered_200_and_everything_is_dropped():
    segment = SegmentSimulator("another-key")

    answer = await post(segment, batch([track("a"), track("b")]))

    assert answer.status_code == 200
    assert (segment.accepted, segment.dropped) == ({}, 2)
    assert reasons(segment) == ["2 events with a wrong write key"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"batch": [1], "writeKey": "kkkkkkkk"}',
        json.dumps(batch([track()]) | {"writeKey": ""}).encode(),
        json.dumps(batch([track()]) | {"writeKey": "abc"}).encode(),
        json.dumps(batch([track(note="x" * 33_000)])).encode(),
        json.dumps(batch(track(str(n), note="x" * 30_000) for n in range(18))).encode(),
    ],
    ids=["json", "list", "event", "no key", "short key", "event size", "request size"],
)
async def test_answers_400_where_the_real_one_does(body):
    segment = SegmentSimulator()

    answer = await post(segment, body)

    assert answer.status_code == 400
    assert segment.accepted == {}


async def test_names_a_non_finite_number_as_the_cause_of_bad_json():
    segment = SegmentSimulator()

    answer = await post(segment, batch([track(duration=float("nan"))]))

    assert answer.status_code == 400
    assert reasons(segment) == ["NaN is a non-finite number, and no JSON"]


async def test_throws_the_surplus_of_a_batch_away():
    segment = SegmentSimulator()
    small = [{"type": "track", "event": "E", "userId": "u", "properties": {}}] * 2503

    answer = await post(segment, batch(small))

    assert answer.status_code == 200
    assert (len(segment.accepted), segment.dropped) == (2500, 3)


async def test_a_repeated_message_id_counts_once_for_24_hours():
    clock = [datetime.now(UTC).timestamp()]
    segment = SegmentSimulator(now=lambda: clock[0])

    for _ in range(3):
        await post(segment, batch([track()]))
    clock[0] += 24 * 3600 + 1
    await post(segment, batch([track()]))

    assert (segment.copies["m1"], segment.duplicates) == (4, 2)
    assert "repeated after 24 h: Segment counts it again" in reasons(segment)


async def test_what_would_be_dropped_in_silence_is_dropped_aloud():
    segment = SegmentSimulator()

    await post(segment, batch([{**track(), "event": ""}]))

    assert (segment.accepted, segment.dropped) == ({}, 1)
    assert reasons(segment) == ["event is missing or empty"]


async def test_a_flaw_is_told_and_the_event_kept():
    segment = SegmentSimulator()

    await post(segment, {**batch([track(email=None)]), "sentAt": None})

    assert set(segment.accepted) == {"m1"}
    assert reasons(segment) == ["sentAt is missing", "properties.email is null"]


async def test_accepts_gzip_and_refuses_what_only_says_so():
    segment = SegmentSimulator()
    headers = {"Content-Encoding": "gzip"}

    good = await post(
        segment, gzip.compress(json.dumps(batch([track()])).encode()), headers=headers
    )
    bad = await post(segment, b"not gzip", headers=headers)

    assert (good.status_code, bad.status_code) == (200, 400)


@pytest.mark.parametrize(("known", "status"), [(KEY, 200), (None, 200), ("another", 404)])
async def test_the_settings_page_knows_the_key(known, status):
    async with client(SegmentSimulator(known)) as http:
        answer = await http.get(f"/v1/projects/{KEY}/settings")

    assert answer.status_code == status


async def test_poison_is_refused_until_it_is_alone():
    segment = SegmentSimulator(faults=["poison-400"])

    mixed = await post(segment, batch([track("a"), track("b", customerName="Mr Poison")]))
    clean = await post(segment, batch([track("a")]))

    assert (mixed.status_code, clean.status_code) == (400, 200)
    assert set(segment.accepted) == {"a"}


async def test_poison_may_be_named():
    segment = SegmentSimulator(faults=["poison-400:event=bad-id"])

    answer = await post(segment, batch([track("bad-id")]))

    assert answer.status_code == 400


async def test_faults_and_state_can_be_had_over_http():
    segment = SegmentSimulator()
    await post(segment, batch([track(), track()]))

    async with client(segment) as http:
        faults = await http.post("/_simulator/faults", json={"faults": ["500:count=1"]})
        refused = await http.post("/_simulator/faults", json={"faults": ["fire"]})
        state = (await http.get("/_simulator/state?events=1")).json()
        await http.post("/_simulator/reset")
        after = (await http.get("/_simulator/state")).json()

    assert faults.json() == {"faults": ["500:count=1"]}
    assert (refused.status_code, "fire" in refused.json()["error"]) == (400, True)
    assert {"requests": 1, "accepted": 1, "copies": 2, "duplicates": 1}.items() <= state.items()
    assert (state["copiesById"], state["events"][0]["messageId"]) == ({"m1": 2}, "m1")
    assert (after["requests"], after["accepted"], after["faults"]) == (0, 0, ["500:count=1"])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Conversation Opened", "opened"),
        ("Gladly Conversation Created", "opened"),
        ("Live Chat Conversation Started", "opened"),
        ("Conversation Closed", "closed"),
        ("Live Chat Conversation Ended", "closed"),
    ],
)
def test_reads_what_arrived_under_any_naming_profile(name, kind):
    event = {**track(), "event": name, "timestamp": "1970-01-01T00:00:00.123456+00:00"}

    assert arrived([event]) == {(kind, "c", 123)}
