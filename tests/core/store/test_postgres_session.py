"""Of all engines on one schema exactly one leads, and what one tells all others hear."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from core.store import postgres_session
from core.store.postgres import PostgresDriver
from core.store.postgres_session import CUT_OFF, HOLD, KEY, PING, SILENT, TRY
from tests.fakes.postgres import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from core.store.session import News
    from tests.fakes.postgres import Server

#: another engine leads after a kill
TAKEOVER = 15.0
PATIENCE = 10.0


class Engine:
    """A session, and what it was told."""

    def __init__(self, url: str, *, candidate: bool = True) -> None:
        self.session = PostgresDriver(url).session(candidate=candidate)
        self.heard: Counter[str] = Counter()
        self.changed = asyncio.Event()

    def start(self) -> None:
        self.session.start(self._hear, self._note)

    def _hear(self, news: News) -> None:
        self.heard[news] += 1
        self._note()

    def _note(self) -> None:
        self.changed.set()

    async def wait(self, predicate: Callable[[], object], seconds: float = PATIENCE) -> None:
        async with asyncio.timeout(seconds):
            while not predicate():
                self.changed.clear()
                await self.changed.wait()

    async def led(self, seconds: float = PATIENCE) -> None:
        await self.wait(self.session.leads, seconds)

    async def listening(self) -> None:
        """What was missed before is told once there is a connection."""
        await self.wait(lambda: self.heard.total() >= 2)
        self.heard.clear()


@asynccontextmanager
async def engines(*made: Engine) -> AsyncIterator[None]:
    for one in made:
        one.start()
    try:
        yield
    finally:
        for one in made:
            await one.session.stop()


def execute(url: str, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        return connection.execute(statement, parameters).fetchall()  # type: ignore[call-overload]


KILL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE application_name = 'gladly-source session'"
)


async def test_the_first_leads_and_the_next_when_it_ends(postgres_url: str):
    first, second = Engine(postgres_url), Engine(postgres_url)
    async with engines(first):
        await first.led()
        async with engines(second):
            await second.listening()
            both = first.session.leads(), second.session.leads()

            await first.session.stop()
            await second.led(TAKEOVER)

    assert both == (True, False)
    assert not first.session.leads()


async def test_who_receives_only_never_leads(postgres_url: str):
    receiver, other = Engine(postgres_url, candidate=False), Engine(postgres_url)
    async with engines(receiver):
        await receiver.listening()
        async with engines(other):
            await other.led()

            assert not receiver.session.leads()


async def test_stores_in_two_schemas_have_a_leader_each_and_hear_nothing_of_each_other(
    postgres_server: Server,
):
    one, two = Engine(postgres_server.empty()), Engine(postgres_server.empty())
    async with engines(one, two):
        await one.led()
        await two.led()
        await two.listening()

        one.session.tell("webhook")
        two.session.tell("delivery")
        await one.wait(lambda: True)

    assert two.heard == {}


async def test_who_loses_the_connection_leads_no_more_and_comes_back(postgres_url: str):
    engine = Engine(postgres_url)
    async with engines(engine):
        await engine.led()

        execute(postgres_url, KILL)
        await engine.wait(lambda: not engine.session.leads())

        await engine.led()


async def test_a_holder_that_is_silent_is_cut_off(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(postgres_session, "SILENT", 0.1)
    monkeypatch.setattr(postgres_session, "PING", 0.2)
    engine = Engine(postgres_url)
    with closing(psycopg.connect(postgres_url, autocommit=True)) as asleep:
        key = asleep.execute(KEY).fetchall()[0][0]
        assert asleep.execute(TRY, [key]).fetchall() == [(True,)]
        async with engines(engine):
            await engine.led()

        with pytest.raises(psycopg.OperationalError):
            asleep.execute("SELECT 1")


async def test_nobody_is_cut_off_who_was_heard_of(postgres_url: str):
    with closing(psycopg.connect(postgres_url, autocommit=True)) as holder:
        key = holder.execute(KEY).fetchall()[0][0]
        holder.execute(TRY, [key])

        assert execute(postgres_url, CUT_OFF, key, SILENT) == []

        assert holder.execute("SELECT 1").fetchall() == [(1,)]


async def test_without_an_answer_of_the_server_nobody_takes_himself_to_lead_for_long(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    assert PING < HOLD < SILENT, "who is cut off must have known it before"
    real = postgres_session._seconds
    engine = Engine(postgres_url)
    async with engines(engine):
        await engine.led()
        monkeypatch.setattr(postgres_session, "PING", 3600.0)
        await engine.wait(lambda: True)

        monkeypatch.setattr(postgres_session, "_seconds", lambda: real() + HOLD)

        assert not engine.session.leads()


async def test_what_one_tells_all_others_hear_and_itself_does_not(postgres_url: str):
    teller, one, two = Engine(postgres_url), Engine(postgres_url), Engine(postgres_url)
    async with engines(teller, one, two):
        for each in (teller, one, two):
            await each.listening()

        teller.session.tell("webhook")
        await one.wait(lambda: one.heard["webhook"])
        await two.wait(lambda: two.heard["webhook"])

        one.session.tell("delivery")
        await teller.wait(lambda: teller.heard["delivery"])

    assert one.heard == {"webhook": 1}
    assert teller.heard == {"delivery": 1}


async def test_a_rush_is_told_in_few_words_and_its_last_is_not_left_out(postgres_url: str):
    teller, other = Engine(postgres_url), Engine(postgres_url)
    async with engines(teller, other):
        await other.listening()
        await teller.listening()

        for _ in range(10_000):
            teller.session.tell("webhook")
        teller.session.tell("delivery")
        await other.wait(lambda: other.heard["delivery"])

    assert 1 <= other.heard["webhook"] <= 20


@pytest.fixture
def own_server() -> Iterator[Server]:
    yield from serving()


async def test_after_a_restart_of_the_server_somebody_leads_and_what_was_told_is_heard(
    own_server: Server,
):
    url = own_server.empty()
    one, two = Engine(url), Engine(url)
    async with engines(one, two):
        await one.listening()
        await two.listening()

        own_server.kill()
        await one.wait(lambda: not one.session.leads())
        one.session.tell("webhook")
        await asyncio.to_thread(own_server.start)

        await two.wait(lambda: two.heard["webhook"])
        async with asyncio.timeout(TAKEOVER):
            while not (one.session.leads() or two.session.leads()):
                await one.wait(lambda: one.session.leads() or two.session.leads(), TAKEOVER)
        assert not (one.session.leads() and two.session.leads())


async def test_one_that_was_never_started_can_be_stopped_and_told(postgres_url: str):
    engine = Engine(postgres_url)

    engine.session.tell("webhook")
    await engine.session.stop()

    assert not engine.session.leads()
