"""The verbs of the command line, on a running engine and without one."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from tests.e2e.conftest import Serve

KEYS = [
    "id",
    "event",
    "status",
    "reason",
    "conversationId",
    "userId",
    "messageId",
    "timestamp",
    "receivedAt",
    "acceptedAt",
    "attempts",
    "nextAttemptAt",
    "lastError",
    "channel",
    "test",
]


@pytest.fixture
def segment() -> Iterator[SegmentSimulator]:
    """A simulated Segment; its address is `segment.server.url`."""
    simulator = SegmentSimulator()
    with SimulatorServer(simulator) as server:
        simulator.server = server  # type: ignore[attr-defined]
        yield simulator


@pytest.fixture
def serve(serving: Callable[..., Serve], segment: Any) -> Serve:
    made = serving(segment.server.url)
    made.start()
    return made


def rows(result: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_test_events_go_the_whole_way_and_are_marked(
    serve: Serve, segment: SegmentSimulator
) -> None:
    sent = serve.run("send", "opened", "--customer", "cu-1", "--conversation", "co-1")

    assert sent.returncode == 0, sent.stderr
    assert "accepted" in sent.stdout
    (message,) = segment.accepted.values()
    assert message["properties"]["conversationId"] == "co-1"
    assert message["context"]["test"] is True
    (row,) = rows(serve.run("events", "--json"))
    assert set(KEYS) <= row.keys()
    assert (row["status"], row["test"], row["channel"]) == ("accepted", True, "test")


def test_direct_test_events_pass_the_listener_by(serve: Serve, segment: SegmentSimulator) -> None:
    sent = serve.run("send", "closed", "--direct", "--count", "3")

    assert sent.returncode == 0, sent.stderr
    assert len(segment.accepted) == 3
    assert rows(serve.run("events", "--json")) == []


def test_outcomes_that_come_one_after_the_other_stand_under_one_header(serve: Serve) -> None:
    sent = serve.run("send", "opened", "--count", "3")

    assert sent.returncode == 0, sent.stderr
    assert sent.stdout.count("conversation ") == 1
    assert sent.stdout.count("✓ accepted") == 3


def test_sending_to_an_engine_that_does_not_run_says_what_to_start(
    serving: Callable[..., Serve], segment: Any
) -> None:
    result = serving(segment.server.url).run("send", "opened")

    assert result.returncode == 1
    assert "serve" in result.stderr


def test_show_tells_everything_about_a_delivery(serve: Serve) -> None:
    serve.run("send", "opened", "--conversation", "co-1")
    (row,) = rows(serve.run("events", "--json"))

    (shown,) = rows(serve.run("show", row["id"], "--json"))
    by_message = serve.run("show", row["messageId"])

    assert shown["fromGladly"][0]["body"]["content"]["conversationId"] == "co-1"
    assert shown["toSegment"]["messageId"] == row["messageId"]
    assert shown["attemptList"][0]["httpStatus"] == 200
    assert "Accepted by Segment" in by_message.stdout
    assert serve.run("show", "d999").returncode == 1


def test_reconcile_adds_up_by_day_and_fails_when_it_does_not(serve: Serve) -> None:
    serve.run("send", "opened", "--conversation", "co-1")

    table, as_csv = serve.run("reconcile"), serve.run("reconcile", "--csv", "--local")
    (found,) = rows(serve.run("reconcile", "--since", "2d", "--json"))

    assert (table.returncode, as_csv.returncode) == (0, 0)
    assert "adds up" in table.stdout
    (day,) = csv.DictReader(as_csv.stdout.splitlines())
    assert (day["seen"], day["mapped"], day["accepted"], day["addsUp"]) == ("1", "1", "1", "true")
    assert found["addsUp"] is True
    assert found["days"][0]["accepted"] == 1
    with closing(sqlite3.connect(serve.home / "store.db", timeout=10)) as store, store:
        store.execute("DELETE FROM delivery")
    failed = serve.run("reconcile")
    assert failed.returncode == 1
    assert "NO" in failed.stdout
    assert "w1: mapped, but its call is not there." in failed.stderr
    assert serve.run("check", "sums").returncode == 1


def test_filters_select(serve: Serve) -> None:
    serve.run("send", "opened", "--conversation", "co-1")
    serve.run("send", "closed", "--conversation", "co-1")

    closed = rows(serve.run("events", "--event", "Conversation Closed", "--json"))
    found = rows(serve.run("events", "--search", "co-1", "--json"))

    assert [one["event"] for one in closed] == ["Conversation Closed"]
    assert len(found) == 2
    assert rows(serve.run("events", "--status", "dead", "--json")) == []
    assert rows(serve.run("events", "--until", "1h", "--json")) == []
    assert len(rows(serve.run("events", "--since", "1h", "--json", "--webhooks"))) == 2


def test_replay_through_the_running_engine_says_first_what_segment_will_do(
    serve: Serve, segment: SegmentSimulator
) -> None:
    serve.run("send", "opened")
    dry = serve.run("replay", "d1", "--dry-run")
    same = serve.run("replay", "d1")
    again = serve.run("replay", "--status", "accepted", "--new-id")

    assert "24 hours" in dry.stdout
    assert same.returncode == 0, same.stderr
    assert "twice" in again.stdout
    assert segment.wait_until(lambda: len(segment.accepted) == 2, 10)
    assert serve.run("replay", "d999").returncode == 1
    assert serve.run("replay").returncode == 2


def test_replay_without_an_engine_waits_for_the_next_start(
    serve: Serve, segment: SegmentSimulator
) -> None:
    serve.run("send", "opened")
    serve.stop()

    result = serve.run("replay", "d1", "--new-id")
    serve.start()

    assert result.returncode == 0, result.stderr
    assert segment.wait_until(lambda: len(segment.accepted) == 2, 10)


def test_export_writes_ids_and_redacts_on_request(serve: Serve) -> None:
    serve.run("send", "opened", "--customer", "cu-1", "--conversation", "co-1", "--count", "2")

    table = list(csv.DictReader(serve.run("export", "--format", "csv").stdout.splitlines()))
    hidden = serve.run("export", "--format", "jsonl", "--redact").stdout
    target = serve.home / "export.jsonl"
    written = serve.run("export", "--format", "jsonl", "--output", str(target))

    assert [row["conversationId"] for row in table] == ["co-1-2", "co-1"]
    assert "co-1" not in hidden
    assert "cu-1" not in hidden
    assert written.returncode == 0
    assert len(target.read_text().splitlines()) == 2
    assert target.stat().st_mode & 0o077 == 0


def test_erasing_a_customer_leaves_nothing_in_the_home(serve: Serve) -> None:
    serve.run("send", "opened", "--customer", "cu-unforgettable")
    result = serve.run("erase", "--customer", "cu-unforgettable")
    serve.stop()

    assert result.returncode == 0, result.stderr
    kept = [
        path.name
        for path in serve.home.rglob("*")
        if path.is_file() and b"cu-unforgettable" in path.read_bytes()
    ]
    assert kept == []


def test_no_colour_in_pipes_and_whole_lines(serve: Serve) -> None:
    serve.run("send", "opened", "--conversation", "a-rather-long-conversation-id-for-a-table")

    listed = serve.run("events").stdout

    assert "\x1b" not in listed
    assert "a-rather-long-conversation-id-for-a-table" in listed


def test_secrets_never_come_by_argument(serve: Serve) -> None:
    listed = rows(serve.run("secret", "list", "--json"))

    assert serve.run("secret", "set", "write-key", "value").returncode == 2
    assert {one["name"] for one in listed} >= {"write-key", "webhook-password"}
    assert "0123456789abcdef" not in str(listed)
