"""The tray's five states."""

from __future__ import annotations

import pytest

from core.health import State
from core.model import Counts
from gui.mood import Mood, is_paused, mood_of, under_way
from gui.run import Phase


def state(word: str) -> State:
    return State(name="segment", word=word, sentence="", since=0)


def counts(webhooks: dict[str, int] | None = None, **deliveries: int) -> Counts:
    return Counts(webhooks=webhooks or {}, deliveries=deliveries, oldest_pending_at=None)


@pytest.mark.parametrize(
    ("phase", "words", "rows", "expected"),
    [
        (Phase.RUNNING, ["ok", "listening", "off", "unknown"], counts(accepted=9), Mood.WELL),
        (Phase.RUNNING, ["ok"], None, Mood.WELL),
        (Phase.RUNNING, ["ok"], counts(pending=1), Mood.WORKING),
        (Phase.RUNNING, ["ok"], counts({"waiting": 2}), Mood.WORKING),
        (Phase.ATTACHED, ["ok"], counts(sending=1), Mood.WORKING),
        (Phase.STARTING, [], None, Mood.WORKING),
        (Phase.RUNNING, ["paused"], counts(pending=7), Mood.PAUSED),
        (Phase.RUNNING, ["paused", "refusing"], counts(), Mood.ATTENTION),
        (Phase.RUNNING, ["backing-off"], counts(), Mood.ATTENTION),
        (Phase.RUNNING, ["ok"], counts(dead=1), Mood.ATTENTION),
        (Phase.FAILED, [], None, Mood.ATTENTION),
        (Phase.STOPPED, ["ok"], counts(dead=1), Mood.STOPPED),
        (Phase.STOPPING, ["ok"], counts(), Mood.STOPPED),
    ],
)
def test_one_look_comes_to_one_state(
    phase: Phase, words: list[str], rows: Counts | None, expected: Mood
) -> None:
    assert mood_of(phase, [state(word) for word in words], rows) is expected


def test_what_is_under_way_are_webhooks_and_deliveries() -> None:
    rows = counts({"received": 1, "waiting": 2, "resolved": 50}, pending=3, retrying=4, dead=9)

    assert under_way(rows) == 10


def test_paused_is_what_segment_says() -> None:
    assert is_paused([state("ok"), state("paused")])
    assert not is_paused([state("ok")])
