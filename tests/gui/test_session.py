"""The session: an engine of its own or another's, what changes, and settings that can be undone."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest

from core.credentials import Secret
from core.errors import OperationError, SecretMissing, StoreUnavailable
from core.ingest.account import CANCELLED
from core.model import DeliveryStatus
from core.pipeline.operations import Selection
from core.settings import App, Listener, load
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.runner import SimulatorServer
from core.store.base import Filter
from gui.run import Phase
from gui.saving import Use
from gui.session import Session
from gui.source import Source
from tests.fakes import gladly_event
from tests.fakes.rig import SECRETS, Rig

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from core.errors import GladlySourceError
    from core.home import Home
    from core.ingest.account import Account
    from gui.bridge import Bridge
    from tests.gui.conftest import MemoryPlace

    Make = Callable[..., Session]


def closed(session: Session, number: int) -> None:
    assert session.webhook_url is not None
    event = gladly_event("CONVERSATION/CLOSED", id=f"e{number}", conversation=f"c{number}")
    answer = httpx.post(
        session.webhook_url, json=event, auth=("gladly", "pässwörd".encode()), trust_env=False
    )
    assert answer.status_code == 200


def threads() -> set[threading.Thread]:
    """Those of engines and stores; tests before may have left some."""
    return {one for one in threading.enumerate() if one.name.startswith(("engine", "store"))}


def test_an_engine_of_its_own_runs_and_ends_with_the_session(
    qtbot: QtBot, make_session: Make
) -> None:
    before = threads()
    session = make_session()

    assert session.phase is Phase.RUNNING
    qtbot.waitUntil(lambda: any(state.name == "listener" for state in session.states))

    session.stop()
    qtbot.waitUntil(lambda: session.phase is Phase.STOPPED)
    assert threads() <= before
    with pytest.raises(OperationError):
        _ = session.link
    with pytest.raises(StoreUnavailable):
        _ = session.store


def test_what_arrives_is_told_and_counted(qtbot: QtBot, make_session: Make) -> None:
    session = make_session()

    with qtbot.waitSignal(session.changed):
        closed(session, 1)

    qtbot.waitUntil(
        lambda: session.counts is not None and session.counts.deliveries.get("accepted") == 1
    )


def test_without_a_write_key_it_says_so_and_starts_once_there_is_one(
    qtbot: QtBot, make_session: Make, place: MemoryPlace
) -> None:
    place.delete("write-key")
    session = make_session()

    assert session.phase is Phase.FAILED
    assert isinstance(session.error, SecretMissing)

    with qtbot.waitSignal(session.applied, timeout=10_000) as told:
        session.apply(session.settings, {"write-key": "k" * 32})
    assert told.args == [Use.ENGINE]
    assert session.phase is Phase.RUNNING
    assert place.get("write-key") == "k" * 32


def test_settings_that_do_not_start_are_put_back(
    qtbot: QtBot, make_session: Make, home: Home, place: MemoryPlace
) -> None:
    home.path.mkdir(mode=0o700)
    home.settings_file.write_text("[listener]\nport = 0\n")
    session = make_session(listener__port=None)
    with Rig(home.path.parent / "other") as other:
        taken = int(other.url.rsplit(":", 1)[1])
        bad = msgspec.structs.replace(session.settings, listener=Listener(port=taken))

        with qtbot.waitSignal(session.apply_failed, timeout=10_000) as failed:
            session.apply(bad, {"write-key": "new" * 10})

        assert str(taken) in failed.args[0].title
        assert failed.args[1] is False
        qtbot.waitUntil(lambda: session.phase is Phase.RUNNING, timeout=10_000)
    assert load(home, {}).settings.listener == Listener(port=0)
    assert place.get("write-key") == "w" * 32


def test_what_only_the_window_minds_needs_no_restart(
    qtbot: QtBot, make_session: Make, home: Home
) -> None:
    session = make_session()
    phases: list[Phase] = []
    session.phase_changed.connect(phases.append)
    quiet = msgspec.structs.replace(session.settings, app=App(notify="none"))

    with qtbot.waitSignal(session.applied) as told:
        session.apply(quiet)

    assert told.args == [Use.WINDOW]
    assert session.settings.app.notify == "none"
    assert load(home, {}).settings.app.notify == "none"
    assert phases == []


def test_secrets_that_the_engine_uses_are_learnt_for_the_log(
    qtbot: QtBot, bridge: Bridge, home: Home, place: MemoryPlace, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    file.write_text("from-a-file-" * 3)
    environ = {"GLADLY_SOURCE_WRITE_KEY_FILE": str(file), "GLADLY_SOURCE_LISTENER__PORT": "0"}
    learnt: list[Secret] = []
    session = Session(bridge, home, environ, place=place, learn=learnt.extend)
    session.start()
    qtbot.waitUntil(lambda: session.phase is Phase.RUNNING, timeout=10_000)
    session.stop()
    qtbot.waitUntil(lambda: session.phase is Phase.STOPPED, timeout=10_000)

    assert Secret("from-a-file-" * 3) in learnt


def test_what_the_environment_says_stays_out_of_the_file(
    qtbot: QtBot, make_session: Make, home: Home
) -> None:
    session = make_session()

    with qtbot.waitSignal(session.applied, timeout=10_000):
        session.apply(
            msgspec.structs.replace(
                session.settings,
                segment=msgspec.structs.replace(session.settings.segment, alias="shop"),
            )
        )

    assert session.settings.segment.alias == "shop"
    assert session.settings.segment.host is not None
    assert load(home, {}).settings.segment.host is None


@pytest.mark.logs_warnings
def test_looks_on_where_another_engine_runs_and_asks_it(
    qtbot: QtBot, make_session: Make, home: Home
) -> None:
    with Rig(home.path, segment__host="http://127.0.0.1:9") as rig:
        with rig.client() as client:
            event = gladly_event("CONVERSATION/CLOSED", id="e1", conversation="c1")
            client.post("/gladly/webhook", json=event)
        session = make_session()
        assert session.phase is Phase.ATTACHED
        assert session.holder is not None
        qtbot.waitUntil(
            lambda: session.counts is not None and session.counts.deliveries.get("retrying") == 1
        )

        answers: list[object] = []
        session.ask(
            lambda: session.link.discard(Selection(ids=(1,))), owner=session, then=answers.append
        )
        qtbot.waitUntil(lambda: answers == [1])
        rows: list[object] = []
        session.ask(
            lambda: session.store.page(Filter(), None, 10),
            owner=session,
            then=lambda page: rows.extend(page.rows),
        )
        qtbot.waitUntil(lambda: bool(rows))
        assert rows[0].status is DeliveryStatus.DISCARDED  # type: ignore[attr-defined]


def imported(qtbot: QtBot, session: Session) -> Account:
    """What a dry run over the session's link came to; asked for twice, and ended."""
    answers: list[Account] = []
    errors: list[GladlySourceError] = []

    async def go() -> Account:
        begun = await session.link.backfill(None, dry_run=True)
        with pytest.raises(OperationError, match="already"):
            await session.link.backfill(None, dry_run=True)
        await session.link.cancel_backfill()
        found = await session.link.backfill_account()
        assert begun.runs  # what was told stays as it was told
        assert found is not None
        return found

    session.ask(go, owner=session, then=answers.append, failed=errors.append)
    qtbot.waitUntil(lambda: bool(answers or errors), timeout=10_000)
    assert errors == []
    return answers[0]


@pytest.mark.logs_warnings
@pytest.mark.parametrize("attached", [False, True])
def test_history_is_imported_by_whichever_engine_runs(
    qtbot: QtBot,
    make_session: Make,
    home: Home,
    place: MemoryPlace,
    attached: bool,
) -> None:
    place.set("gladly-token", DEMO_TOKEN)
    secrets = msgspec.structs.replace(SECRETS, gladly_token=Secret(DEMO_TOKEN))
    with SimulatorServer(GladlySimulator()) as gladly, contextlib.ExitStack() as stack:
        there = {"gladly__url": gladly.url, "gladly__agent_email": DEMO_EMAIL}
        if attached:
            segment = {"segment__host": "http://127.0.0.1:9"}
            stack.enter_context(Rig(home.path, secrets=secrets, **there, **segment))
        session = make_session(**there)
        assert session.phase is (Phase.ATTACHED if attached else Phase.RUNNING)

        account = imported(qtbot, session)

        assert account.state == CANCELLED
        session.stop()
        qtbot.waitUntil(lambda: session.phase is Phase.STOPPED, timeout=10_000)


def test_where_another_engine_runs_what_is_saved_is_for_later(
    qtbot: QtBot, make_session: Make, home: Home
) -> None:
    with Rig(home.path, segment__host="https://segment.invalid"):
        session = make_session()
        alias = msgspec.structs.replace(session.settings.segment, alias="shop")
        with qtbot.waitSignal(session.applied, timeout=10_000) as told:
            session.apply(msgspec.structs.replace(session.settings, segment=alias))
        source = session.source

    assert told.args == [Use.LATER]
    assert source == Source(profile="production", url="https://segment.invalid")


def test_two_changes_at_once_are_one_too_many(qtbot: QtBot, make_session: Make) -> None:
    session = make_session()
    quiet = msgspec.structs.replace(session.settings, app=App(notify="none"))
    with qtbot.waitSignal(session.applied), qtbot.assertNotEmitted(session.apply_failed):
        session.apply(quiet)
        with pytest.raises(OperationError):
            session.apply(quiet)


def test_takes_over_when_the_other_engine_ends(
    qtbot: QtBot, make_session: Make, home: Home
) -> None:
    with Rig(home.path):
        session = make_session()
        assert session.phase is Phase.ATTACHED

    qtbot.waitUntil(lambda: session.phase is Phase.RUNNING, timeout=10_000)


@pytest.mark.logs_warnings
def test_pausing_holds_uploads_until_resumed(qtbot: QtBot, make_session: Make) -> None:
    session = make_session()
    session.ask(session.link.pause, owner=session)
    qtbot.waitUntil(
        lambda: any(one.name == "segment" and one.word == "paused" for one in session.states)
    )

    closed(session, 1)
    qtbot.waitUntil(
        lambda: session.counts is not None and session.counts.deliveries.get("pending") == 1
    )
    session.ask(session.link.resume, owner=session)

    qtbot.waitUntil(
        lambda: session.counts is not None and session.counts.deliveries.get("accepted") == 1
    )


@pytest.mark.logs_warnings
def test_a_pause_outlives_a_restart_and_a_replay(qtbot: QtBot, make_session: Make) -> None:
    session = make_session()
    session.ask(session.link.pause, owner=session)
    closed(session, 1)
    qtbot.waitUntil(
        lambda: session.counts is not None and session.counts.deliveries.get("pending") == 1
    )

    session.restart()
    qtbot.waitUntil(lambda: session.phase is Phase.STARTING, timeout=10_000)
    qtbot.waitUntil(lambda: session.phase is Phase.RUNNING, timeout=10_000)

    qtbot.waitUntil(lambda: any(one.word == "paused" for one in session.states))
    session.ask(session.link.resume, owner=session)
    qtbot.waitUntil(
        lambda: session.counts is not None and session.counts.deliveries.get("accepted") == 1
    )


def test_what_somebody_wrote_into_the_file_meanwhile_stays(
    qtbot: QtBot, make_session: Make, home: Home
) -> None:
    session = make_session()
    home.settings_file.write_text('[mapping]\ndrop = ["email"]\n')

    with qtbot.waitSignal(session.applied):
        session.apply(msgspec.structs.replace(session.settings, app=App(notify="none")))

    kept = load(home, {}).settings
    assert (kept.mapping.drop, kept.app.notify) == (("email",), "none")


@pytest.mark.logs_warnings
def test_an_engine_that_ends_by_a_mistake_of_ours_is_told_and_can_be_started_again(
    qtbot: QtBot, bridge: Bridge, make_session: Make, place: MemoryPlace
) -> None:
    get = place.get

    def breaks(name: str) -> str | None:
        raise KeyError(name)

    place.get = breaks  # type: ignore[method-assign]
    with qtbot.waitSignal(bridge.crashed, timeout=10_000):
        session = make_session()
    assert session.phase is Phase.FAILED

    place.get = get  # type: ignore[method-assign]
    session.restart()
    qtbot.waitUntil(lambda: session.phase is Phase.RUNNING, timeout=10_000)


def test_quitting_while_settings_are_applied_starts_nothing_again(
    qtbot: QtBot, make_session: Make
) -> None:
    session = make_session()
    phases: list[Phase] = []
    session.phase_changed.connect(phases.append)
    applied: list[Use] = []
    session.applied.connect(applied.append)
    segment = msgspec.structs.replace(session.settings.segment, alias="shop")

    session.apply(msgspec.structs.replace(session.settings, segment=segment))
    session.stop()

    qtbot.waitUntil(lambda: session.phase is Phase.STOPPED, timeout=10_000)
    qtbot.waitUntil(lambda: applied == [Use.NOBODY])
    assert phases == [Phase.STOPPING, Phase.STOPPED]


def test_stops_from_every_phase(qtbot: QtBot, make_session: Make, place: MemoryPlace) -> None:
    before = threads()
    session = make_session(start=False)
    session.start()
    session.stop()
    qtbot.waitUntil(lambda: session.phase is Phase.STOPPED, timeout=10_000)

    place.delete("write-key")
    session.start()
    qtbot.waitUntil(lambda: session.phase is Phase.FAILED, timeout=10_000)
    session.stop()
    qtbot.waitUntil(lambda: session.phase is Phase.STOPPED, timeout=10_000)
    assert threads() <= before
