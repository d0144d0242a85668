"""The demo's world starts, drives traffic through a real engine, and is gone afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from core import settings as settings_module
from core.credentials import Secrets
from core.engine import gather_secrets
from core.errors import OperationError
from core.home import Home
from core.runner import EngineThread
from core.simulator.demo import DemoWorld, sorted_faults
from tests.fakes import MemorySecrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE = 20.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[DemoWorld]:
    with DemoWorld(Home(path=tmp_path / "home"), rate=50, time_scale=0.001) as made:
        yield made


@pytest.fixture
def engine(world: DemoWorld) -> Iterator[EngineThread]:
    thread = EngineThread(world.engine)
    url = thread.start().webhook_url()
    assert url is not None
    world.connect(url)
    yield thread
    thread.stop()
    assert thread.join(PATIENCE)


def arrives(world: DemoWorld, at_least: int = 1) -> bool:
    """Whether everything that happened so far is at Segment, soon."""
    return world.segment.wait_until(
        lambda: world.tally.caused >= at_least and not world.tally.missing(), PATIENCE
    )


def test_everything_that_happens_arrives(world: DemoWorld, engine: EngineThread):
    world.resume()
    assert world.segment.wait_until(lambda: world.tally.figures().accepted >= 5, PATIENCE)
    world.pause()

    assert arrives(world)
    figures = world.tally.figures()
    assert figures.sent == figures.accepted >= 5
    assert (figures.missing, figures.twice) == (0, 0)
    assert figures.lookups > 0


def test_traffic_pauses_goes_on_and_changes_its_rate(world: DemoWorld, engine: EngineThread):
    running = [world.running]
    world.resume()
    world.resume()
    running.append(world.running)
    world.set_rate(100)
    assert world.segment.wait_until(lambda: world.tally.caused >= 3, PATIENCE)
    world.pause()
    running.append(world.running)
    world.set_rate(20)
    still = world.tally.caused
    world.resume()
    assert world.segment.wait_until(lambda: world.tally.caused > still, PATIENCE)
    world.pause()

    assert running == [False, True, False]
    assert world.rate == 20
    assert arrives(world)


def test_it_ends_after_as_many_as_were_asked_for(tmp_path: Path):
    with DemoWorld(Home(path=tmp_path), rate=500, count=4) as world:
        world.resume()
        assert world.gladly.wait_until(lambda: world.tally.caused == 4, PATIENCE)
        world.pause()
        world.resume()
        world.pause()

        assert world.tally.caused == 4


@pytest.mark.logs_warnings
def test_faults_come_and_go(world: DemoWorld, engine: EngineThread):
    world.set_faults(segment=["lost-answer:count=1"], gladly=["503:count=1"])
    world.resume()
    assert world.segment.wait_until(lambda: world.segment.duplicates, PATIENCE)
    world.clear_faults()
    world.pause()

    assert arrives(world)
    assert world.tally.figures().copies > 0
    with pytest.raises(ValueError, match="Unknown fault"):
        world.set_faults(segment=["tired"])


def test_while_asleep_nothing_comes_and_afterwards_everything_does(
    world: DemoWorld, engine: EngineThread
):
    world.sleep()
    world.resume()
    assert world.gladly.wait_until(lambda: world.gladly.sender.failures > 3, PATIENCE)
    world.pause()
    nothing = len(world.segment.accepted)
    world.wake()

    assert nothing == 0
    assert world.gladly.webhooks.all()[0].enabled
    world.resume()
    assert world.segment.wait_until(lambda: world.segment.accepted, PATIENCE)


def test_a_webhook_that_gladly_gave_up_on_is_switched_on_again(world: DemoWorld):
    world.sleep()
    world.wake()
    world.connect("http://127.0.0.1:1/old")
    world.gladly.webhooks.switch_off(world.gladly.webhooks.all()[0].id)

    world.connect("http://127.0.0.1:1/new")

    (webhook,) = world.gladly.webhooks.all()
    assert webhook.enabled
    assert webhook.url.endswith("/new")


def test_settings_and_secrets_also_come_as_an_environment(world: DemoWorld, tmp_path: Path):
    environ = world.environ

    loaded = settings_module.load(Home(path=tmp_path / "none"), environ)
    secrets = gather_secrets(loaded.settings, Secrets(environ, MemorySecrets(available=False)))

    assert loaded.settings == world.settings
    assert secrets == world.secrets


def test_nothing_is_left_running(tmp_path: Path, threads_left: Callable[[], list[str]]):
    world = DemoWorld(Home(path=tmp_path))
    with world:
        world.resume()
        url = world.settings.segment.url
        world.connect("http://127.0.0.1:1/hook")
        world.sleep()

    world.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)
    assert threads_left() == []
    with pytest.raises(OperationError):
        world.resume()


def test_half_a_start_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads_left: Callable[[], list[str]]
):
    world = DemoWorld(Home(path=tmp_path))

    def fail() -> None:
        raise OperationError("No thread.")

    monkeypatch.setattr(world._gladly_server, "start", fail)
    with pytest.raises(OperationError):
        world.start()

    assert threads_left() == []


def test_test_events_find_their_conversations(world: DemoWorld):
    assert world.people.known
    world.introduce([{}], ["t"])

    assert world.gladly.directory.conversations == {}


def test_faults_that_both_know_strike_segment():
    given = ["500:count=3", "errors-object", "poison-400"]

    assert sorted_faults(given) == (["500:count=3", "poison-400"], ["errors-object"])
