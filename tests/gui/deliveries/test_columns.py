"""Columns: what a row says."""

from __future__ import annotations

import msgspec
import pytest

from core.model import Channel, Delivery, DeliveryStatus
from core.store.feed import NOTHING, Gist
from gui import words
from gui.deliveries import columns
from gui.deliveries.columns import HEADINGS, Column, EventRow, tooltip, updated

NOW = 1_780_000_000.0
DELIVERY = Delivery(
    id=12,
    webhook_id=3,
    message_id="gs-1",
    type="track",
    event="Conversation Closed",
    conversation_id="conv-1",
    customer_id="cust-1",
    user_id="cust-1",
    occurred_at=NOW - 1,
    received_at=NOW,
    created_at=NOW,
    channel=Channel.BOTH,
    status=DeliveryStatus.RETRYING,
    reason="",
    incomplete=False,
    attempts=2,
    next_attempt_at=NOW + 60,
    last_code="segment.http_503",
    last_error="Segment answered 503.",
    accepted_at=None,
    ambiguous_since=None,
    replay_of=None,
)
GIST = Gist(customer="Zoë Müller", email="zoe@example.com", agent="Ada")


def row(gist: Gist = GIST, **changes: object) -> EventRow:
    return EventRow(msgspec.structs.replace(DELIVERY, **changes), gist)


def test_every_column_has_a_heading_with_a_name_of_its_own() -> None:
    assert len(HEADINGS) == len(Column)
    assert len({heading.name for heading in HEADINGS}) == len(Column)
    assert all(columns.title(one) and columns.meaning(one) for one in Column)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (Column.EVENT, "Conversation Closed"),
        (Column.STATUS, "Retrying"),
        (Column.CUSTOMER, "Zoë Müller"),
        (Column.CONVERSATION, "conv-1"),
        (Column.AGENT, "Ada"),
        (Column.CHANNEL, "Both"),
        (Column.ATTEMPTS, "2"),
        (Column.NEXT_TRY, words.when(NOW + 60)),
        (Column.TIME, words.when(NOW)),
        (Column.OCCURRED, words.when(NOW - 1)),
        (Column.ACCEPTED, ""),
        (Column.LATENCY, ""),
        (Column.LAST_ERROR, "Segment answered 503."),
        (Column.MESSAGE_ID, "gs-1"),
        (Column.ID, "d12"),
    ],
)
def test_says_what_the_delivery_says(column: Column, expected: str) -> None:
    assert row().text(column) == expected


def test_a_customer_without_name_is_shown_by_address_then_by_id() -> None:
    assert row(Gist(email="a@b.c")).text(Column.CUSTOMER) == "a@b.c"
    assert row(NOTHING).text(Column.CUSTOMER) == "cust-1"
    assert row(NOTHING, customer_id=None).text(Column.CUSTOMER) == ""


def test_an_accepted_one_says_when_and_how_long_it_took_and_has_no_next_try() -> None:
    accepted = row(status=DeliveryStatus.ACCEPTED, accepted_at=NOW + 1.25)

    assert accepted.text(Column.ACCEPTED) == words.when(NOW + 1.25)
    assert accepted.text(Column.LATENCY) == "1.2 s"
    assert accepted.text(Column.NEXT_TRY) == ""


def test_a_text_is_made_once_until_it_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    one = row()
    before = one.text(Column.TIME)
    monkeypatch.setattr(words, "when", lambda _: "later")

    assert one.text(Column.TIME) == before
    one.forget_texts()
    assert one.text(Column.TIME) == "later"


def test_tooltips_give_exact_times_and_all_names() -> None:
    assert tooltip(row(), Column.TIME) == words.utc(NOW)
    assert tooltip(row(), Column.NEXT_TRY) == words.utc(NOW + 60)
    assert tooltip(row(), Column.ACCEPTED) == ""
    assert tooltip(row(), Column.CUSTOMER) == "Zoë Müller\nzoe@example.com\ncust-1"
    assert tooltip(row(), Column.STATUS) == "Segment answered 503."
    assert tooltip(row(incomplete=True), Column.EVENT) == "Conversation Closed, incomplete"


def test_an_update_keeps_the_names_but_not_those_of_somebody_erased() -> None:
    accepted = msgspec.structs.replace(DELIVERY, status=DeliveryStatus.ACCEPTED)
    erased = msgspec.structs.replace(accepted, customer_id=None)

    assert updated(row(), accepted).text(Column.CUSTOMER) == "Zoë Müller"
    assert updated(row(), erased).text(Column.CUSTOMER) == ""


def test_rows_are_the_same_when_they_say_the_same() -> None:
    assert row() == row()
    assert row() != row(attempts=3)
    assert row() != row(NOTHING)
    assert hash(row()) == hash(row(attempts=3))
