"""How the webhook stands: one word, one sentence, and what to do next."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from core.gladly.webhooks import GladlyWebhook
from core.ingest.standing import GIVE_UP_SECONDS, Standing, View, sentence_of, standing_of

NOW = 1_780_000_000.0
URL = "https://gladly.example.com/gladly/webhook"
ON = GladlyWebhook(id="h1", url=URL, enabled=True)
OFF = GladlyWebhook(id="h1", url=URL, enabled=False)
SWITCHED_OFF = GladlyWebhook(
    id="h1", url=URL, enabled=False, disabled_at_due_to_retry_limit="2026-05-28T10:00:00Z"
)
BROKEN = "cannot be reached"


def view(webhook: GladlyWebhook | None = ON, **known: Any) -> View:
    return View(**{"url": URL, "now": NOW, "read": True, "webhook": webhook, **known})


@pytest.mark.parametrize(
    ("seen", "standing"),
    [
        (view(), Standing.OK),
        (view(unreached=BROKEN), Standing.OK),
        (view(down_since=NOW, unreached=BROKEN), Standing.UNREACHABLE),
        (view(None, read=False), Standing.UNKNOWN),
        (view(None, read=False, down_since=NOW), Standing.UNREACHABLE),
        (view(None), Standing.MISSING),
        (view(None, early=True), Standing.UNKNOWN),
        (view(OFF, polled=True), Standing.OFF),
        (view(OFF), Standing.DISABLED),
        (view(OFF, down_since=NOW), Standing.DISABLED),
        (view(SWITCHED_OFF), Standing.SWITCHED_OFF),
        (view(SWITCHED_OFF, down_since=NOW, read=False), Standing.SWITCHED_OFF),
    ],
)
def test_the_word(seen: View, standing: Standing) -> None:
    assert standing_of(seen) is standing
    assert sentence_of(seen)


def test_one_that_is_on_again_is_not_switched_off_whatever_is_left_of_it() -> None:
    on = msgspec.structs.replace(SWITCHED_OFF, enabled=True)

    assert standing_of(view(on)) is Standing.OK


def test_gladly_s_repetitions_are_counted_down() -> None:
    assert GIVE_UP_SECONDS == 5730
    said = sentence_of(view(down_since=NOW - 1800, unreached=BROKEN))

    assert BROKEN in said
    assert "in 66 min" in said
    assert "at any time now" in sentence_of(view(down_since=NOW - GIVE_UP_SECONDS))


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({}, "`gladly-source webhook enable`"),
        ({"unreached": BROKEN}, "Mend that, then switch it on again"),
        ({"unreached": BROKEN, "rearm": True}, "Mend that, then it is switched on again by itself"),
        ({"rearm": True}, "It is switched on again by itself."),
        ({"rearm": True, "refused": "No."}, "cannot be switched on again by itself: No."),
    ],
)
def test_switched_off_says_what_comes_next(known: dict[str, Any], said: str) -> None:
    assert said in sentence_of(view(SWITCHED_OFF, **known))


def test_since_when_it_is_switched_off_is_said_where_it_is_a_time() -> None:
    strange = msgspec.structs.replace(SWITCHED_OFF, disabled_at_due_to_retry_limit="\x1b[1m!")

    assert "2026-05-28" in sentence_of(view(SWITCHED_OFF))
    assert standing_of(view(strange)) is Standing.SWITCHED_OFF
    assert "\x1b" not in sentence_of(view(strange))


def test_why_nothing_is_known_is_said() -> None:
    assert "Gladly is away." in sentence_of(view(None, read=False, trouble="Gladly is away."))
