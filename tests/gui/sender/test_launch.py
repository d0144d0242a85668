"""From draft and session to events under way, through the listener or straight to Segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.sender.bodies import Scenario
from core.sender.people import MADE_UP
from core.sender.progress import Step
from core.settings import Segment, Settings
from gui.run import Phase
from gui.sender.form import Way
from gui.sender.launch import Order, host_to_confirm, launch, look_up_of, make_sender
from gui.sender.stream import Stream
from tests.fakes.rig import Rig

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from core.home import Home
    from core.simulator.segment import SegmentSimulator
    from gui.sender.draft import Draft


class Introducer:
    """Drills that only note who was introduced."""

    people = MADE_UP

    def __init__(self) -> None:
        self.introduced: list[tuple[int, list[str]]] = []

    def introduce(self, bodies: list[Any], topic_ids: list[str]) -> None:
        self.introduced.append((len(bodies), topic_ids))


def test_what_the_running_engine_sends_to_has_to_be_confirmed_whatever_is_set_here(
    make_session: Callable[..., Any], home: Home
):
    with Rig(home.path, segment__host="https://segment.invalid"):
        session = make_session(app__profile="sandbox")
        assert session.phase is Phase.ATTACHED

        through = host_to_confirm(session, Way.THROUGH)
        direct = host_to_confirm(session, Way.DIRECT)

    assert through == "segment.invalid"
    assert direct is None


def test_our_own_production_source_has_to_be_confirmed_either_way(
    make_session: Callable[..., Any],
):
    session = make_session(start=False)
    session.settings = Settings(segment=Segment(host="https://segment.invalid"))

    assert host_to_confirm(session, Way.THROUGH) == "segment.invalid"
    assert host_to_confirm(session, Way.DIRECT) == "segment.invalid"


@pytest.mark.parametrize("way", list(Way))
def test_events_go_the_way_that_was_chosen(
    qtbot: QtBot,
    make_session: Callable[..., Any],
    segment: SegmentSimulator,
    draft: Draft,
    way: Way,
):
    session = make_session()
    stream, found = Stream(session), []
    stream.arrived.connect(found.extend)
    drills: Any = Introducer()
    draft.choose(Scenario.CLOSED)
    draft.topics = ("Refund",)
    order = Order(count=3, per_second=100, way=way)

    with qtbot.waitSignal(stream.ended, timeout=20_000):
        stream.start(lambda: launch(make_sender(session), draft, order, drills))

    assert {one.number for one in found if one.step is Step.ACCEPTED} == {0, 1, 2}
    assert drills.introduced == [(3, ["test-topic-refund"])]
    messages = list(segment.accepted.values())
    names = {message["properties"].get("customerName") for message in messages}
    assert names == ({"Martha J Williams"} if way is Way.DIRECT else {None})
    found_ids = [one.delivery_id for one in found if one.step is Step.ACCEPTED]
    assert all(found_ids) is (way is Way.THROUGH)


def test_the_form_says_what_a_look_up_would_say(draft: Draft):
    draft.topics = ("Refund",)

    context = look_up_of(draft)("test-customer-jose", "test-agent")

    assert (context.customer_name, context.topic_names) == ("José María Núñez", ("Refund",))
