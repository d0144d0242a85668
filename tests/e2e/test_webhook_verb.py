"""The verb webhook as a process, beside `serve` as a process, with a simulated Gladly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core.gladly.webhooks import EVENTS
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from tests.fakes import gladly_event
from tests.fakes.file_keyring import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.conftest import Serve

PATIENCE = 20
KEPT = "gladly-token", "webhook-password"


@pytest.fixture
def gladly() -> Iterator[GladlySimulator]:
    """A simulated Gladly; its address is `gladly.url`."""
    simulator = GladlySimulator(requests_per_second=0)
    with SimulatorServer(simulator) as server:
        simulator.url = server.url  # type: ignore[attr-defined]
        yield simulator


@pytest.fixture
def segment() -> Iterator[SegmentSimulator]:
    """A simulated Segment; its address is `segment.url`."""
    simulator = SegmentSimulator()
    with SimulatorServer(simulator) as server:
        simulator.url = server.url  # type: ignore[attr-defined]
        yield simulator


@pytest.fixture
def serve(serving: Callable[..., Serve], tmp_path: Path, gladly: Any, segment: Any) -> Serve:
    """A home with a keyring that holds Gladly's token and no password; not started."""
    made = serving(segment.url)
    del made.environment["GLADLY_SOURCE_WEBHOOK_PASSWORD"]
    made.environment |= {
        "GLADLY_SOURCE_GLADLY__URL": gladly.url,
        "GLADLY_SOURCE_GLADLY__AGENT_EMAIL": DEMO_EMAIL,
        "GLADLY_SOURCE_GLADLY__REQUESTS_PER_SECOND": "10",
        "GLADLY_SOURCE_LISTENER__PUBLIC_URL": made.url,
        "GLADLY_SOURCE_MAPPING__OPENED_WHEN": "created",
        "PYTHON_KEYRING_BACKEND": "tests.fakes.file_keyring.FileKeyring",
        VARIABLE: str(tmp_path / "keyring.json"),
    }
    keyring(made).write_text(json.dumps({"gladly-token": DEMO_TOKEN}))
    return made


def keyring(serve: Serve) -> Path:
    return Path(serve.environment[VARIABLE])


def secrets(serve: Serve) -> dict[str, str]:
    kept: dict[str, str] = json.loads(keyring(serve).read_text())
    return kept


def shown(serve: Serve, *action: str) -> dict[str, Any]:
    result = serve.run("webhook", *action, "--json")
    assert result.returncode == 0, result.stderr
    (line,) = result.stdout.splitlines()
    told: dict[str, Any] = json.loads(line)
    return told


def refused(serve: Serve, *action: str) -> str:
    """The one line that says why it did not happen."""
    result = serve.run("webhook", *action)
    assert result.returncode == 1, result.stdout
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert not any(value in line for value in secrets(serve).values())
    return line


def closed(gladly: GladlySimulator, number: int) -> None:
    """A conversation closes, and the webhook's call for it is answered 200."""
    before = gladly.sender.delivered
    gladly.publish(gladly_event("CONVERSATION/CLOSED", id=f"e{number}", conversation=f"c{number}"))
    assert gladly.wait_until(lambda: gladly.sender.delivered > before, PATIENCE)


def test_from_nothing_to_events_that_arrive(
    serve: Serve, gladly: GladlySimulator, segment: SegmentSimulator
) -> None:
    early = refused(serve, "create")
    serve.start()

    made = serve.run("webhook", "create")
    again = shown(serve, "create")
    status = serve.run("webhook", "status")
    closed(gladly, 1)

    assert "serve" in early
    assert made.returncode == 0, made.stderr
    assert "PING arrived" in made.stdout
    assert again["result"] == "changed"
    assert (again["events"], again["enabled"]) == (list(EVENTS), True)
    assert "enabled  yes" in status.stdout
    assert [one.url for one in gladly.webhooks.all()] == [serve.url + "/gladly/webhook"]
    assert segment.wait_until(lambda: len(segment.accepted) == 1, PATIENCE)
    password = secrets(serve)["webhook-password"]
    assert not any(password in one.stdout + one.stderr for one in (made, status))


def test_off_and_on_and_gone(serve: Serve, gladly: GladlySimulator) -> None:
    serve.run("webhook", "create")
    serve.start()
    serve.run("webhook", "create")
    (webhook,) = gladly.webhooks.all()

    off = shown(serve, "disable")
    gladly.webhooks.save(webhook)
    gladly.webhooks.switch_off(webhook.id)
    given_up = serve.run("webhook", "status")
    on = shown(serve, "enable")
    gone = shown(serve, "delete")
    nothing = shown(serve, "status")

    assert (off["result"], off["enabled"]) == ("disabled", False)
    assert "switched the webhook off" in given_up.stdout
    assert "webhook enable" in given_up.stderr
    assert (on["result"], on["enabled"], on["pingAt"] is not None) == ("enabled", True, True)
    assert (gone["result"], gladly.webhooks.all()) == ("deleted", [])
    assert nothing["result"] == "missing"
    for action in ("enable", "disable", "delete", "rotate"):
        assert "There is no webhook in Gladly" in refused(serve, action)


def test_a_rotation_is_in_use_at_once(serve: Serve, gladly: GladlySimulator) -> None:
    serve.run("webhook", "create")
    serve.start()
    serve.run("webhook", "create")
    old = secrets(serve)["webhook-password"]

    result = serve.run("webhook", "rotate")
    closed(gladly, 1)

    new = secrets(serve)["webhook-password"]
    assert result.returncode == 0, result.stderr
    assert new != old
    assert not {old, new} & set((result.stdout + result.stderr).split())
    assert set(secrets(serve)) == set(KEPT)
    assert gladly.sender.failures == 0


def test_killed_in_the_middle_of_a_rotation_nothing_is_refused_and_the_next_one_ends_it(
    serve: Serve, gladly: GladlySimulator
) -> None:
    serve.run("webhook", "create")
    serve.start()
    serve.run("webhook", "create")
    gladly.faults.set(["hang:path=webhooks/"])
    asked = gladly.request_count
    rotation = subprocess.Popen(
        [sys.executable, "-m", "core.cli", "webhook", "rotate"],
        env=serve.environment,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert gladly.wait_until(lambda: gladly.request_count >= asked + 3, PATIENCE)
    finally:
        rotation.kill()
        rotation.wait(PATIENCE)
    gladly.faults.set([])
    new = secrets(serve)["webhook-password-next"]

    closed(gladly, 1)
    serve.kill()
    serve.start()
    closed(gladly, 2)
    pending = shown(serve, "status")
    done = serve.run("webhook", "rotate")
    closed(gladly, 3)

    assert pending["rotationPending"] is True
    assert done.returncode == 0, done.stderr
    assert secrets(serve) == {"gladly-token": DEMO_TOKEN, "webhook-password": new}
    assert gladly.webhooks.all()[0].credentials.password == new  # type: ignore[union-attr]
    assert gladly.sender.failures == 0


@pytest.mark.parametrize(
    ("variable", "value", "code", "said"),
    [
        ("GLADLY__URL", "", 1, "gladly.url is not set"),
        ("LISTENER__PUBLIC_URL", "", 1, "There is no public URL"),
        ("LISTENER__PUBLIC_URL", "http://hooks.example.com", 2, "https"),
        ("GLADLY__URL", "https://127.0.0.1:1", 1, "cannot be reached"),
        ("GLADLY_TOKEN", "another", 1, "refuses the agent e-mail or the API token (401)"),
    ],
)
def test_what_stands_in_the_way_is_one_line(
    serve: Serve, variable: str, value: str, code: int, said: str
) -> None:
    serve.environment[f"GLADLY_SOURCE_{variable}"] = value

    result = serve.run("webhook", "create")

    assert result.returncode == code
    (line,) = result.stderr.splitlines()
    assert said in line
    assert "another" not in line


def test_gladlys_own_refusals_are_one_line(serve: Serve, gladly: GladlySimulator) -> None:
    gladly.faults.set(["403"])
    forbidden = refused(serve, "create")
    gladly.faults.set([])
    for number in range(20):
        gladly.add_webhook(f"https://other.example.com/{number}")
    full = refused(serve, "create")

    assert "manage webhooks (403)" in forbidden
    assert "allows 20 webhooks" in full
    assert "webhook-password" not in secrets(serve)


def test_an_action_that_is_none_is_wrong_usage(serve: Serve) -> None:
    result = serve.run("webhook", "fly")

    assert result.returncode == 2
    assert "rotate" in result.stderr
