"""Control: another program of the same user asks the running engine, and nobody else can."""

from __future__ import annotations

import asyncio
import errno
import itertools
import os
import socket
import stat
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import msgspec
import pytest

from core import control as control_module
from core import supervisor
from core.control import Address, ControlClient
from core.credentials import Secret
from core.errors import OperationError, StoreInUse
from core.ingest import auth as auth_module
from core.ingest.auth import Keys
from core.model import DeliveryStatus
from core.pipeline import operations as operations_module
from core.pipeline.operations import Effect, Selection, Step
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from core.store.base import Erased, Filter
from tests.fakes import gladly_event
from tests.fakes.rig import HOOK, Rig, wait_until

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from pathlib import Path

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def reach(rig: Rig) -> ControlClient:
    """The client, as soon as the address is there."""
    assert wait_until(lambda: ControlClient.find(rig.home), 5)
    client = ControlClient.find(rig.home)
    assert client is not None
    return client


def address(rig: Rig) -> Address:
    reach(rig)
    return msgspec.json.decode(rig.home.control_file.read_bytes(), type=Address)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """An engine that has sent two events to a simulated Segment."""
    with sent_two(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """The same for tests that change nothing."""
    with sent_two(tmp_path_factory.mktemp("shared")) as running:
        yield running


@contextmanager
def sent_two(path: Path) -> Iterator[Rig]:
    simulator = SegmentSimulator()
    with SimulatorServer(simulator) as server, Rig(path, segment__host=server.url) as running:
        running.simulator = simulator  # type: ignore[attr-defined]
        with running.client() as client:
            for number in (1, 2):
                event = gladly_event(
                    "CONVERSATION/CLOSED", id=f"e{number}", conversation=f"c{number}"
                )
                client.post(HOOK, json=event)
        assert running.wait(
            lambda: [one.status for one in running.deliveries()] == ["accepted"] * 2
        )
        yield running


def test_preview_replay_discard_and_resume_reach_the_running_engine(rig: Rig):
    client = reach(rig)
    first, second = (one.id for one in rig.deliveries())
    simulator: SegmentSimulator = rig.simulator  # type: ignore[attr-defined]

    effect = run(client.preview(Selection(ids=(first, second))))
    again = run(client.replay(Selection(ids=(first,))))
    fresh = run(client.replay(Selection(ids=(second,)), new_id=True))
    arrived_again = simulator.wait_until(lambda: simulator.copies.total() == 4, 10)
    nothing = run(client.discard(Selection(ids=(first,), statuses=(DeliveryStatus.DEAD,))))
    run(client.resume())

    assert effect == Effect(dropped=2)
    assert (again, fresh, nothing) == (1, 1, 0)
    assert arrived_again
    assert len(simulator.accepted) == 3


def test_progress_comes_from_the_running_engine_page_by_page(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(operations_module, "PAGE", 1)
    client = reach(rig)
    told: list[Step] = []

    done = run(client.replay(Selection(wanted=Filter(events=("closed",))), progress=told.append))
    nothing = run(client.discard(Selection(wanted=Filter(test=True)), progress=told.append))

    assert (done, nothing) == (2, 0)
    assert [(one.seen, one.done) for one in told[:2]] == [(1, 1), (2, 2)]
    assert told[-1] == Step()


def test_the_whole_verbs_are_understood_too(rig: Rig):
    """An older program asks for all at once."""
    client = reach(rig)
    selection = Selection(statuses=(DeliveryStatus.DEAD,))

    assert run(client._ask("replay", selection=selection)) == 0
    assert run(client._ask("discard", selection=selection)) == 0


def test_erase_removes_a_person_through_the_running_engine(rig: Rig):
    erased = run(reach(rig).erase("customer-1"))

    assert erased == Erased(webhooks=2, deliveries=2)
    assert all(row.body is None and row.customer_id is None for row in rig.webhooks())


def test_what_cannot_be_done_comes_back_with_its_sentence_and_hint(shared: Rig):
    with pytest.raises(OperationError) as caught:
        run(reach(shared).replay(Selection(ids=(999,))))

    assert caught.value.title == "There is no delivery d999."
    assert "gladly-source events" in caught.value.hint


@pytest.mark.parametrize("token", ["wrong", "Bearer", "é"])
def test_a_wrong_token_is_401_and_nothing_is_done(shared: Rig, token: str):
    where = address(shared)
    asked = msgspec.json.encode({"verb": "erase", "customer_id": "customer-1"})

    response = httpx.post(
        where.url,
        content=asked,
        headers={b"Authorization": f"Bearer {token}".encode()},
        trust_env=False,
    )

    assert response.status_code == 401
    assert all(row.body is not None for row in shared.webhooks())
    with pytest.raises(OperationError, match="refused"):
        run(ControlClient(msgspec.structs.replace(where, token="other")).resume())


@pytest.mark.parametrize(
    "asked",
    [
        b"",
        b"{",
        b"[]",
        b'{"verb": 5}',
        b'{"verb":"fly"}',
        b'{"verb":"replay","selection":7}',
        b"\xff",
    ],
)
def test_a_request_that_makes_no_sense_is_answered_in_json_without_a_bug(shared: Rig, asked: bytes):
    where = address(shared)

    response = httpx.post(
        where.url,
        content=asked,
        headers={"Authorization": f"Bearer {where.token}"},
        trust_env=False,
    )

    assert response.status_code == 409
    assert set(response.json()) == {"title", "hint"}


def test_a_request_that_is_too_long_is_refused_with_a_sentence(
    shared: Rig, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(control_module, "MAX_REQUEST", 1000)

    with pytest.raises(OperationError):
        run(reach(shared).replay(Selection(ids=tuple(range(10_000)))))


def test_the_address_is_for_this_user_only_and_goes_away_with_the_engine(rig: Rig):
    where = address(rig)
    mode = stat.S_IMODE(rig.home.control_file.stat().st_mode)

    assert rig.stop()

    assert where.pid == os.getpid()
    assert where.profile == "production"
    assert where.segment.startswith("http")
    assert where.url.startswith("http://127.0.0.1:")
    if sys.platform != "win32":
        assert mode == 0o600
    assert not rig.home.control_file.exists()
    assert ControlClient.find(rig.home) is None


@pytest.mark.logs_warnings
def test_a_home_that_cannot_be_written_for_a_moment_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(supervisor, "RESTART_SECONDS", 0.01)
    real, turns = control_module.write_private, itertools.count()

    def failing(path: Path, content: bytes) -> None:
        if next(turns) < 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, content)

    monkeypatch.setattr(control_module, "write_private", failing)
    with Rig(tmp_path, role="receive") as rig:
        run(reach(rig).resume())


@pytest.mark.parametrize("content", [None, b"", b"{}", b"nonsense", b'{"url":1}'])
def test_no_address_or_an_unreadable_one_is_none(tmp_path: Path, content: bytes | None):
    home = Rig(tmp_path).home
    if content is not None:
        home.control_file.write_bytes(content)

    assert ControlClient.find(home) is None


def test_a_stale_address_is_told_with_what_to_do(tmp_path: Path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    home = Rig(tmp_path).home
    stale = Address(url=f"http://127.0.0.1:{port}", token="t", pid=1)
    home.control_file.write_bytes(msgspec.json.encode(stale))
    client = ControlClient.find(home)
    assert client is not None

    with pytest.raises(StoreInUse) as caught:
        run(client.resume())

    assert caught.value.hint


def test_an_address_that_now_belongs_to_another_program_is_told_not_crashed_on(tmp_path: Path):
    async def other(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"<html>"})

    with SimulatorServer(other) as server:
        client = ControlClient(Address(url=server.url, token="t", pid=1))

        with pytest.raises((OperationError, StoreInUse)):
            run(client.replay(Selection()))


def test_the_running_engine_takes_other_credentials_beside_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(auth_module, "GRACE_SECONDS", 0.0)
    with Rig(tmp_path, role="receive") as rig, rig.client() as old:
        client, new = reach(rig), ("gladly", "another")
        body = {"type": "CONVERSATION/CLOSED"}

        def statuses() -> tuple[int, int]:
            by_new = httpx.post(rig.url + HOOK, json=body, auth=new, trust_env=False)
            return old.post(HOOK, json=body).status_code, by_new.status_code

        before = statuses()
        run(client.accept(Keys(password=Secret("another"))))
        both = statuses()
        run(client.accept_only(Keys(password=Secret("another"))))

        assert (before, both, statuses()) == ((200, 401), (200, 200), (401, 200))
