"""The forwarder over a real SQLite store, in virtual time: what is sent, when, and what of it.

Segment is scripted where the point is timing, and simulated over a socket where it is not.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import asynccontextmanager
from random import Random
from typing import NamedTuple

import msgspec
import pytest

from core.credentials import Secret
from core.errors import StoreBusy
from core.health import Health
from core.model import Channel, DeliveryStatus, NewDelivery
from core.pipeline.forwarder import REJECTIONS, REJECTIONS_ODD_KEY, Forwarder
from core.segment.client import Answer, Result, SegmentClient
from core.settings import Delivery as DeliverySettings
from core.signals import Signal
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from core.store.base import Filter, Lease
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.core.pipeline.virtual_time import (
    PatientDriver,
    PatientUploader,
    VirtualTime,
    run,
)

# Health warns whenever Segment is not well, and here it hardly ever is.
pytestmark = pytest.mark.logs_warnings

KEY = "WriteKey0123456789abcdefghijklmn"
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
UPLOAD_SECONDS = 0.1

OK = Answer(result=Result.ACCEPTED, code="segment.accepted", sentence="Accepted.", http_status=200)
DOWN = Answer(result=Result.RETRY, code="segment.http_500", sentence="It is down.", http_status=500)
LOST = Answer(result=Result.RETRY, code="segment.no_answer", sentence="No answer.", ambiguous=True)
BAD = Answer(
    result=Result.REJECTED, code="segment.rejected_400", sentence="It is bad.", http_status=400
)
WRONG_KEY = Answer(
    result=Result.REFUSED, code="segment.refused", sentence="Wrong key.", http_status=401
)


def busy(wait):
    return Answer(
        result=Result.RETRY,
        code="segment.http_429",
        sentence="Too many.",
        http_status=429,
        retry_after=wait,
    )


class Upload(NamedTuple):
    """One request to the scripted Segment."""

    at: float
    ids: tuple[str, ...]
    retry_count: int


class ScriptedSegment:
    """Answers each upload by `script(upload)`, after a moment; `accepted` counts copies."""

    def __init__(self, clock, script):
        self._clock = clock
        self.script = script
        self.uploads = []
        self.accepted = Counter()
        self.during = None

    async def upload(self, payloads, *, retry_count=0):
        ids = tuple(json.loads(one)["messageId"] for one in payloads)
        upload = Upload(self._clock(), ids, retry_count)
        self.uploads.append(upload)
        if self.during is not None:
            await self.during(upload)
        await asyncio.sleep(UPLOAD_SECONDS)
        answer = self.script(upload)
        if answer.result is Result.ACCEPTED:
            self.accepted.update(ids)
        return answer


class FailingStore(SqlStore):
    """A store of which chosen operations fail for a while."""

    def __init__(self, driver):
        super().__init__(driver)
        self.failures = Counter()

    def _maybe_fail(self, name):
        if self.failures[name] > 0:
            self.failures[name] -= 1
            raise StoreBusy("The store is locked by another program.")

    async def claim(self, limit, lease, now, *, after=(), source=""):
        self._maybe_fail("settle" if after else "claim")
        return await super().claim(limit, lease, now, after=after, source=source)

    async def settle(self, results, owner):
        self._maybe_fail("settle")
        return await super().settle(results, owner)

    async def hasten(self, now, limit, source=""):
        self._maybe_fail("hasten")
        return await super().hasten(now, limit, source)

    async def release(self, ids, owner, now, *, ambiguous=False):
        self._maybe_fail("release")
        return await super().release(ids, owner, now, ambiguous=ambiguous)


class Bench:
    """A store, a forwarder and virtual time around one Segment."""

    def __init__(self, path, *, script=lambda _: OK, uploader=None, **settings):
        self.time = VirtualTime()
        self.segment = ScriptedSegment(self.time, script)
        self.health = Health(self.time)
        self.settled = Signal()
        self.told = Counter()
        self.settled.connect(lambda one: self.told.update(one.counts))
        self.store = FailingStore(PatientDriver(SqliteDriver(path / "store.db"), self.time))
        self.forwarder = Forwarder(
            self.store,
            PatientUploader(uploader, self.time) if uploader else self.segment,
            DeliverySettings(**settings),
            health=self.health,
            settled=self.settled,
            clock=self.time,
            rng=Random(1),
        )

    def run(self, scenario):
        """Run `scenario()` with the store open."""

        async def all_of_it():
            await self.store.open()
            try:
                async with asyncio.timeout(30 * DAY):
                    await scenario()
            finally:
                await self.store.close()

        run(all_of_it(), self.time)

    @asynccontextmanager
    async def forwarding(self):
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.forwarder.run())
            yield task
            self.forwarder.stop()

    async def queue(self, count, *, tries=0):
        first = len((await self.rows()).keys())
        for number in range(first, first + count):
            await self.store.enqueue(delivery(number, self.time.now))
        if tries:

            def age(tx):
                tx.sql("UPDATE delivery SET tries = :n, status = 'retrying'", {"n": tries})

            await self.store.driver.write(age)

    async def rows(self):
        page = await self.store.page(Filter(), None, 10_000)
        return {one.message_id: one for one in page.rows}

    async def statuses(self):
        return Counter((await self.store.counts()).deliveries)

    async def until_done(self, horizon=DAY):
        """Wait until nothing is under way any more, at most `horizon` virtual seconds."""
        await self.until(self._nothing_under_way, horizon)

    async def _nothing_under_way(self):
        return not {"pending", "sending", "retrying"} & (await self.statuses()).keys()

    async def until(self, condition, horizon=DAY):
        step = 0.5
        async with asyncio.timeout(horizon):
            while not await condition():
                await self.pass_time(step)
                step = min(step * 1.2, MINUTE)

    async def pass_time(self, seconds):
        """Let virtual time pass."""
        await asyncio.sleep(seconds)


def delivery(number, now):
    message = {
        "type": "track",
        "event": "Conversation Opened",
        "messageId": f"gs-{number}",
        "userId": "customer-1",
        "timestamp": "2026-05-28T10:00:00.123+00:00",
        "properties": {"conversationId": f"c-{number}"},
    }
    return NewDelivery(
        webhook_id=None,
        message_id=f"gs-{number}",
        type="track",
        event="Conversation Opened",
        conversation_id=f"c-{number}",
        customer_id="customer-1",
        user_id="customer-1",
        payload=json.dumps(message).encode(),
        looked_up=b"{}",
        search="",
        occurred_at=now,
        received_at=now,
        created_at=now,
        channel=Channel.WEBHOOK,
    )


def once(*answers, then=OK):
    """A script: these answers first, then always the last one."""
    queue = list(answers)
    return lambda _: queue.pop(0) if queue else then


# --- accepted ---------------------------------------------------------------------------------


def test_everything_queued_is_accepted_once_in_few_requests(tmp_path):
    bench = Bench(tmp_path)

    async def scenario():
        await bench.queue(250)
        async with bench.forwarding():
            await bench.until_done(MINUTE)
        rows = (await bench.rows()).values()
        assert {one.status for one in rows} == {DeliveryStatus.ACCEPTED}
        assert {one.attempts for one in rows} == {1}
        assert {one.last_error for one in rows} == {""}
        assert all(one.accepted_at for one in rows)

    bench.run(scenario)

    assert set(bench.segment.accepted.values()) == {1}
    assert len(bench.segment.accepted) == 250
    assert sorted(len(one.ids) for one in bench.segment.uploads) == [50, 100, 100]
    assert bench.told == {"accepted": 250}
    assert bench.health.get("segment").word == "ok"


def test_what_is_queued_later_goes_out_at_once_when_it_is_told(tmp_path):
    bench = Bench(tmp_path, linger_ms=200)

    async def scenario():
        async with bench.forwarding():
            await bench.pass_time(12.3)
            queued_at = bench.time.now
            await bench.queue(3)
            bench.forwarder.wake()
            await bench.until_done(MINUTE)
        assert bench.segment.uploads[0].at - queued_at == pytest.approx(0.2, abs=0.01)

    bench.run(scenario)

    assert len(bench.segment.uploads) == 1, "lingering gathers a batch"


def test_what_nobody_told_is_found_within_seconds(tmp_path):
    bench = Bench(tmp_path)

    async def scenario():
        async with bench.forwarding():
            await bench.pass_time(12.3)
            queued_at = bench.time.now
            await bench.queue(1)
            await bench.until_done(MINUTE)
        assert bench.segment.uploads[0].at - queued_at <= 6

    bench.run(scenario)


# --- failures that pass -----------------------------------------------------------------------


def test_a_failed_upload_is_tried_again_and_then_accepted(tmp_path):
    bench = Bench(tmp_path, script=once(DOWN))

    async def scenario():
        await bench.queue(1)
        async with bench.forwarding():
            await bench.until_done(MINUTE)
        (row,) = (await bench.rows()).values()
        detail = await bench.store.delivery(row.id)
        assert (row.status, row.attempts) == (DeliveryStatus.ACCEPTED, 2)
        assert [one.code for one in detail.attempts] == ["segment.http_500", "segment.accepted"]
        assert detail.attempts[0].error == "It is down."
        assert row.ambiguous_since is None

    bench.run(scenario)

    first, second = bench.segment.uploads
    assert second.at - first.at >= 2.5
    assert (first.retry_count, second.retry_count) == (0, 1)


def test_an_attempt_without_an_answer_marks_the_row(tmp_path):
    bench = Bench(tmp_path, script=once(LOST))

    async def scenario():
        await bench.queue(1)
        async with bench.forwarding():
            await bench.until_done(MINUTE)
        (row,) = (await bench.rows()).values()
        assert row.status is DeliveryStatus.ACCEPTED
        assert row.ambiguous_since == bench.segment.uploads[0].at

    bench.run(scenario)


def test_one_failure_does_not_hold_back_the_others(tmp_path):
    bench = Bench(tmp_path, script=once(DOWN), workers=1)

    async def scenario():
        await bench.queue(300)
        async with bench.forwarding():
            await bench.until_done(MINUTE)

    bench.run(scenario)

    assert bench.segment.uploads[2].at - bench.segment.uploads[0].at < 1


@pytest.mark.parametrize("wait", [120.0, 300.0])
def test_no_request_is_made_before_the_wait_that_segment_asks_for(tmp_path, wait):
    bench = Bench(tmp_path, script=once(busy(wait)), workers=2)

    async def scenario():
        await bench.queue(1000)
        async with bench.forwarding():
            await bench.until_done(HOUR)

    bench.run(scenario)

    assert_nothing_was_sent_during_a_hold(bench, bench.segment.uploads[0], wait)
    assert set(bench.segment.accepted.values()) == {1}
    assert len(bench.segment.accepted) == 1000


def test_a_wait_also_stops_the_small_batches_of_the_same_claim(tmp_path):
    bench = Bench(tmp_path, script=once(busy(120.0)), workers=1)

    async def scenario():
        await bench.queue(50, tries=7)
        async with bench.forwarding():
            await bench.until_done(HOUR)
        rows = (await bench.rows()).values()
        assert sorted(one.attempts for one in rows) == [1] * 49 + [2]
        assert {one.ambiguous_since for one in rows} == {None}

    bench.run(scenario)

    assert len(bench.segment.uploads[0].ids) == 1
    assert_nothing_was_sent_during_a_hold(bench, bench.segment.uploads[0], 120.0)


def test_a_wait_also_stops_the_search_for_a_bad_event(tmp_path):
    answers = once(BAD, busy(120.0), then=None)
    bench = Bench(tmp_path, workers=1)
    bench.segment.script = lambda upload: answers(upload) or (BAD if "gs-7" in upload.ids else OK)

    async def scenario():
        await bench.queue(100)
        async with bench.forwarding():
            await bench.until_done(HOUR)
        assert await bench.statuses() == {"accepted": 99, "dead": 1}

    bench.run(scenario)

    assert_nothing_was_sent_during_a_hold(bench, bench.segment.uploads[1], 120.0)
    assert set(bench.segment.accepted.values()) == {1}


def assert_nothing_was_sent_during_a_hold(bench, refused, wait):
    known_at = refused.at + UPLOAD_SECONDS
    after = [one for one in bench.segment.uploads if one.at > known_at - 0.01]
    early = [one for one in after if one.at < known_at + wait - 0.01]
    assert early == []


def test_a_long_outage_is_not_hammered_and_ends_with_everything_accepted(tmp_path):
    bench = Bench(tmp_path, script=lambda _: DOWN)

    async def scenario():
        await bench.queue(1000)
        async with bench.forwarding():
            await bench.pass_time(6 * HOUR)
            during = len(bench.segment.uploads)
            assert (await bench.statuses())["dead"] == 0
            assert bench.health.get("segment").word == "backing-off"
            assert bench.health.get("segment").sentence == "It is down."
            bench.segment.script = lambda _: OK
            await bench.until_done(10 * MINUTE)
        assert during <= 6 * 60 + 10, "at most one request a minute"
        assert await bench.statuses() == {"accepted": 1000}

    bench.run(scenario)

    assert set(bench.segment.accepted.values()) == {1}
    assert bench.health.get("segment").word == "ok"


def test_an_outage_of_old_retries_is_not_hammered_either(tmp_path):
    bench = Bench(tmp_path, script=lambda _: DOWN)

    async def scenario():
        await bench.queue(200, tries=7)
        async with bench.forwarding():
            await bench.pass_time(2 * HOUR)

    bench.run(scenario)

    assert len(bench.segment.uploads) <= 2 * 60 + 10


def test_one_event_that_makes_segment_fail_is_soon_alone(tmp_path):
    bench = Bench(tmp_path, script=lambda one: DOWN if "gs-7" in one.ids else OK)

    async def scenario():
        await bench.queue(100)
        async with bench.forwarding():
            await bench.until(all_but_one_accepted, 3 * HOUR)

    async def all_but_one_accepted():
        return (await bench.statuses())["accepted"] == 99

    bench.run(scenario)

    assert "gs-7" not in bench.segment.accepted
    assert set(bench.segment.accepted.values()) == {1}


def test_after_the_deadline_it_is_dead_with_the_reason(tmp_path):
    bench = Bench(tmp_path, script=lambda _: DOWN, give_up_days=0.05)

    async def scenario():
        await bench.queue(30)
        began = bench.time.now
        async with bench.forwarding():
            await bench.until_done(DAY)
        rows = (await bench.rows()).values()
        assert {one.status for one in rows} == {DeliveryStatus.DEAD}
        assert {one.last_error for one in rows} == {"It is down."}
        assert {one.next_attempt_at for one in rows} == {None}
        assert bench.segment.uploads[-1].at <= began + 0.05 * DAY + MINUTE

    bench.run(scenario)

    assert bench.told["dead"] == 30


# --- refused ----------------------------------------------------------------------------------


def test_one_bad_event_among_a_hundred_dies_alone_with_the_reason(tmp_path):
    bench = Bench(tmp_path, script=lambda one: BAD if "gs-42" in one.ids else OK)

    async def scenario():
        await bench.queue(100)
        async with bench.forwarding():
            await bench.until_done(MINUTE)
        rows = await bench.rows()
        bad = rows.pop("gs-42")
        assert (bad.status, bad.last_error) == (DeliveryStatus.DEAD, "It is bad.")
        assert bad.last_code == "segment.rejected_400"
        assert {(one.status, one.attempts) for one in rows.values()} == {
            (DeliveryStatus.ACCEPTED, 1)
        }

    bench.run(scenario)

    assert len(bench.segment.uploads) <= 15
    assert set(bench.segment.accepted.values()) == {1}
    assert bench.health.get("segment").word == "ok"


@pytest.mark.parametrize("count", [5, 500])
def test_a_refused_key_pauses_everything_until_resumed(tmp_path, count):
    bench = Bench(tmp_path, script=lambda _: WRONG_KEY)

    async def scenario():
        await bench.queue(count)
        async with bench.forwarding():
            await bench.pass_time(DAY)
            assert bench.health.get("segment").word == "refused"
            assert bench.health.get("segment").sentence == "Wrong key."
            assert (await bench.statuses())["dead"] == 0
            assert len(bench.segment.uploads) <= 4 * 24 + 10
            bench.segment.script = lambda _: OK
            resumed_at = bench.time.now
            bench.forwarder.resume()
            await bench.until_done(30)
            assert bench.time.now - resumed_at <= 30
        assert await bench.statuses() == {"accepted": count}

    bench.run(scenario)

    assert bench.health.get("segment").word == "ok"
    assert set(bench.segment.accepted.values()) == {1}


def test_a_refused_key_never_kills_an_event_however_long_it_takes(tmp_path):
    bench = Bench(tmp_path, script=lambda _: WRONG_KEY, give_up_days=1)

    async def scenario():
        await bench.queue(20)
        async with bench.forwarding():
            await bench.pass_time(3 * DAY)
            bench.segment.script = lambda _: OK
            await bench.until_done(20 * MINUTE)
        assert await bench.statuses() == {"accepted": 20}

    bench.run(scenario)


# --- clocks -----------------------------------------------------------------------------------


def test_a_clock_that_differs_from_segments_is_told_and_taken_back(tmp_path):
    skewed = Answer(result=Result.ACCEPTED, code="segment.accepted", sentence="", skew=-300.0)
    right = Answer(result=Result.ACCEPTED, code="segment.accepted", sentence="", skew=1.0)
    bench = Bench(tmp_path, script=once(skewed, then=right))

    async def scenario():
        async with bench.forwarding():
            await bench.queue(1)
            await bench.until_done(MINUTE)
            state = bench.health.get("clock")
            assert state.word == "skewed"
            assert "300 s" in state.sentence
            await bench.queue(1)
            await bench.until_done(MINUTE)
            assert bench.health.get("clock").word == "ok"

    bench.run(scenario)


# --- leases, stopping, a store that is away ---------------------------------------------------


def test_who_lost_the_lease_writes_nothing(tmp_path):
    bench = Bench(tmp_path, workers=1)

    async def another_engine_takes_it(_):
        await bench.store.reap(bench.time.now, before=float("inf"))
        lease = Lease(owner="another", until=bench.time.now + DAY)
        assert len(await bench.store.claim(10, lease, bench.time.now)) == 1

    async def scenario():
        bench.segment.during = another_engine_takes_it
        await bench.queue(1)
        async with bench.forwarding():
            await bench.pass_time(MINUTE)
        (row,) = (await bench.rows()).values()
        assert (row.status, row.attempts, row.accepted_at) == (DeliveryStatus.SENDING, 0, None)

    bench.run(scenario)

    assert len(bench.segment.uploads) == 1


def test_stopping_finishes_the_upload_under_way_and_claims_nothing_more(tmp_path):
    bench = Bench(tmp_path, workers=1)

    async def stop(_):
        bench.forwarder.stop()

    async def scenario():
        bench.segment.during = stop
        await bench.queue(250)
        await bench.forwarder.run()
        assert await bench.statuses() == {"accepted": 100, "pending": 150}

    bench.run(scenario)


def test_stopping_gives_back_what_was_claimed_and_not_sent_yet(tmp_path):
    bench = Bench(tmp_path, workers=1)

    async def stop(_):
        bench.forwarder.stop()

    async def scenario():
        bench.segment.during = stop
        await bench.queue(50, tries=7)
        began = bench.time.now
        await bench.forwarder.run()
        assert bench.time.now - began < 1
        assert await bench.statuses() == {"accepted": 1, "retrying": 49}
        rows = (await bench.rows()).values()
        assert {one.ambiguous_since for one in rows} == {None}

    bench.run(scenario)


def test_cancelled_amid_an_upload_gives_the_rows_back_and_marks_them(tmp_path):
    bench = Bench(tmp_path, workers=1)

    async def scenario():
        uploading = asyncio.Event()

        async def hang(_):
            uploading.set()
            await asyncio.Event().wait()

        bench.segment.during = hang
        await bench.queue(10)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(bench.forwarder.run())
            await uploading.wait()
            cancelled_at = bench.time.now
            task.cancel()
        rows = (await bench.rows()).values()
        assert {one.status for one in rows} == {DeliveryStatus.PENDING}
        assert {one.ambiguous_since for one in rows} == {cancelled_at}
        again = Lease(owner="next", until=bench.time.now + 1)
        assert len(await bench.store.claim(100, again, bench.time.now)) == 10

    bench.run(scenario)


def test_stopping_while_idle_or_held_ends_at_once(tmp_path):
    bench = Bench(tmp_path, script=lambda _: busy(300.0))

    async def scenario():
        async with bench.forwarding():
            await bench.pass_time(1)
            await bench.queue(1)
            bench.forwarder.wake()
            await bench.pass_time(10)
            stopped_at = bench.time.now
        assert bench.time.now - stopped_at < 1

    bench.run(scenario)


@pytest.mark.parametrize("moments", [1, 20])
def test_a_store_that_cannot_settle_for_a_moment_loses_and_doubles_nothing(tmp_path, moments):
    bench = Bench(tmp_path)

    async def scenario():
        bench.store.failures["settle"] = moments
        await bench.queue(250)
        async with bench.forwarding():
            await bench.until_done(MINUTE)
        assert await bench.statuses() == {"accepted": 250}

    bench.run(scenario)

    assert set(bench.segment.accepted.values()) == {1}
    assert bench.told == {"accepted": 250}


def test_a_store_that_cannot_be_claimed_from_for_a_moment_stops_nothing(tmp_path):
    bench = Bench(tmp_path)

    async def scenario():
        bench.store.failures["claim"] = 6
        await bench.queue(10)
        async with bench.forwarding():
            await bench.until_done(MINUTE)

    bench.run(scenario)

    assert len(bench.segment.accepted) == 10


def test_a_store_that_fails_as_an_outage_ends_loses_nothing(tmp_path):
    bench = Bench(tmp_path, script=once(*[DOWN] * 6))

    async def scenario():
        bench.store.failures["hasten"] = 1
        bench.store.failures["release"] = 1
        await bench.queue(200)
        async with bench.forwarding():
            await bench.until(nothing_waits, 2 * HOUR)

    async def nothing_waits():
        await bench.store.reap(bench.time.now, before=bench.time.now)  # as the janitor does
        return await bench.statuses() == {"accepted": 200}

    bench.run(scenario)

    assert sum(bench.told.values()) >= 200


def test_stopped_while_the_store_is_away_the_rows_wait_for_the_next_start(tmp_path):
    bench = Bench(tmp_path, workers=1)

    async def stop(_):
        bench.store.failures["settle"] = 1000
        bench.forwarder.stop()

    async def scenario():
        bench.segment.during = stop
        await bench.queue(5)
        await bench.forwarder.run()
        rows = (await bench.rows()).values()
        assert {one.status for one in rows} == {DeliveryStatus.PENDING}
        assert None not in {one.ambiguous_since for one in rows}

    bench.run(scenario)


# --- with the simulated Segment, over a socket ------------------------------------------------


@pytest.mark.parametrize(
    "faults",
    [
        [],
        ["500:count=4"],
        ["429:count=3,retry_after=30"],
        ["lost-answer:count=3"],
        ["reset:count=2", "html-200:count=2", "redirect:count=2", "bad-json-200:count=2"],
        ["401:count=2"],
        ["500:rate=0.3", "lost-answer:rate=0.2"],
    ],
    ids=lambda faults: "+".join(one.partition(":")[0] for one in faults) or "calm",
)
def test_whatever_segment_does_everything_arrives_once(tmp_path, faults):
    segment = SegmentSimulator(KEY, faults=faults)
    with SimulatorServer(segment) as server:
        bench = Bench(tmp_path, uploader=SegmentClient(Secret(KEY), server.url))

        async def scenario():
            await bench.queue(300)
            async with bench.forwarding():
                await bench.until_done(DAY)
            assert await bench.statuses() == {"accepted": 300}

        bench.run(scenario)

    assert len(segment.accepted) == 300
    assert segment.dropped == 0
    assert list(segment.problems) == []
    assert segment.request_count <= 80


def test_the_simulated_segments_poisoned_event_dies_alone(tmp_path):
    segment = SegmentSimulator(KEY, faults=['poison-400:event="c-42"'])
    with SimulatorServer(segment) as server:
        bench = Bench(tmp_path, uploader=SegmentClient(Secret(KEY), server.url))

        async def scenario():
            await bench.queue(100)
            async with bench.forwarding():
                await bench.until_done(DAY)
            rows = await bench.rows()
            assert rows["gs-42"].status is DeliveryStatus.DEAD
            assert "malformed event" in rows["gs-42"].last_error
            assert await bench.statuses() == {"accepted": 99, "dead": 1}

        bench.run(scenario)

    assert len(segment.accepted) == 99
    assert segment.duplicates == 0


# --- is it the events, or is it the key? --------------------------------------------------------

ODD = msgspec.structs.replace(BAD, odd_key=True)


@pytest.mark.parametrize("answer", [BAD, ODD])
@pytest.mark.logs_warnings
def test_a_source_that_rejects_everything_holds_the_backlog_instead_of_killing_it(tmp_path, answer):
    bench = Bench(tmp_path, script=lambda _: answer, workers=1)
    limit = REJECTIONS_ODD_KEY if answer.odd_key else REJECTIONS

    async def scenario():
        await bench.queue(300)
        async with bench.forwarding():
            await bench.pass_time(HOUR)
            assert bench.health.words()["segment"] == "refused"
            dead_after_an_hour = (await bench.statuses())["dead"]
            bench.segment.script = lambda _: OK
            await bench.until_done()
        assert dead_after_an_hour < limit
        assert await bench.statuses() == {"accepted": 300 - dead_after_an_hour, "dead": limit - 1}

    bench.run(scenario)


def test_a_handful_of_bad_neighbours_die_at_once_whatever_the_key_looks_like(tmp_path):
    bad = {f"gs-{number}" for number in range(15)}
    bench = Bench(tmp_path, script=lambda upload: ODD if bad & {*upload.ids} else OK, workers=1)

    async def scenario():
        await bench.queue(100)
        async with bench.forwarding():
            await bench.until_done(MINUTE)
        assert await bench.statuses() == {"accepted": 85, "dead": 15}

    bench.run(scenario)
