"""Wording: names, advice in the window's words, and all outcomes in a sentence."""

from __future__ import annotations

from core.doctor.doctor import NAMES
from core.doctor.outcome import Findings
from gui.mending import wording


def test_every_check_has_a_name_of_its_own() -> None:
    names = [wording.check_name(name) for name in NAMES]

    assert len(set(names)) == len(NAMES)
    assert all(name[0].isupper() for name in names)


def test_a_component_of_a_newer_engine_is_called_what_it_calls_itself() -> None:
    assert wording.component_name("segment") == "Segment"
    assert wording.component_name("poller") == "Poller"


def test_the_silence_alarm_has_a_name_a_place_and_an_icon() -> None:
    assert wording.component_name("silence") == wording.check_name("silence") == "Silence alarm"
    assert "silence" in wording.COMPONENTS
    assert "silence" in wording.ICONS


def test_advice_for_the_command_line_is_replaced() -> None:
    outcome = Findings("secrets").fail("secrets.missing", "Missing.", "Use `gladly-source secret`.")
    silent = Findings("silence").warn("silence.silent", "No closes.", "Run `gladly-source check`.")

    assert "gladly-source" not in wording.hint(outcome)
    assert "gladly-source" not in wording.hint(silent)


def test_any_other_advice_stays() -> None:
    outcome = Findings("segment").fail("segment.timeout", "No answer.", "Check the network.")

    assert wording.hint(outcome) == "Check the network."


def test_since_is_said_only_where_it_is_known() -> None:
    assert wording.since(0.0) == ""
    assert wording.since(1_780_000_000.0).startswith("Since ")


def test_the_outcomes_are_summed_up_by_name() -> None:
    well, skipped = Findings("space").ok("a", "Well."), Findings("port").skip("b", "Not needed.")
    warned, failed = Findings("clock").warn("c", "Look.", "Do."), Findings("gladly")
    bad = failed.fail("d", "Bad.", "Do.")

    assert wording.summary([]) == "Not everything was checked yet."
    assert wording.summary([well, skipped]) == "Everything that was checked is well."
    assert wording.summary([well, warned]) == "1 check wants a look: Clock."
    assert (
        wording.summary([bad, warned, warned])
        == "1 check failed: Gladly. 2 checks want a look: Clock, Clock."
    )
    assert wording.summary([bad, bad]) == "2 checks failed: Gladly, Gladly."
