"""The Test page: two events the whole way, a yes for production, and what failed where."""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING

import pytest

from core.errors import SecretMissing
from gui.run import Phase
from gui.setup.draft import Draft
from gui.setup.trial import STAGES, Light, Stage
from gui.setup.trial_card import TrialCard
from tests.fakes.rig import Rig
from tests.gui.setup.conftest import KEY, PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from core.home import Home
    from core.simulator.gladly import GladlySimulator
    from core.simulator.segment import SegmentSimulator
    from gui.session import Session
    from gui.setup.card import Tools
    from tests.fakes import MemorySecrets

    Make = Callable[..., TrialCard]


@pytest.fixture
def make_card(
    qtbot: QtBot,
    first_start: Callable[..., Session],
    make_tools: Callable[[Session], Tools],
    vault: MemorySecrets,
    segment: SegmentSimulator,
) -> Make:
    """The page on a running engine."""
    vault.values.update({"write-key": KEY, "webhook-password": "pässwörd", "gladly-token": "t"})

    def make(**environ: str) -> TrialCard:
        values = {
            "GLADLY_SOURCE_LISTENER__PORT": "0",
            "GLADLY_SOURCE_SEGMENT__HOST": segment.url,  # type: ignore[attr-defined]
            "GLADLY_SOURCE_DELIVERY__LINGER_MS": "0",
            **environ,
        }
        session = first_start(**{name: value for name, value in values.items() if value})
        card = TrialCard(make_tools(session))
        qtbot.addWidget(card)
        card.load(Draft(settings=session.settings))
        card.activate()
        card.show()
        return card

    return make


def lights(card: TrialCard) -> list[list[Light]]:
    return [[view.trial.lights[stage] for stage in STAGES] for view in card.views]


def test_both_events_turn_green_and_reach_segment_marked(
    qtbot: QtBot, make_card: Make, segment: SegmentSimulator
) -> None:
    card = make_card()
    assert card.problem() is None
    assert card.action() == "&Send the test events"

    assert card.act()
    assert card.busy
    assert card.action() == "Sending…"
    qtbot.waitUntil(lambda: card.passed and not card.busy, timeout=PATIENCE)

    good, skipped = Light.GOOD, Light.SKIPPED
    assert lights(card) == [[good, good, skipped, good, good]] * 2
    sent = list(segment.accepted.values())
    assert {one["event"] for one in sent} == {"Conversation Opened", "Conversation Closed"}
    assert all(one["context"]["test"] is True for one in sent)
    assert card.action() == ""
    assert card.act() is False
    assert card.proof.isVisible()
    assert "do not prove the write key" in card.proof.text()
    assert not card.skipped(card.apply(Draft()))


def test_with_an_api_token_gladly_is_asked_first(
    qtbot: QtBot, make_card: Make, gladly: GladlySimulator, vault: MemorySecrets
) -> None:
    from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN  # noqa: PLC0415

    vault.set("gladly-token", DEMO_TOKEN)
    card = make_card(
        GLADLY_SOURCE_GLADLY__URL=gladly.url,  # type: ignore[attr-defined]
        GLADLY_SOURCE_GLADLY__AGENT_EMAIL=DEMO_EMAIL,
    )
    card.act()
    qtbot.waitUntil(lambda: card.passed, timeout=PATIENCE)

    assert lights(card) == [[Light.GOOD] * 5] * 2
    assert "made up" in card.views[0].said.text()


@pytest.mark.logs_warnings
def test_a_wrong_token_stops_at_the_look_up_and_says_where_to_go(
    qtbot: QtBot, make_card: Make, gladly: GladlySimulator
) -> None:
    card = make_card(
        GLADLY_SOURCE_GLADLY__URL=gladly.url,  # type: ignore[attr-defined]
        GLADLY_SOURCE_GLADLY__AGENT_EMAIL="wrong@example.com",
    )
    card.act()
    qtbot.waitUntil(
        lambda: all(view.trial.lights[Stage.LOOKED_UP] is Light.WARN for view in card.views),
        timeout=PATIENCE,
    )

    assert "refuses" in card.views[0].said.text()
    assert "Gladly" in card.views[0].advice.text()
    card.deactivate()
    assert not card.busy


@pytest.mark.logs_warnings
def test_a_segment_that_refuses_is_told_at_the_last_stage(
    qtbot: QtBot, make_card: Make, segment: SegmentSimulator
) -> None:
    segment.faults.set(["500"])
    card = make_card()
    card.act()
    qtbot.waitUntil(
        lambda: all(view.trial.lights[Stage.ACCEPTED] is Light.WARN for view in card.views),
        timeout=PATIENCE,
    )

    said = card.views[0].said.text()
    assert "Attempt 2" in said
    assert not re.search(r"\dT\d\d:", said)
    assert "by itself" in card.views[0].advice.text()
    card.deactivate()


def test_a_host_of_ones_own_is_not_said_to_be_segment(
    qtbot: QtBot, make_card: Make, segment: SegmentSimulator
) -> None:
    card = make_card()
    assert card.tools.session.source is not None
    assert card.tools.session.source.host == "127.0.0.1"

    assert "127.0.0.1 answered 200" in card.proof.text()
    assert "do not prove the write key" in card.proof.text()
    assert "debugger" not in card.proof.text()


def test_leaving_the_page_stops_watching(make_card: Make) -> None:
    card = make_card()
    card.act()
    card.deactivate()

    assert not card.busy


def test_a_production_source_wants_a_yes(make_card: Make) -> None:
    card = make_card(GLADLY_SOURCE_SEGMENT__HOST="https://segment.invalid")
    assert card.first() is card.yes
    assert "Type yes" in (card.problem() or "")

    card.yes.setText("no")
    assert card.problem() is not None
    card.yes.setText(" Yes ")
    assert card.problem() is None


def test_segments_200_is_said_to_prove_no_write_key(make_card: Make) -> None:
    card = make_card(GLADLY_SOURCE_SEGMENT__HOST="")

    assert "debugger" in card.proof.text()


def test_a_sandbox_wants_none(make_card: Make) -> None:
    card = make_card(
        GLADLY_SOURCE_SEGMENT__HOST="https://segment.invalid", GLADLY_SOURCE_APP__PROFILE="sandbox"
    )

    assert card.problem() is None
    assert card.first() is None


def test_without_an_engine_it_says_why_and_offers_to_start(
    qtbot: QtBot, first_start: Callable[..., Session], make_tools: Callable[[Session], Tools]
) -> None:
    session = first_start()
    card = TrialCard(make_tools(session))
    qtbot.addWidget(card)
    card.load(Draft())
    card.activate()
    card.show()

    assert isinstance(session.error, SecretMissing)
    assert session.error.title in card.state.title.text()
    assert card.act() is True
    assert not card.busy
    with qtbot.waitSignal(session.phase_changed):
        card.state.button.click()
    assert session.phase in {Phase.STOPPING, Phase.STARTING}
    qtbot.waitUntil(lambda: session.phase is Phase.FAILED, timeout=PATIENCE)


def test_a_listener_that_is_gone_is_told(
    qtbot: QtBot, make_card: Make, monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    card = make_card()
    gone = f"http://127.0.0.1:{free_port}/gladly/webhook"
    monkeypatch.setattr(type(card.tools.session), "webhook_url", gone)
    card.act()
    qtbot.waitUntil(lambda: not card.busy, timeout=PATIENCE)

    assert card.views[0].trial.lights[Stage.ANSWERED] is Light.BAD
    assert "Nothing answers" in card.views[0].said.text()
    assert "port" in card.views[0].advice.text()
    assert card.action() == "&Send again"


def test_the_test_can_be_passed_by(qtbot: QtBot, make_card: Make) -> None:
    card = make_card()
    with qtbot.waitSignal(card.go_on):
        card.without.click()

    assert card.skipped(card.apply(Draft()))


def test_where_it_is_narrow_the_events_stand_one_below_the_other(
    qtbot: QtBot, make_card: Make
) -> None:
    card = make_card()
    first, second = card.views
    card.resize(900, 500)
    qtbot.waitUntil(lambda: second.y() == first.y())

    card.resize(300, 900)

    qtbot.waitUntil(lambda: second.y() > first.y())


def test_without_a_listener_nothing_is_posted_to_whoever_has_its_port(
    qtbot: QtBot, make_card: Make, free_port: int
) -> None:
    with socket.create_server(("127.0.0.1", free_port)) as stranger:
        stranger.settimeout(0)
        card = make_card(
            GLADLY_SOURCE_LISTENER__PORT=str(free_port), GLADLY_SOURCE_LISTENER__ENABLED="false"
        )
        assert card.tools.session.phase is Phase.RUNNING
        card.act()

        assert not card.busy
        with pytest.raises(BlockingIOError):
            stranger.accept()
    assert "listener is switched off" in card.state.title.text()
    assert "go on without a test" in card.state.hint.text()


def test_a_production_engine_of_another_process_wants_a_yes_whatever_is_set_here(
    make_card: Make, home: Home
) -> None:
    with Rig(home.path, segment__host="https://segment.invalid"):
        card = make_card(GLADLY_SOURCE_APP__PROFILE="sandbox")

        assert card.tools.session.phase is Phase.ATTACHED
        assert card.first() is card.yes
