"""Outcomes say which check they belong to, and errors become failures unchanged."""

from __future__ import annotations

import msgspec
import pytest

from core.doctor.outcome import Findings, Outcome
from core.errors import PortInUse


def test_outcomes_carry_the_name_of_their_check():
    findings = Findings("port")

    assert findings.ok("port.free", "Free.", port="1") == Outcome(
        name="port", verdict="ok", title="Free.", code="port.free", detail={"port": "1"}
    )
    assert findings.warn("a", "b", "c").verdict == "warn"
    assert findings.fail("a", "b", "c").hint == "c"
    assert findings.skip("a", "b").verdict == "skip"


def test_an_error_speaks_for_itself():
    outcome = Findings("port").failed(PortInUse("Taken.", "Stop it."))

    assert (outcome.verdict, outcome.code) == ("fail", "listener.port_in_use")
    assert (outcome.title, outcome.hint) == ("Taken.", "Stop it.")


def test_outcomes_are_immutable_and_go_into_json():
    outcome = Findings("port").ok("port.free", "Free.")

    with pytest.raises(AttributeError):
        outcome.title = "else"  # type: ignore[misc]
    assert msgspec.json.decode(msgspec.json.encode(outcome), type=Outcome) == outcome
