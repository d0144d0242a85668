"""Statuses, times and numbers in words."""

from __future__ import annotations

import ast
import time
from datetime import datetime
from pathlib import Path
from typing import get_args

import pytest

from core import errors
from core.coverage import Fate
from core.doctor.outcome import Verdict
from core.health import WELL, State
from core.model import DeliveryStatus, WebhookStatus
from gui import words
from gui.icons import GLYPHS
from gui.palettes import TONES

CORE = Path(__file__).parents[2] / "core"
NOW = 1_763_733_802.118


def spoken_words() -> set[str]:
    """Every word that core gives a component, found in its text."""
    said = set()
    for path in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="set", value=ast.Attribute(attr="health" | "_health")),
                    args=[_, ast.Constant(value=str(word)), *_],
                ):
                    said.add(word)
    return said


@pytest.fixture(params=["UTC", "Asia/Kolkata", "America/Los_Angeles"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    if not hasattr(time, "tzset"):
        pytest.skip("this system's zone cannot be changed")
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("status", DeliveryStatus)
def test_every_delivery_status_has_a_word(status: DeliveryStatus) -> None:
    word = words.delivery_word(status)

    assert word.text == status.value.capitalize()
    assert word.tone in TONES


@pytest.mark.parametrize("fate", Fate)
def test_every_fate_of_a_gap_has_a_word(fate: Fate) -> None:
    assert set(words.FATES) == {one.value for one in Fate}
    assert words.fate_word(fate) == words.FATES[fate]


@pytest.mark.parametrize("status", WebhookStatus)
def test_every_webhook_status_has_a_word(status: WebhookStatus) -> None:
    assert words.webhook_word(status).text == status.value.capitalize()


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_every_verdict_has_a_word(verdict: Verdict) -> None:
    assert words.verdict_word(verdict).tone in TONES


@pytest.mark.parametrize("said", sorted(spoken_words() | WELL))
def test_every_state_that_core_says_has_a_word(said: str) -> None:
    assert said in words.STATES


def test_what_is_well_looks_well_and_the_rest_does_not() -> None:
    alarming = {said for said, word in words.STATES.items() if word.tone in {"warn", "bad"}}

    assert alarming == set(words.STATES) - WELL


def test_every_alarm_of_the_store_has_a_word() -> None:
    codes = [kind.code for kind in errors.StoreError.__subclasses__()]

    assert [c for c in codes if c.removeprefix("store.") not in words.STATES] == []


def test_every_word_has_an_icon_and_a_tone() -> None:
    tables = (words.DELIVERIES, words.WEBHOOKS, words.VERDICTS, words.STATES, words.FATES)
    all_words = [word for table in tables for word in table.values()]

    assert {word.icon for word in all_words} <= set(GLYPHS)
    assert {word.tone for word in all_words} <= set(TONES)


def test_a_state_of_a_newer_engine_is_shown_as_it_is() -> None:
    state = State(name="segment", word="half-open", sentence="", since=0.0)

    assert words.state_word(state) == ("Half open", "unknown", "warn")


def test_today_is_told_by_the_clock_alone(zone: str) -> None:
    local = datetime.fromtimestamp(NOW).astimezone()

    assert words.when(NOW, NOW) == f"{local:%H:%M:%S}"


def test_another_day_of_this_year_has_its_date(zone: str) -> None:
    noon = datetime(2025, 3, 4, 12, 5).astimezone().timestamp()

    assert words.when(noon, NOW) == "Mar 4, 12:05"


def test_another_year_is_named(zone: str) -> None:
    noon = datetime(2023, 12, 31, 23, 59).astimezone().timestamp()

    assert words.when(noon, NOW) == "Dec 31 2023, 23:59"


def test_now_is_the_clock_when_it_is_left_out() -> None:
    assert words.when(time.time()).count(":") == 2
    assert words.ago(time.time() - 300) == "5 min ago"


def test_utc_is_exact() -> None:
    assert words.utc(NOW) == "2025-11-21 14:03:22.118 UTC"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 s"),
        (0.42, "0.4 s"),
        (2, "2 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86_400, "1 d"),
        (273_600, "3 d 4 h"),
    ],
)
def test_lengths_of_time_are_rough(seconds: float, text: str) -> None:
    assert words.span(seconds) == text


@pytest.mark.parametrize(
    ("distance", "text"),
    [
        (0.4, "just now"),
        (-0.9, "just now"),
        (12.7, "12 s ago"),
        (180, "3 min ago"),
        (-40, "in 40 s"),
    ],
)
def test_how_far_away_a_moment_is(distance: float, text: str) -> None:
    assert words.ago(NOW - distance, NOW) == text


def test_thousands_stand_apart() -> None:
    assert words.number(12_345) == "12,345"
