"""Every row can say why in one sentence."""

from __future__ import annotations

import msgspec
import pytest

from core import sentences
from core.model import Channel, CustomerEvent, Delivery, DeliveryStatus, Webhook, WebhookStatus

DELIVERY = Delivery(
    id=1,
    webhook_id=1,
    message_id="gs-1",
    type="track",
    event="Conversation Opened",
    conversation_id="c1",
    customer_id="cu1",
    user_id="cu1",
    occurred_at=0.0,
    received_at=10.0,
    created_at=10.0,
    channel=Channel.WEBHOOK,
    status=DeliveryStatus.PENDING,
    reason="",
    incomplete=False,
    attempts=2,
    next_attempt_at=3600.0,
    last_code="segment.http_500",
    last_error="Segment has a problem of its own (500).",
    accepted_at=11.25,
    ambiguous_since=None,
    replay_of=None,
)
WEBHOOK = Webhook(
    id=1,
    dedupe_key="e1",
    kind="CONVERSATION/CREATED",
    channel=Channel.WEBHOOK,
    received_at=0.0,
    occurred_ns=0,
    conversation_id="c1",
    customer_id="cu1",
    status=WebhookStatus.RECEIVED,
    reason="",
    attempts=0,
    due_at=None,
    body=b"{}",
)


@pytest.mark.parametrize("status", list(DeliveryStatus))
def test_every_delivery_says_why(status: DeliveryStatus) -> None:
    sentence = sentences.about_delivery(msgspec.structs.replace(DELIVERY, status=status))

    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("confirmed_at", "said"),
    [
        (None, "Seen coming back from Segment."),
        (14.25, "Seen coming back from Segment 3.0 s after it took it."),
        (10.0, "Seen coming back from Segment 0.0 s after it took it."),
        (11.25, "Seen coming back from Segment, though no answer said that it arrived."),
    ],
)
def test_a_confirmed_delivery_says_how_soon(confirmed_at: float | None, said: str) -> None:
    delivery = msgspec.structs.replace(
        DELIVERY, status=DeliveryStatus.CONFIRMED, confirmed_at=confirmed_at
    )

    assert sentences.about_delivery(delivery) == said


def test_a_merge_became_an_alias() -> None:
    one = {"kind": CustomerEvent.MERGED, "status": WebhookStatus.RESOLVED, "reason": ""}

    said = sentences.about_webhook(msgspec.structs.replace(WEBHOOK, **one))

    assert said == "Became an alias call."


@pytest.mark.parametrize("status", list(WebhookStatus))
def test_every_webhook_says_why(status: WebhookStatus) -> None:
    sentence = sentences.about_webhook(msgspec.structs.replace(WEBHOOK, status=status))

    assert sentence.endswith(".")


def test_an_accepted_delivery_says_how_long_it_took_and_on_which_attempt() -> None:
    accepted = msgspec.structs.replace(DELIVERY, status=DeliveryStatus.ACCEPTED)

    sentence = sentences.about_delivery(accepted)

    assert sentence == "Accepted by Segment 1.2 s after Gladly told us, on the second attempt."


def test_a_retrying_delivery_says_what_happened_and_when_the_next_attempt_is() -> None:
    retrying = msgspec.structs.replace(DELIVERY, status=DeliveryStatus.RETRYING)

    sentence = sentences.about_delivery(retrying)

    assert sentence == (
        "Segment has a problem of its own (500). Attempt 3 at 1970-01-01T01:00:00.000Z."
    )


def test_times_are_written_as_whoever_shows_the_sentence_writes_them() -> None:
    retrying = msgspec.structs.replace(DELIVERY, status=DeliveryStatus.RETRYING)

    sentence = sentences.about_delivery(retrying, moment=lambda at: f"<{at:.0f}>")

    assert sentence.endswith("Attempt 3 at <3600>.")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (9.5, "9.5 s"),
        (75, "75 s"),
        (600, "10 min"),
        (7200, "2 h"),
        (1e6, "12 days"),
    ],
)
def test_durations_read_as_people_say_them(seconds: float, words: str) -> None:
    assert sentences.duration(seconds) == words
