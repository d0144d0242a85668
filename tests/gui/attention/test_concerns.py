"""Concerns: what needs attention, in order, with the next try and what to do."""

from __future__ import annotations

from core.model import Counts, DeliveryStatus, WebhookStatus
from core.store.base import Filter
from core.store.causes import Cause
from gui.attention import concerns as about
from gui.mending.troubles import Trouble
from gui.words import Word

NOW = 1_780_000_000.0


def cause(status: DeliveryStatus | WebhookStatus = DeliveryStatus.DEAD, **changes: object) -> Cause:
    members = {
        "status": status,
        "code": "segment.rejected_400" if isinstance(status, DeliveryStatus) else "",
        "error": "Segment rejects it.",
        "sentences": 1,
        "rows": 12,
        "next_attempt_at": None,
        "newest": NOW - 60,
    }
    return Cause(**{**members, **changes})  # type: ignore[arg-type]


def trouble(name: str = "segment", sentence: str = "Segment refuses the key.") -> Trouble:
    word = Word("Refused", "fail", "bad")
    return Trouble(name, name.capitalize(), word, sentence, "Check it.", (), NOW - 5)


def test_what_explains_the_rest_comes_first() -> None:
    found = about.concerns([trouble()], [cause(), cause(DeliveryStatus.RETRYING)])

    assert [one.word.text for one in found] == ["Refused", "Dead", "Retrying"]
    assert [one.rows for one in found] == [None, 12, 12]
    assert [one.since for one in found] == [NOW - 5, NOW - 60, NOW - 60]


def test_a_component_and_the_rows_that_wait_for_it_are_one_concern() -> None:
    said = "Segment cannot be reached: its name cannot be resolved."
    waiting = cause(DeliveryStatus.RETRYING, code="segment.unreachable", error=said)
    other = cause(DeliveryStatus.RETRYING, code="segment.http_503", error="Segment is down (503).")

    found = about.concerns([trouble(sentence=said)], [cause(error=said), waiting, other])

    assert [(one.sentence, one.rows, one.trouble is not None) for one in found] == [
        (said, 12, True),
        (said, 12, False),
        ("Segment is down (503).", 12, False),
    ]
    assert found[0].filter == Filter(
        statuses=(DeliveryStatus.RETRYING,), codes=("segment.unreachable",)
    )
    assert found[0].key == about.concerns([trouble(sentence=said)], [])[0].key


def test_rows_with_several_reasons_stay_a_concern_of_their_own() -> None:
    said = "Segment cannot be reached: no connection."
    mixed = cause(DeliveryStatus.RETRYING, error=said, sentences=2)

    assert len(about.concerns([trouble(sentence=said)], [mixed])) == 2


def test_a_component_is_named_where_its_sentence_does_not() -> None:
    found = about.concerns([trouble(), trouble("store", "The disk is full.")], [])

    assert [one.sentence for one in found] == [
        "Segment refuses the key.",
        "Store: The disk is full.",
    ]


def test_a_cause_keeps_its_key_while_its_rows_change() -> None:
    before, after = about.concerns([], [cause()]), about.concerns([], [cause(rows=13, error="x")])

    assert before[0].key == after[0].key


def test_causes_of_deliveries_are_a_filter_and_those_of_webhooks_are_none() -> None:
    dead, stuck, component = about.concerns(
        [], [cause(), cause(WebhookStatus.UNMAPPABLE)]
    ) + about.concerns([trouble()], [])

    assert dead.filter == Filter(statuses=(DeliveryStatus.DEAD,), codes=("segment.rejected_400",))
    assert stuck.filter is None
    assert component.filter is None


def test_other_reasons_are_mentioned() -> None:
    [one] = about.concerns([], [cause(sentences=3)])

    assert one.sentence == "Segment rejects it. (and other reasons)"


def test_the_next_try_is_told_by_how_far_it_is() -> None:
    def told(status: DeliveryStatus | WebhookStatus, at: float | None) -> str:
        [one] = about.concerns([], [cause(status, next_attempt_at=at)])
        return about.next_try(one, NOW)

    assert told(DeliveryStatus.RETRYING, NOW + 12) == "in 12 s"
    assert told(DeliveryStatus.RETRYING, NOW - 1) == "Now"
    assert told(WebhookStatus.WAITING, NOW + 120) == "in 2 min"
    assert told(DeliveryStatus.DEAD, None) == "By hand only"
    assert told(WebhookStatus.UNMAPPABLE, None) == "None"
    assert about.next_try(about.concerns([trouble()], [])[0], NOW) == ""


def test_every_kind_of_rows_has_its_advice() -> None:
    kinds = [
        cause(),
        cause(code="segment.http_503"),
        cause(DeliveryStatus.RETRYING),
        cause(WebhookStatus.UNMAPPABLE),
        cause(WebhookStatus.WAITING),
    ]

    said = {about.advice(one) for one in about.concerns([], kinds)}

    assert len(said) == len(kinds)


def test_a_trouble_tells_what_waits_for_it() -> None:
    waiting = [
        cause(DeliveryStatus.RETRYING, rows=1000, next_attempt_at=NOW + 30),
        cause(DeliveryStatus.RETRYING, rows=234, next_attempt_at=NOW + 12),
        cause(WebhookStatus.WAITING, rows=1, next_attempt_at=NOW - 1),
    ]

    assert (
        about.held_up(trouble(), waiting, NOW) == "1,234 rows wait for it; the next try is in 12 s."
    )
    assert (
        about.held_up(trouble("gladly"), waiting, NOW) == "1 row waits for it; the next try is now."
    )
    assert about.held_up(trouble("store"), waiting, NOW) == ""
    assert about.held_up(trouble(), [], NOW) == ""


def test_calm_is_proved_by_the_last_acceptance_and_what_is_under_way() -> None:
    nothing = Counts(webhooks={}, deliveries={"accepted": 5}, oldest_pending_at=None)
    some = Counts(webhooks={}, deliveries={"pending": 3}, oldest_pending_at=NOW - 60)

    assert about.calm(NOW - 120, nothing, NOW).startswith("The last event was accepted at ")
    assert about.calm(NOW - 120, nothing, NOW).endswith(
        "(2 min ago). Nothing is waiting to be sent."
    )
    assert "3 under way, the oldest since " in about.calm(NOW, some, NOW)
    assert about.calm(None, None, NOW).startswith("Segment has accepted nothing yet.")
