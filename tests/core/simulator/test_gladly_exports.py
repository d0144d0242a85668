"""A job for every day of two weeks, whose files hold what happened that day."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from core.simulator.events import Conversation
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.gladly_exports import Exports
from core.simulator.runner import SimulatorServer
from core.simulator.timestamps import format_timestamp, timestamp_ms, to_ns
from core.simulator.traffic import CLOSED, make_history, truth

DAY = 86_400.0
#: the clock stands at 2026-04-14T14:03:11Z
YESTERDAY, OLDEST = "2026-04-13", "2026-03-31"
FILES = ["agents.jsonl", "conversation_items.jsonl", "customers.jsonl", "topics.jsonl"]


def at(seconds: float) -> str:
    return format_timestamp(to_ns(seconds))


async def jobs(client: Any, **query: str) -> list[dict[str, Any]]:
    answer = await client.get("/export/jobs", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def job_of(client: Any, day: str) -> dict[str, Any]:
    return next(job for job in await jobs(client) if job["parameters"]["startAt"][:10] == day)


async def lines(client: Any, job: dict[str, Any], name: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/export/jobs/{job['id']}/files/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in answer.content.splitlines()]


async def test_there_is_a_job_for_each_of_fourteen_days_but_not_for_today(api):
    found = await jobs(api)

    days = [job["parameters"]["startAt"] for job in found]
    assert (len(found), days[0], days[-1]) == (14, f"{OLDEST}T00:00:00Z", f"{YESTERDAY}T00:00:00Z")
    assert found[-1] == {
        "id": found[-1]["id"],
        "scheduleId": found[0]["scheduleId"],
        "status": "COMPLETED",
        "updatedAt": "2026-04-14T04:00:00Z",
        "parameters": {
            "type": "CONVERSATIONS",
            "startAt": "2026-04-13T00:00:00Z",
            "endAt": "2026-04-14T00:00:00Z",
        },
        "files": FILES,
    }
    assert (await api.get(f"/export/jobs/{found[-1]['id']}")).json() == found[-1]


async def test_a_job_is_there_some_hours_after_its_day_and_goes_after_fourteen(api, clock):
    before = await jobs(api)

    clock.now += 14 * 3600 - 192
    same = await jobs(api)
    clock.now += 2
    after = await jobs(api)

    assert same == before
    assert after[:-1] == before[1:]
    assert after[-1]["parameters"]["startAt"] == "2026-04-14T00:00:00Z"


async def test_the_schedule_is_daily(api):
    [schedule] = (await api.get("/export/schedules")).json()

    assert (schedule["frequency"], schedule["type"]) == ("DAILY", "CONVERSATIONS")
    assert schedule["id"] == (await jobs(api))[0]["scheduleId"]
    assert schedule["nextStartAt"] == "2026-04-14T00:00:00Z"


async def test_every_item_is_in_the_file_of_its_day_and_in_no_other(gladly, api, clock):
    history = make_history(gladly.world, ends_at=clock(), days=13, seed=4)
    gladly.load(history)

    found: set[tuple[str, str, int]] = set()
    for job in await jobs(api):
        period = job["parameters"]
        for item in await lines(api, job, "conversation_items.jsonl"):
            moment = timestamp_ms(item["timestamp"])
            start, end = timestamp_ms(period["startAt"]), timestamp_ms(period["endAt"])
            assert start <= moment < end
            if item["content"].get("status") == "CLOSED":
                assert (CLOSED, item["conversationId"], moment) not in found
                found.add((CLOSED, item["conversationId"], moment))

    today = timestamp_ms("2026-04-14T00:00:00Z")
    assert found == {one for one in truth(history) if one[0] == CLOSED and one[2] < today}


async def test_customers_agents_and_topics_say_who_is_meant(
    gladly, api, clock, maker, conversation
):
    gladly.load([maker.created(conversation, to_ns(clock() - DAY))])
    gone = Conversation(id="c2", customer_id="gone", inbox_id="i")
    gladly.load([maker.created(gone, to_ns(clock() - DAY))])
    job = await job_of(api, YESTERDAY)

    customers = await lines(api, job, "customers.jsonl")

    assert [customer["id"] for customer in customers] == [conversation.customer_id]
    assert await lines(api, job, "agents.jsonl") == gladly.world.agents
    assert await lines(api, job, "topics.jsonl") == gladly.world.topics


async def test_jobs_can_be_asked_for_by_status_and_time(gladly_client, clock):
    gladly = GladlySimulator(
        now=clock,
        requests_per_second=0,
        exports=Exports(statuses={YESTERDAY: "IN_PROGRESS", "2026-04-10": "FAILED"}),
    )

    async with gladly_client(gladly) as api:
        failed = await jobs(api, status="FAILED")
        done = await jobs(api, status="COMPLETED")
        late = await jobs(api, startAt="2026-04-13T04:00:00Z", endAt="2026-04-14T03:59:59.9Z")
        gladly.exports.statuses[YESTERDAY] = "COMPLETED"
        now_done = await job_of(api, YESTERDAY)

    assert [(job["updatedAt"], job["files"]) for job in failed] == [("2026-04-11T04:00:00Z", [])]
    assert len(done) == 12
    assert [job["updatedAt"] for job in late] == ["2026-04-13T04:00:00Z"]
    assert now_done["files"] == FILES


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ({"status": "DONE"}, "status"),
        ({"startAt": "yesterday"}, "startAt"),
        ({"startAt": "now-14d"}, "startAt"),
        ({"endAt": "now+1s"}, "endAt"),
        ({"startAt": "now-1d", "endAt": "now-2d"}, "endAt"),
    ],
)
async def test_refuses_a_query_that_makes_no_sense(api, clock, query, attr):
    times = {
        "now-14d": at(clock() - 14 * DAY - 1),
        "now+1s": at(clock() + 1),
        "now-1d": at(clock() - DAY),
        "now-2d": at(clock() - 2 * DAY),
    }
    filled = {key: times.get(value, value) for key, value in query.items()}

    answer = await api.get("/export/jobs", params=filled)

    assert (400, attr) == (answer.status_code, answer.json()["errors"][0]["attr"])


async def test_what_is_not_there_is_not_found(gladly, api):
    job = await job_of(api, YESTERDAY)
    gladly.exports.statuses["2026-04-12"] = "PENDING"
    pending = await job_of(api, "2026-04-12")

    for path in (
        "/export/jobs/x",
        "/export/jobs/x/files/agents.jsonl",
        f"/export/jobs/{job['id']}/files/people.jsonl",
        f"/export/jobs/{pending['id']}/files/agents.jsonl",
    ):
        answer = await api.get(path)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_exist")


async def test_a_job_can_be_deleted_when_it_is_done(gladly, api):
    gladly.exports.statuses[YESTERDAY] = "IN_PROGRESS"
    path = f"/export/jobs/{(await job_of(api, YESTERDAY))['id']}"

    early = await api.delete(path)
    gladly.exports.statuses[YESTERDAY] = "FAILED"
    done = await api.delete(path)
    again = await api.delete(path)

    assert early.json()["errors"] == [
        {
            "attr": "status",
            "code": "temporary_failure",
            "detail": "unable to delete job with status [IN_PROGRESS]."
            " Please try again after it has finished",
        }
    ]
    assert (early.status_code, done.status_code, again.status_code) == (400, 204, 404)
    assert len(await jobs(api)) == 13
    gladly.reset()
    assert len(await jobs(api)) == 14


async def test_items_may_be_some_milliseconds_off_and_jobs_reach_less_far_back(
    gladly_client, clock, maker, conversation
):
    how = Exports(skew_ms=5, days=2)
    gladly = GladlySimulator(now=clock, requests_per_second=0, exports=how)
    gladly.load([maker.closed(conversation, to_ns(clock() - DAY))])

    async with gladly_client(gladly) as api:
        assert len(await jobs(api)) == 2
        job = await job_of(api, YESTERDAY)
        found = await lines(api, job, "conversation_items.jsonl")

    assert {item["timestamp"] for item in found} == {"2026-04-13T14:03:11.005Z"}


async def test_credentials_and_the_rate_limit_count_here_too(gladly_client, clock):
    gladly = GladlySimulator(now=clock, requests_per_second=1)

    async with gladly_client(gladly) as api, gladly_client(gladly, auth=None) as stranger:
        assert (await api.get("/export/jobs")).status_code == 200
        assert (await api.get("/export/jobs")).status_code == 429
        clock.now += 1
        assert (await stranger.get("/export/jobs")).status_code == 401

    assert gladly.lookups == {"export-jobs": 1}


def test_a_file_can_be_cut_off_in_the_middle(gladly, maker, conversation, clock):
    gladly.load([maker.assigned(conversation, to_ns(clock() - DAY), "amy")])
    with (
        SimulatorServer(gladly) as server,
        httpx.Client(
            base_url=f"{server.url}/api/v1", auth=(DEMO_EMAIL, DEMO_TOKEN), trust_env=False
        ) as client,
    ):
        job = client.get("/export/jobs").json()[-1]
        path = f"/export/jobs/{job['id']}/files/conversation_items.jsonl"
        whole = client.get(path).content
        gladly.faults.set(["cut:count=1,bytes=2000,path=/files/"])
        received: list[bytes] = []

        with client.stream("GET", path) as answer, pytest.raises(httpx.RemoteProtocolError):
            received.extend(answer.iter_bytes())

        assert b"".join(received) == whole[:2000]
        assert client.get(path).content == whole
