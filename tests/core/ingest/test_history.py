"""What export files tell beyond what is known: never a double, and all that can be known."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.gladly.exports import StatusChange
from core.gladly.payloads import parse_webhook
from core.ingest.history import MOST, Beginning, Reading, Told, Unclear, body_of, read
from core.mapping.periods import judge
from core.model import Channel, ConversationFact, Fact

MINUTE = 60 * 1_000_000_000
START = 1_795_000_000 * 1_000_000_000
AGENT = "agent-1"


def change(at_ns: int, status: str, agent: str | None = AGENT) -> StatusChange:
    return StatusChange(
        item_id=f"item-{at_ns}-{status}",
        conversation_id="conversation-1",
        customer_id="customer-1",
        at_ns=at_ns,
        status="OPEN" if status == "OPEN" else "CLOSED",
        initiator_id=agent,
        initiator_type="AGENT" if agent else None,
    )


def told(at_ns: int, kind: Fact, agent_id: str | None = None, *, filed: bool = False) -> Told:
    return Told(at_ns=at_ns, kind=kind, agent_id=agent_id, filed=filed)


def facts(known: list[Told]) -> list[ConversationFact]:
    return [
        ConversationFact(
            kind=one.kind,
            occurred_ns=one.at_ns,
            customer_id=None,
            agent_id=one.agent_id,
            webhook_id=number,
            received_at=0.0,
            channel=Channel.WEBHOOK,
        )
        for number, one in enumerate(known)
    ]


def events(known: list[Told]) -> list[tuple[str, int]]:
    wanted = judge(facts(known), "assigned").wanted
    return sorted((one.rule, one.occurred_ns) for one in wanted)


def kinds(reading: Reading) -> list[tuple[Fact, int]]:
    return [(one.told.kind, one.told.at_ns) for one in reading.news]


@st.composite
def lives(draw: st.DrawFn, least: int = 3 * MINUTE) -> tuple[list[Told], list[StatusChange]]:
    """A conversation's life as it was, and as its export file tells it."""
    at = START
    life: list[Told] = []
    filed: list[StatusChange] = []

    def later() -> int:
        nonlocal at
        at += draw(st.integers(least, 10 * MINUTE))
        return at

    for number in range(draw(st.integers(1, 4))):
        taken = True
        if draw(st.booleans()):
            life.append(told(later(), Fact.REOPENED if number else Fact.CREATED, AGENT))
        else:
            life.append(told(later(), Fact.REOPENED if number else Fact.CREATED))
            # A file that says OPEN of a reopening says that somebody is on it.
            if number:
                life.append(told(at, Fact.ASSIGNED, AGENT))
            elif taken := draw(st.booleans()):
                life.append(told(later(), Fact.ASSIGNED, AGENT))
        if taken:
            filed.append(change(at, "OPEN"))
        if draw(st.integers(0, 9)) == 0:
            break  # still open
        life.append(told(later(), Fact.CLOSED, AGENT))
        filed.append(change(at, "CLOSED"))
    return life, filed


@given(lives(least=0), st.integers(-59, 59))
def test_what_was_told_whole_is_left_alone_however_close_together_it_was(
    life: tuple[list[Told], list[StatusChange]], skew: int
):
    true, changes = life
    moved = [
        msgspec.structs.replace(one, at_ns=one.at_ns + skew * 1_000_000_000) for one in changes
    ]
    reading = read(
        moved, true, held_since_ns=START - 2 * MINUTE, beginning=Beginning(created_ns=true[0].at_ns)
    )
    assert events([*true, *(one.told for one in reading.news)]) == events(true)


@given(lives(), st.data())
def test_whatever_was_known_the_events_are_the_true_ones(
    life: tuple[list[Told], list[StatusChange]], data: st.DataObject
):
    true, changes = life
    known = [one for one in true if data.draw(st.booleans())]
    shuffled = data.draw(st.permutations(changes))

    reading = read(
        shuffled, known, held_since_ns=START, beginning=Beginning(created_ns=true[0].at_ns)
    )

    assert events([*known, *(one.told for one in reading.news)]) == events(true)


@given(lives(), st.integers(-59, 59), st.data())
def test_where_the_files_clock_differs_nothing_is_told_twice(
    life: tuple[list[Told], list[StatusChange]], skew: int, data: st.DataObject
):
    true, changes = life
    known = [one for one in true if data.draw(st.booleans())]
    moved = [
        msgspec.structs.replace(one, at_ns=one.at_ns + skew * 1_000_000_000) for one in changes
    ]

    reading = read(moved, known, held_since_ns=START, beginning=Beginning(created_ns=true[0].at_ns))

    now_known = events([*known, *(one.told for one in reading.news)])
    assert len(now_known) <= len(events(true))
    for rule, at in now_known:
        assert any(rule == other and abs(at - when) <= MINUTE for other, when in events(true))


@given(lives())
def test_reading_a_file_again_tells_nothing_new(life: tuple[list[Told], list[StatusChange]]):
    true, changes = life
    beginning = Beginning(created_ns=true[0].at_ns)
    first = read(changes, [], held_since_ns=START, beginning=beginning)
    again = read(
        changes,
        [one.told for one in first.news],
        held_since_ns=START,
        beginning=beginning,
    )
    assert again.news == ()


def test_without_a_look_up_it_asks_only_for_what_the_files_do_not_say():
    closing = read([change(START, "CLOSED")], [], held_since_ns=START)
    opening = read([change(START, "OPEN")], [], held_since_ns=START)
    reopening = read(
        [change(START + 5 * MINUTE, "OPEN")], [told(START, Fact.CLOSED)], held_since_ns=START
    )
    assert [one.asks for one in (closing, opening, reopening)] == [False, True, False]
    assert kinds(reopening) == [
        (Fact.REOPENED, START + 5 * MINUTE),
        (Fact.ASSIGNED, START + 5 * MINUTE),
    ]


@pytest.mark.parametrize(
    ("beginning", "why"),
    [
        (Beginning(created_ns=None), Unclear.GONE),
        (Beginning(created_ns=START - 1), Unclear.BEGUN_BEFORE),
        (Beginning(created_ns=START + 5 * MINUTE), Unclear.CONTRADICTED),
    ],
)
def test_what_cannot_be_told_is_left_alone_and_said(beginning: Beginning, why: Unclear):
    opened = read([change(START, "OPEN")], [], held_since_ns=START, beginning=beginning)
    assert (opened.news, [one.why for one in opened.unclear]) == ((), [why])


def test_an_opening_before_the_known_reopening_is_no_second_one():
    known = [told(START, Fact.CLOSED), told(START + 30 * MINUTE, Fact.REOPENED, AGENT)]
    opened = read([change(START + 10 * MINUTE, "OPEN")], known, held_since_ns=START)
    assert (opened.news, [one.why for one in opened.unclear]) == ((), [Unclear.CONTRADICTED])


def test_the_agent_is_who_did_it_else_the_one_on_the_conversation_today():
    for agent, today, found in [(AGENT, "other", AGENT), (None, "other", "other")]:
        opened = read(
            [change(START, "OPEN", agent)],
            [],
            held_since_ns=START,
            beginning=Beginning(created_ns=START, agent_id=today),
        )
        assert [one.told.agent_id for one in opened.news] == [None, found]
    nobody = read(
        [change(START, "OPEN", None)],
        [],
        held_since_ns=START,
        beginning=Beginning(created_ns=START),
    )
    assert [one.why for one in nobody.unclear] == [Unclear.NO_AGENT]


@given(lives())
def test_what_is_stored_reads_like_the_webhook_that_was_missed(
    life: tuple[list[Told], list[StatusChange]],
):
    true, changes = life
    reading = read(changes, [], held_since_ns=START, beginning=Beginning(created_ns=true[0].at_ns))
    for news in reading.news:
        view = parse_webhook(body_of(news))
        assert view.type == news.told.kind
        assert view.occurred_ns == news.told.at_ns
        assert view.agent_id == news.told.agent_id
        assert (view.conversation_id, view.customer_id) == ("conversation-1", "customer-1")
    ids = [parse_webhook(body_of(news)).id for news in reading.news]
    assert len(set(ids)) == len(ids)


def test_a_close_that_two_files_tell_a_little_apart_is_one():
    later = START + 10 * MINUTE
    for apart in (0, 1, 1_000_000, -1_000_000):
        once = read(
            [change(later, "CLOSED"), change(later + apart, "CLOSED")],
            [told(START, Fact.CREATED, AGENT)],
            held_since_ns=START,
        )
        again = read(
            [change(later + apart, "CLOSED")],
            [told(START, Fact.CREATED, AGENT), told(later, Fact.CLOSED, AGENT, filed=True)],
            held_since_ns=START,
        )
        assert [len(one.news) for one in (once, again)] == [1, 0]


def test_a_conversation_with_absurdly_many_changes_is_left_alone_at_once():
    many = [change(START + number * MINUTE, "CLOSED") for number in range(MOST + 1)]
    reading = read(many, [], held_since_ns=START)
    assert reading.news == ()
    assert {one.why for one in reading.unclear} == {Unclear.TOO_MANY}
    assert len(reading.unclear) == len(many)
