"""The live state of every component: told once per change."""

from __future__ import annotations

import logging

import pytest

from core.health import WELL, Health
from tests.fakes import FakeClock

pytestmark = pytest.mark.logs_warnings


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def health(clock):
    return Health(clock)


def test_a_state_says_since_when(health, clock):
    health.set("segment", "ok", "Segment takes events.")

    state = health.get("segment")

    assert (state.name, state.word, state.sentence) == ("segment", "ok", "Segment takes events.")
    assert state.since == clock.now


def test_an_unknown_component_has_no_state(health):
    assert health.get("nobody") is None
    assert health.states() == ()


def test_repeating_a_word_is_not_told_again_and_keeps_the_time(health, clock):
    heard = []
    health.changed.connect(heard.append)
    began = clock.now

    for _ in range(100):
        health.set("segment", "backing-off", "It is down.")
        clock.advance(1)

    assert len(heard) == 1
    assert health.get("segment").since == began


def test_a_new_sentence_is_kept_without_being_told(health, clock):
    heard = []
    health.set("segment", "backing-off", "It is down (500).")
    health.changed.connect(heard.append)
    clock.advance(10)

    health.set("segment", "backing-off", "It is down (503).")

    assert heard == []
    assert health.get("segment").sentence == "It is down (503)."
    assert health.get("segment").since == clock.now - 10


def test_a_new_word_is_told_with_its_own_time(health, clock):
    heard = []
    health.set("segment", "refused")
    health.changed.connect(heard.append)
    clock.advance(10)

    health.set("segment", "ok")

    assert [(one.name, one.word, one.since) for one in heard] == [("segment", "ok", clock.now)]


@pytest.mark.parametrize("word", sorted(WELL))
def test_words_of_well_being_do_not_degrade(health, word):
    health.set("segment", word)

    assert not health.degraded


@pytest.mark.parametrize("word", ["refused", "backing-off", "failed", "unavailable", "full"])
def test_one_component_that_wants_attention_degrades_all(health, word):
    health.set("listener", "listening")
    health.set("segment", word)

    assert health.degraded
    assert health.words() == {"listener": "listening", "segment": word}
    assert {one.name for one in health.states()} == {"listener", "segment"}


def test_a_change_is_one_line_in_the_log_without_the_sentence(health, caplog):
    caplog.set_level(logging.INFO)

    health.set("segment", "ok", "Secret sentence.")
    health.set("segment", "refused", "Secret sentence.")
    health.set("segment", "refused", "Another sentence.")

    lines = [(one.levelname, one.component, one.state) for one in caplog.records]
    assert lines == [("INFO", "segment", "ok"), ("WARNING", "segment", "refused")]
    assert "sentence" not in caplog.text
