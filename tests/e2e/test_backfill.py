"""History from export files reaches Segment through a running engine, once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.people import make_world
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator, arrived
from core.simulator.timestamps import timestamp_ns
from core.simulator.traffic import make_history, truth
from tests.e2e.test_polling import asking
from tests.fakes import body
from tests.fakes.rig import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import Serve

DAY = 86_400.0
PATIENCE = 30.0


def test_what_was_missed_for_days_arrives_once_beside_what_was_told(
    serving: Callable[..., Serve],
):
    gladly, segment = GladlySimulator(make_world(7), requests_per_second=0), SegmentSimulator()
    history = make_history(
        gladly.world, ends_at=time.time() - 1.5 * DAY, seed=5, conversations=25, days=9
    )
    gladly.load(history)
    told = sorted(history, key=lambda event: timestamp_ns(event["timestamp"]))[: len(history) // 3]
    with SimulatorServer(gladly) as there, SimulatorServer(segment) as arrives:
        serve = serving(arrives.url, **asking(there.url))
        serve.start()
        with serve.client() as client:
            for event in told:
                assert client.post("/gladly/webhook", content=body(dict(event))).status_code == 200

        dry = serve.run("backfill", "--dry-run", "--json")
        assert dry.returncode == 0, dry.stderr
        wet = serve.run("backfill", "--json")
        assert wet.returncode == 0, wet.stderr
        account = json.loads(wet.stdout)

        def all_there() -> bool:
            return truth(history) <= arrived(segment.accepted.values())

        assert account["closed"] > 0
        assert segment.wait_until(all_there, PATIENCE)
        again = json.loads(serve.run("backfill", "--json").stdout)
        assert (again["opened"], again["closed"]) == (0, 0)
        assert arrived(segment.accepted.values()) <= truth(history) | truth(history, "created")
        assert segment.duplicates == 0
        rows = serve.run("events", "--json", "--limit", "1000").stdout.splitlines()
        channels = {json.loads(row)["channel"] for row in rows}
        assert channels == {"webhook", "backfill"}
        assert serve.stop() == 0


def test_a_simulated_gladly_has_a_past_and_goes_on_without_a_webhook():
    with subprocess.Popen(
        [sys.executable, "-m", "core.cli", "simulate", "gladly", "--history", "5", "--rate", "50"],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1]
            with httpx.Client(base_url=url, auth=(DEMO_EMAIL, DEMO_TOKEN), trust_env=False) as http:
                jobs = http.get("/api/v1/export/jobs").json()
                jobs = sorted(jobs, key=lambda job: job["parameters"]["startAt"])[-4:]
                items = [
                    http.get(f"/api/v1/export/jobs/{job['id']}/files/conversation_items.jsonl").text
                    for job in jobs
                ]
                assert "CONVERSATION_STATUS_CHANGE" in "".join(items)
                asked = {
                    "startAt": datetime.fromtimestamp(time.time() - 60, UTC).isoformat(),
                    "entities": "CONVERSATION",
                }
                assert wait_until(lambda: http.get("/api/v1/events", params=asked).text, PATIENCE)
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
