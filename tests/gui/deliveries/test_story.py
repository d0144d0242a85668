"""The story: every step of a delivery in plain words."""

from __future__ import annotations

import pytest

from core.model import Channel, DeliveryStatus
from gui import words
from gui.deliveries.story import Step, decoded, sentence, steps
from tests.gui.deliveries.details import TAKEN, accepted, attempt, detail
from tests.gui.deliveries.test_columns import NOW


def titles(told: tuple[Step, ...]) -> list[str]:
    return [step.title for step in told]


def test_an_accepted_delivery_went_all_the_way() -> None:
    told = steps(accepted(), NOW + 10)

    assert titles(told) == [
        "Happened in Gladly",
        "Received",
        "Looked up",
        "Mapped",
        "Attempt 1",
        "Attempt 2",
        "Accepted",
    ]
    assert told[4].note == "Segment answered 503. HTTP 503, 1,112 ms."
    assert told[5].note == "Segment took it. HTTP 200, 1,112 ms."
    assert told[6].note == "Segment answered 2xx, 2.5 s after we received it."


def test_gaps_are_since_the_step_before_that_has_a_time() -> None:
    told = steps(accepted(), NOW + 10)

    assert [step.gap for step in told] == [None, 1.0, None, 0.0, 1.0, 1.0, 0.5]


def test_a_clock_that_went_back_makes_no_gap() -> None:
    told = steps(accepted(occurred_at=NOW + 5), NOW + 10)

    assert told[1].gap == 0.0


def test_a_retrying_one_says_when_it_is_tried_again() -> None:
    last = steps(detail(attempts=(attempt(1), attempt(2))), NOW)[-1]

    assert (last.title, last.note, last.ahead) == ("Attempt 3", "By itself.", True)
    assert last.at == NOW + 60


def test_one_that_is_due_is_tried_as_soon_as_can_be() -> None:
    last = steps(detail(), NOW + 100)[-1]

    assert last.note == "As soon as Segment may be asked."
    assert last.at is None


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (DeliveryStatus.SENDING, "Sending"),
        (DeliveryStatus.CONFIRMED, "Confirmed"),
        (DeliveryStatus.DEAD, "Dead"),
        (DeliveryStatus.DISCARDED, "Discarded"),
    ],
)
def test_the_end_says_where_it_stands(status: DeliveryStatus, title: str) -> None:
    last = steps(detail(status=status), NOW)[-1]

    assert last.title == title
    assert last.note
    assert last.ahead == (status is DeliveryStatus.SENDING)


def test_a_confirmed_delivery_tells_when_it_was_accepted_and_when_it_came_back() -> None:
    both = detail(status=DeliveryStatus.CONFIRMED, accepted_at=NOW - 9, confirmed_at=NOW - 2)
    *_, accepted, confirmed = steps(both, NOW)

    assert (accepted.title, accepted.at) == ("Accepted", NOW - 9)
    assert (confirmed.title, confirmed.at, confirmed.gap) == ("Confirmed", NOW - 2, 7)


def test_an_answer_that_never_came_is_not_told_as_one() -> None:
    only = detail(status=DeliveryStatus.CONFIRMED, accepted_at=NOW - 2, confirmed_at=NOW - 2)

    assert "Accepted" not in titles(steps(only, NOW))
    assert steps(only, NOW)[-1].at == NOW - 2


def test_of_many_attempts_only_the_first_and_the_last_are_told_one_by_one() -> None:
    many = tuple(attempt(number) for number in range(1, 21))
    told = [one for one in titles(steps(detail(attempts=many), NOW)) if "ttempt" in one]

    assert told == [
        "Attempt 1",
        "15 more attempts",
        "Attempt 17",
        "Attempt 18",
        "Attempt 19",
        "Attempt 20",
        "Attempt 3",
    ]


@pytest.mark.parametrize(
    ("looked_up", "note", "tone"),
    [
        ({"customerName": "Z", "agentName": "A"}, "Found customer, agent.", "muted"),
        ({"missing": ["customer"]}, "Incomplete: Gladly could not be asked for customer.", "warn"),
        ({"gone": ["customer"]}, "Gladly no longer knows: customer.", "warn"),
        ({}, "Nothing but ids.", "muted"),
    ],
)
def test_says_what_was_found_in_gladly(looked_up: dict[str, object], note: str, tone: str) -> None:
    step = steps(detail(looked_up=looked_up), NOW)[2]

    assert (step.note, step.tone) == (note, tone)


def test_a_customer_that_was_made_up_for_a_test_is_none_that_gladly_forgot() -> None:
    step = steps(detail(looked_up={"gone": ["customer"]}, channel=Channel.TEST), NOW)[2]

    assert (step.note, step.tone) == (
        "Made up for a test, so Gladly does not know: customer.",
        "muted",
    )


def test_says_that_what_was_found_was_removed() -> None:
    assert steps(detail(bare=True), NOW)[2].note == "What was found was removed."


def test_an_attempt_without_an_answer_has_no_number_of_http() -> None:
    step = steps(detail(attempts=(attempt(1, http_status=None),)), NOW)[4]

    assert step.note == "Segment answered 503. 1,112 ms."
    assert step.tone == "warn"
    assert steps(detail(attempts=(attempt(1, **TAKEN),)), NOW)[4].tone == "muted"


def test_the_sentence_tells_the_next_attempt_in_local_time() -> None:
    text = sentence(detail().delivery, NOW)

    assert text == f"Segment answered 503. Attempt 3 follows at {words.when(NOW + 60, NOW)}."
    assert sentence(detail().delivery, NOW + 100).endswith("may be asked again.")


def test_the_sentence_of_an_accepted_one() -> None:
    assert sentence(accepted().delivery, NOW) == (
        "Accepted by Segment 2.5 s after Gladly told us, on the second attempt."
    )


@pytest.mark.parametrize("content", [None, b"", b"no json", b"[1]"])
def test_what_is_no_object_is_empty(content: bytes | None) -> None:
    assert decoded(content) == {}


def test_an_alias_tells_its_story_without_a_conversation() -> None:
    sent = {"type": "alias", "previousId": "old", "userId": "new", "messageId": "m"}
    changes = {"type": "alias", "event": "alias", "conversation_id": None, "customer_id": "new"}
    one = accepted(sent=sent, looked_up={}, webhooks=(), **changes)

    told = steps(one, NOW + 10)

    assert titles(told)[-1] == "Accepted"
    assert "None" not in " ".join(step.note for step in told)
    assert "Nothing but ids." in [step.note for step in told]
    assert "None" not in sentence(one.delivery, NOW + 10)
