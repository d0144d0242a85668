"""What a person types into the filter bar: understood, or answered with a sentence."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.model import Channel, DeliveryStatus
from core.search import FIELDS, compose, parse
from core.store.base import Filter
from core.sums import start_of

PIECES = (
    *(f"{field}:" for field in FIELDS),
    *("zz:", " ", '"', "\\", ",", ":", "\n", "\x1f", "\0", "-"),
    *("dead", "poll", "d12", "yes", "no", "replay", "ada", "Zoë", "王", "gs-1"),
    *("2026-05-28", "2026-05-29", "..", "2026-02-30"),
)
#: texts that come near to the language
texts = st.one_of(st.text(max_size=30), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", Filter()),
        ("ada  lovelace", Filter(search="ada lovelace")),
        ('"ada lovelace" x', Filter(search="ada lovelace x")),
        ("status:dead", Filter(statuses=(DeliveryStatus.DEAD,))),
        (
            "STATUS:Dead,retrying status:dead",
            Filter(statuses=(DeliveryStatus.DEAD, DeliveryStatus.RETRYING)),
        ),
        ("channel:poll,both", Filter(channels=(Channel.POLL, Channel.BOTH))),
        ("event:closed", Filter(events=("closed",))),
        ('event:"Closed, at last" event:x', Filter(events=("Closed, at last", "x"))),
        ("customer:ada customer:lovelace", Filter(customer="ada lovelace")),
        ('customer:"Ada Lovelace"', Filter(customer="Ada Lovelace")),
        ("agent:grace email:a@b.example", Filter(agent="grace", email="a@b.example")),
        ("conversation:c-1", Filter(conversation="c-1")),
        ("message:gs-1,gs-2", Filter(messages=("gs-1", "gs-2"))),
        ("id:d12,7 id:D12", Filter(ids=(12, 7))),
        ("code:http_503", Filter(codes=("http_503",))),
        ("test:yes", Filter(test=True)),
        ("test:NO incomplete:yes is:replay", Filter(test=False, incomplete=True, replay=True)),
        ("is:test is:incomplete", Filter(test=True, incomplete=True)),
        (r'customer:"a \"b\" \\ c"', Filter(customer='a "b" c')),
        ('"status:dead"', Filter(search="status:dead")),
        ("12:30", Filter(search="12:30")),
    ],
)
def test_words_and_terms_become_a_filter(text: str, wanted: Filter) -> None:
    query = parse(text)

    assert query.filter == wanted
    assert query.problem is None


@pytest.mark.parametrize("text", ["!!!", '""', "- -", '" "', "🎉"])
def test_words_without_a_letter_or_digit_say_nothing(text: str) -> None:
    assert parse(text) == parse("")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("zz:1", ("zz", "status", "customer", "quotes")),
        ("https://example.com", ("https", "quotes")),
        ("status:gone", ("gone", "dead", "accepted")),
        ("channel:pigeon", ("pigeon", "webhook")),
        ("customer:", ("customer:ada",)),
        ("status:,", ("status:dead",)),
        ('event:""', ("event:closed",)),
        ("customer:!!", ("customer", "letters")),
        ("id:x", ("x", "d12")),
        ("id:d1234567890123456789", ("d12",)),
        ("test:maybe", ("test", "yes or no")),
        ("is:odd", ("replay",)),
        ("day:friday", ("friday", "day:2026-05-28")),
        ("day:2026-02-30", ("2026-02-30",)),
        ("day:2026-05-29..2026-05-28", ("first and the last",)),
        ("day:2026-05-28 day:2026-05-29", ("day", "twice")),
        ("test:yes test:no", ("test", "twice")),
        ("is:test test:no", ("test", "twice")),
        ("conversation:a conversation:b", ("conversation", "twice")),
    ],
)
def test_what_makes_no_sense_is_told_in_a_sentence(text: str, words: tuple[str, ...]) -> None:
    problem = parse(text).problem

    assert problem is not None
    assert all(word in problem for word in words), problem


def test_the_first_problem_is_told_and_the_rest_still_filters() -> None:
    query = parse("zz:1 ada status:nope test:no")

    assert query.problem is not None
    assert "zz" in query.problem
    assert query.filter == Filter(search="ada", test=False)


@pytest.mark.parametrize("text", ['customer:"Ada Lov', '"Ada Lov', 'customer:"', "customer:a\\"])
def test_quotes_that_are_still_open_are_no_problem_of_their_own(text: str) -> None:
    problem = parse(text).problem

    assert problem is None or "wants a value" in problem


@given(text=texts)
@example("\ud800")
@example('"0\r:')
@example("event:,")
def test_any_text_is_understood_or_answered_and_composes_to_the_same_filter(text: str) -> None:
    query = parse(text)

    composed = compose(query.filter)

    assert parse(composed).problem is None
    assert parse(composed).filter == query.filter
    assert compose(parse(composed).filter) == composed


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("day:2026-05-28", date(2026, 5, 28), date(2026, 5, 29)),
        ("day:2026-05-28..2026-05-28", date(2026, 5, 28), date(2026, 5, 29)),
        ("day:2026-03-28..2026-04-01", date(2026, 3, 28), date(2026, 4, 2)),
        ("day:2025-12-31 day:2025-12-31", date(2025, 12, 31), date(2026, 1, 1)),
    ],
)
def test_days_are_those_of_this_computer(text: str, first: date, end: date) -> None:
    query = parse(text)

    assert query.problem is None
    assert query.filter == Filter(since=start_of(first, None), until=start_of(end, None))


def test_times_that_are_no_whole_days_have_no_words() -> None:
    start = start_of(date(2026, 5, 28), None)

    assert compose(Filter(since=start)) == ""
    assert compose(Filter(since=start, until=start + 3600)) == ""
    assert compose(Filter(since=start, until=start)) == ""
    whole = Filter(since=start, until=start_of(date(2026, 5, 31), None))
    assert compose(whole) == "day:2026-05-28..2026-05-30"


def test_a_filter_made_of_chips_composes_to_its_terms() -> None:
    wanted = Filter(
        statuses=(DeliveryStatus.DEAD,),
        event="Conversation Closed",
        channel=Channel.POLL,
        since=1.0,
        ids=(3,),
    )

    assert compose(wanted) == 'status:dead event:"Conversation Closed" id:d3 channel:poll'
    assert parse(compose(wanted)).filter == Filter(
        statuses=(DeliveryStatus.DEAD,),
        events=("Conversation Closed",),
        channels=(Channel.POLL,),
        ids=(3,),
    )


def test_every_field_explains_itself_by_an_example_that_is_understood() -> None:
    for field, value in FIELDS.items():
        query = parse(f'{field}:"{value}"')

        assert query.problem is None, field
        assert query.filter != Filter(), field


def test_main_is_the_source_that_has_no_alias_here() -> None:
    assert parse("source:Marketing,main").filter == Filter(sources=("marketing", ""))
    assert compose(Filter(sources=("", "marketing"))) == "source:main source:marketing"
