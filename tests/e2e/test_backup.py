"""A copy made while webhooks pour in: restored, it adds up, and what it owes is delivered."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from tests.fakes import body, gladly_event
from tests.fakes.rig import wait_until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.conftest import Serve

PATIENCE = 30.0


def pour(serve: Serve, ended: threading.Event, stored: list[str]) -> None:
    """Webhooks, one after the other; `stored` has those that were answered 200."""
    with serve.client() as client:
        for number in range(100_000):
            if ended.is_set():
                return
            one = f"conversation-{number}"
            raw = body(gladly_event("CONVERSATION/CLOSED", id=f"e{number}", conversation=one))
            if client.post("/gladly/webhook", content=raw).status_code == 200:
                stored.append(one)


def read(result: subprocess.CompletedProcess[str]) -> Any:
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_a_copy_under_load_adds_up_and_goes_on_where_it_was(
    serving: Callable[..., Serve], tmp_path: Path
) -> None:
    first, second = SegmentSimulator(), SegmentSimulator()
    stored: list[str] = []
    ended = threading.Event()
    with SimulatorServer(first) as one, SimulatorServer(second) as other:
        serve = serving(one.url)
        serve.start()
        pouring = threading.Thread(target=pour, args=(serve, ended, stored))
        pouring.start()
        try:
            assert wait_until(lambda: len(stored) >= 200, PATIENCE)
            before = list(stored)
            copied = read(serve.run("backup", str(tmp_path / "copy.db"), "--json"))
            after = list(stored)
        finally:
            ended.set()
            pouring.join()
        refused = serve.run("restore", str(tmp_path / "copy.db"), "--replace")
        assert serve.stop() == 0

        anew = serving(other.url, home=str(tmp_path / "anew"))
        restored = anew.run("restore", str(tmp_path / "copy.db"))
        checked = anew.run("check", "store", "sums")
        sums = read(anew.run("reconcile", "--local", "--json"))
        anew.start()
        held = copied["webhooks"]

        def done() -> bool:
            with anew.client() as client:
                status = client.get("/status").json()
            waiting = status["webhooks"].keys() & {"received", "waiting"}
            return not waiting and status["oldestPendingSeconds"] is None

        drained = wait_until(done, PATIENCE)
        summed = read(anew.run("reconcile", "--local", "--json"))
        assert anew.stop() == 0

    assert len(before) <= held <= len(after) + 1
    assert refused.returncode == 1
    assert "Stop it, then restore." in refused.stderr
    assert restored.returncode == 0, restored.stderr
    assert f"{held} webhooks" in restored.stdout
    assert checked.returncode == 0, checked.stdout
    assert sums["addsUp"]
    assert drained
    assert summed["addsUp"]
    reached = {
        message["properties"]["conversationId"]
        for segment in (first, second)
        for message in segment.accepted.values()
    }
    assert set(before) <= reached


def test_a_store_on_postgresql_is_left_to_its_own_way(
    serving: Callable[..., Serve], tmp_path: Path
) -> None:
    serve = serving("http://127.0.0.1:9", GLADLY_SOURCE_STORE__URL="postgresql://nowhere/x")

    result = serve.run("backup", str(tmp_path / "copy.db"))

    assert result.returncode == 1
    assert "pg_dump" in result.stderr
    assert not (tmp_path / "copy.db").exists()
