"""Which events ought to exist, held against an oracle written from the contract's words.

The oracle never sees facts: it is told how the conversation really went, period by period.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.mapping import periods
from core.mapping.periods import Judgement, OpenedWhen, judge
from core.model import ConversationFact, Fact, WebhookStatus

START = 1_780_000_000_000_000_000
AGENTS = st.sampled_from(["agent-a", "agent-b", "agent-c"])
MODES: tuple[OpenedWhen, ...] = ("assigned", "created")
MODE = st.sampled_from(MODES)
EXAMPLES = settings(max_examples=60, deadline=None)


class Period(NamedTuple):
    """How one period really went; `None` among the assignments is one to an inbox only."""

    agent_at_start: str | None
    assignments: tuple[str | None, ...]
    agent_at_close: str | None
    closed: bool = True
    #: assignments after the close, before the next period
    strays: tuple[str | None, ...] = ()


class Happened(NamedTuple):
    """One thing on the conversation's own time line."""

    kind: Fact
    at: int
    agent: str | None
    period: int
    stray: bool = False


class Sent(NamedTuple):
    """What of a wanted event can be seen from outside."""

    rule: str
    at: int
    agent: str | None


PERIOD = st.builds(
    Period,
    agent_at_start=st.none() | AGENTS,
    assignments=st.lists(st.none() | AGENTS, max_size=3).map(tuple),
    agent_at_close=st.none() | AGENTS,
    closed=st.just(True),
    strays=st.just(()),
)
STRAYS = st.lists(st.none() | AGENTS, max_size=2).map(tuple)


@st.composite
def conversations(draw: st.DrawFn, *, ties: bool = False) -> tuple[list[Period], list[Happened]]:
    """A conversation's periods, and the same on a time line."""
    count = draw(st.integers(1, 4))
    told = [draw(PERIOD) for _ in range(count)]
    if not ties:
        told = [period._replace(strays=draw(STRAYS)) for period in told]
    if draw(st.booleans()):
        told[-1] = told[-1]._replace(closed=False, strays=())
    line: list[Happened] = []
    for number, period in enumerate(told):
        start = Fact.CREATED if number == 0 else Fact.REOPENED
        line.append(Happened(start, 0, period.agent_at_start, number))
        line += [Happened(Fact.ASSIGNED, 0, agent, number) for agent in period.assignments]
        if period.closed:
            line.append(Happened(Fact.CLOSED, 0, period.agent_at_close, number))
        line += [Happened(Fact.ASSIGNED, 0, agent, number, stray=True) for agent in period.strays]
    return told, _on_the_clock(draw, line, ties=ties)


def _on_the_clock(draw: st.DrawFn, line: list[Happened], *, ties: bool) -> list[Happened]:
    now, tied, timed = START, True, []
    for one in line:
        # Two neighbours at most share an instant: of three, nobody could tell the order.
        together = ties and not tied and timed[-1].kind is not one.kind and draw(st.booleans())
        now += 0 if together else draw(st.sampled_from([1, 999_999, 1_000_000, 10**9, 10**13]))
        tied = together
        timed.append(one._replace(at=now))
    return timed


def oracle(told: list[Period], line: list[Happened], opened_when: OpenedWhen) -> set[Sent]:
    """The contract: once per period taken by an agent (or per start), once per CLOSED."""
    expected: set[Sent] = set()
    for number, period in enumerate(told):
        begins = next(one for one in line if one.period == number)
        takers = [agent for agent in (period.agent_at_start, *period.assignments) if agent]
        if opened_when == "created":
            expected.add(Sent("opened", begins.at, period.agent_at_start))
        elif takers:
            expected.add(Sent("opened", begins.at, takers[0]))
        if period.closed:
            ends = next(one for one in line if one.period == number and one.kind is Fact.CLOSED)
            expected.add(Sent("closed", ends.at, period.agent_at_close))
    return expected


def facts_of(line: list[Happened]) -> list[ConversationFact]:
    """The time line as the store tells it; each fact by a row of its own."""
    return [
        fact(one.kind, one.at, one.agent, row=number) for number, one in enumerate(line, start=1)
    ]


def fact(
    kind: Fact, at: int, agent: str | None = None, *, row: int = 1, told_at: float | None = None
) -> ConversationFact:
    return ConversationFact(
        kind=kind,
        occurred_ns=at,
        customer_id="customer-1",
        agent_id=agent,
        webhook_id=row,
        received_at=1000.0 + row if told_at is None else told_at,
    )


def sent(judgement: Judgement) -> list[Sent]:
    return [Sent(one.rule, one.occurred_ns, one.agent_id) for one in judgement.wanted]


def said(judgement: Judgement) -> dict[int, tuple[WebhookStatus, str]]:
    return {one.webhook_id: (one.status, one.reason) for one in judgement.verdicts}


# --- against the oracle -----------------------------------------------------------------------


@EXAMPLES
@given(conversation=conversations(), mode=MODE, data=st.data())
def test_wants_what_the_contract_says_in_whatever_order_it_is_told(conversation, mode, data):
    told, line = conversation
    shuffled = data.draw(st.permutations(facts_of(line)))

    wanted = sent(judge(shuffled, mode))

    assert set(wanted) == oracle(told, line, mode)
    assert len(wanted) == len(set(wanted))


@EXAMPLES
@given(conversation=conversations(ties=True), mode=MODE, data=st.data())
def test_wants_the_same_when_neighbours_share_an_instant(conversation, mode, data):
    told, line = conversation
    shuffled = data.draw(st.permutations(facts_of(line)))

    wanted = sent(judge(shuffled, mode))

    assert set(wanted) == oracle(told, line, mode)
    assert len(wanted) == len(set(wanted))


@EXAMPLES
@given(conversation=conversations(), mode=MODE, data=st.data())
def test_order_and_repetition_change_neither_events_nor_verdicts(conversation, mode, data):
    facts = facts_of(conversation[1])
    repeated = data.draw(st.lists(st.sampled_from(facts), max_size=len(facts)))
    shuffled = data.draw(st.permutations([*facts, *repeated]))

    judgement = judge(shuffled, mode)

    assert judgement == judge(facts, mode)


@EXAMPLES
@given(conversation=conversations(), mode=MODE, data=st.data())
def test_a_fact_told_again_by_another_row_changes_nothing(conversation, mode, data):
    facts = facts_of(conversation[1])
    again = [
        msgspec.structs.replace(one, webhook_id=one.webhook_id + 1000, received_at=9e9)
        for one in data.draw(st.lists(st.sampled_from(facts), max_size=len(facts)))
    ]
    shuffled = data.draw(st.permutations([*facts, *again]))

    judgement = judge(shuffled, mode)

    assert judgement == judge(facts, mode)


@EXAMPLES
@given(
    keys=st.sets(st.tuples(st.integers(0, 3), st.sampled_from(list(Fact))), max_size=12),
    mode=MODE,
    data=st.data(),
)
def test_any_facts_at_all_are_judged_alike_in_any_order(keys, mode, data):
    facts = [
        fact(kind, START + at, data.draw(st.none() | AGENTS), row=number)
        for number, (at, kind) in enumerate(sorted(keys), start=1)
    ]
    told_again = data.draw(st.lists(st.sampled_from(facts), max_size=4)) if facts else []
    shuffled = data.draw(st.permutations([*facts, *told_again]))

    judgement = judge(shuffled, mode)

    assert judgement == judge(facts, mode)
    assert set(said(judgement)) == {one.webhook_id for one in facts}
    closed = sorted(one.at for one in sent(judgement) if one.rule == "closed")
    assert closed == sorted(one.occurred_ns for one in facts if one.kind is Fact.CLOSED)
    opened = [one.at for one in sent(judgement) if one.rule == "opened"]
    starts = [one.occurred_ns for one in facts if one.kind in periods.STARTS]
    assert all(opened.count(at) <= starts.count(at) for at in opened)


@EXAMPLES
@given(conversation=conversations(), mode=MODE)
def test_every_row_says_why(conversation, mode):
    told, line = conversation
    facts = facts_of(line)

    verdicts = said(judge(facts, mode))

    assert verdicts.keys() == {one.webhook_id for one in facts}
    expected = oracle(told, line, mode)
    for one, row in zip(line, facts, strict=True):
        status, reason = verdicts[row.webhook_id]
        makes_event = any(event.at == one.at for event in expected) and one.kind is not (
            Fact.ASSIGNED
        )
        assert status is (WebhookStatus.RESOLVED if makes_event else WebhookStatus.SKIPPED)
        assert bool(reason) is not makes_event


# --- partial knowledge ------------------------------------------------------------------------


@EXAMPLES
@given(conversation=conversations(), mode=MODE, data=st.data())
def test_late_arrivals_always_end_in_the_full_set(conversation, mode, data):
    told, line = conversation
    arrivals = data.draw(st.permutations(facts_of(line)))

    steps = [judge(arrivals[:known], mode) for known in range(len(arrivals) + 1)]

    full = oracle(told, line, mode)
    assert set(sent(steps[-1])) == full
    promised = {(one.rule, one.at) for one in full}
    for step in steps:
        firm = {(one.rule, one.occurred_ns) for one in step.wanted if not one.tentative}
        assert firm <= promised, "what waits for nothing must never turn out wrong"


@EXAMPLES
@given(conversation=conversations(), data=st.data())
def test_every_close_is_wanted_however_little_else_is_known(conversation, data):
    facts = facts_of(conversation[1])
    known = data.draw(st.lists(st.sampled_from(facts), unique=True))

    wanted = [one.at for one in sent(judge(known, "assigned")) if one.rule == "closed"]

    assert sorted(wanted) == sorted(one.occurred_ns for one in known if one.kind is Fact.CLOSED)


@EXAMPLES
@given(conversation=conversations(), mode=MODE)
def test_without_its_start_a_period_sends_its_close_only(conversation, mode):
    told, line = conversation
    seen = [one for one in facts_of(line) if one.kind not in periods.STARTS]

    judgement = judge(seen, mode)

    closes = {one for one in oracle(told, line, mode) if one.rule == "closed"}
    assert set(sent(judgement)) == closes
    for one in seen:
        if one.kind is Fact.ASSIGNED and one.agent_id and mode == "assigned":
            assert said(judgement)[one.webhook_id][1] == periods.START_UNSEEN


# --- single cases, with what the rows say -----------------------------------------------------


def test_opened_waits_for_the_first_agent():
    created = fact(Fact.CREATED, START, row=1)

    judgement = judge([created], "assigned")

    assert judgement.wanted == ()
    assert said(judgement) == {1: (WebhookStatus.SKIPPED, periods.NOBODY_YET)}


def test_an_assignment_an_hour_later_completes_opened_with_the_time_of_the_start():
    created = fact(Fact.CREATED, START, row=1, told_at=10.0)
    assigned = fact(Fact.ASSIGNED, START + 3600 * 10**9, "agent-a", row=2, told_at=3610.0)

    judgement = judge([assigned, created], "assigned")

    (opened,) = judgement.wanted
    assert (opened.occurred_ns, opened.agent_id, opened.fact) == (START, "agent-a", created)
    assert (opened.told_at, opened.tentative, opened.started_ns) == (3610.0, True, START)
    assert said(judgement)[2] == (WebhookStatus.SKIPPED, periods.COMPLETES)


def test_an_agent_at_the_start_makes_opened_firm_at_once():
    created = fact(Fact.CREATED, START, "agent-a", row=1)

    judgement = judge([created], "assigned")

    (opened,) = judgement.wanted
    assert (opened.agent_id, opened.tentative) == ("agent-a", False)


def test_a_second_agent_of_a_period_sends_nothing_and_says_so():
    facts = [
        fact(Fact.CREATED, START, row=1),
        fact(Fact.ASSIGNED, START + 1, "agent-a", row=2),
        fact(Fact.ASSIGNED, START + 2, "agent-b", row=3),
    ]

    judgement = judge(facts, "assigned")

    assert sent(judgement) == [Sent("opened", START, "agent-a")]
    assert said(judgement)[3] == (WebhookStatus.SKIPPED, periods.LATER_AGENT)


def test_an_assignment_to_an_inbox_only_says_so():
    facts = [fact(Fact.CREATED, START, row=1), fact(Fact.ASSIGNED, START + 1, row=2)]

    judgement = judge(facts, "assigned")

    assert judgement.wanted == ()
    assert said(judgement)[2] == (WebhookStatus.SKIPPED, periods.INBOX_ONLY)


def test_a_conversation_closed_before_anybody_took_it_sends_closed_only():
    facts = [fact(Fact.CREATED, START, row=1), fact(Fact.CLOSED, START + 5, row=2)]

    judgement = judge(facts, "assigned")

    assert sent(judgement) == [Sent("closed", START + 5, None)]
    assert judgement.wanted[0].started_ns == START
    assert said(judgement) == {
        1: (WebhookStatus.SKIPPED, periods.NEVER_TAKEN),
        2: (WebhookStatus.RESOLVED, ""),
    }


def test_an_assignment_while_closed_sends_nothing_and_says_so():
    facts = [
        fact(Fact.CREATED, START, row=1),
        fact(Fact.CLOSED, START + 1, row=2),
        fact(Fact.ASSIGNED, START + 2, "agent-a", row=3),
    ]

    judgement = judge(facts, "assigned")

    assert [one.rule for one in judgement.wanted] == ["closed"]
    assert said(judgement)[3] == (WebhookStatus.SKIPPED, periods.NOT_OPEN)


def test_a_start_whose_close_is_lost_says_that_it_was_opened_again():
    facts = [
        fact(Fact.CREATED, START, row=1),
        fact(Fact.REOPENED, START + 9, "agent-b", row=2),
    ]

    judgement = judge(facts, "assigned")

    assert sent(judgement) == [Sent("opened", START + 9, "agent-b")]
    assert said(judgement)[1] == (WebhookStatus.SKIPPED, periods.NEVER_TAKEN_AGAIN)


def test_created_sends_at_the_start_and_assignments_say_why_they_do_not_matter():
    facts = [
        fact(Fact.CREATED, START, row=1),
        fact(Fact.ASSIGNED, START + 1, "agent-a", row=2),
    ]

    judgement = judge(facts, "created")

    assert sent(judgement) == [Sent("opened", START, None)]
    assert not judgement.wanted[0].tentative
    assert said(judgement)[2] == (WebhookStatus.SKIPPED, periods.OPENS_AT_START)


def test_closing_twice_without_a_start_between_sends_each():
    facts = [
        fact(Fact.CREATED, START, "agent-a", row=1),
        fact(Fact.CLOSED, START + 1, row=2),
        fact(Fact.CLOSED, START + 2, row=3),
    ]

    judgement = judge(facts, "assigned")

    assert [one.at for one in sent(judgement)] == [START, START + 1, START + 2]
    assert judgement.wanted[2].started_ns is None


@pytest.mark.parametrize("mode", MODES)
def test_closed_and_reopened_in_one_instant_is_two_periods(mode):
    facts = [
        fact(Fact.CREATED, START, "agent-a", row=1),
        fact(Fact.REOPENED, START + 1, "agent-b", row=2),
        fact(Fact.CLOSED, START + 1, "agent-a", row=3),
    ]

    judgement = judge(facts, mode)

    assert sent(judgement) == [
        Sent("opened", START, "agent-a"),
        Sent("closed", START + 1, "agent-a"),
        Sent("opened", START + 1, "agent-b"),
    ]


def test_nothing_known_wants_nothing():
    assert judge([], "assigned") == Judgement(wanted=(), verdicts=())
