"""Faults are read strictly and strike as often as they were asked to."""

from __future__ import annotations

import pytest

from core.simulator.faults import (
    ALL_FAULTS,
    GLADLY_FAULTS,
    SEGMENT_FAULTS,
    FaultPlan,
    describe,
    parse_fault,
)


def plan(*texts: str, seed: int = 0) -> FaultPlan:
    return FaultPlan(ALL_FAULTS, default_path="/v1", texts=texts, seed=seed)


def answers(faults: FaultPlan, requests: int, path: str = "/v1/batch") -> list[str | None]:
    struck = [faults.strike(path).answer for _ in range(requests)]
    return [fault.name if fault else None for fault in struck]


def test_reads_a_name_with_options():
    fault = parse_fault("429:retry_after=2,count=1")

    assert (fault.name, fault.retry_after, fault.count) == ("429", 2.0, 1)


def test_an_option_may_hold_colons_and_equals_signs():
    fault = parse_fault("redirect:to=http://127.0.0.1:9/x?a=b")

    assert fault.to == "http://127.0.0.1:9/x?a=b"


def test_an_unknown_name_is_refused_with_the_allowed_ones():
    with pytest.raises(ValueError, match=r"'fire'.*Allowed: .*lost-answer.*reset"):
        parse_fault("fire")


def test_a_fault_of_the_other_service_is_refused():
    with pytest.raises(ValueError, match="errors-object"):
        parse_fault("errors-object", SEGMENT_FAULTS)
    with pytest.raises(ValueError, match="poison-400"):
        parse_fault("poison-400", GLADLY_FAULTS)


@pytest.mark.parametrize(
    "text",
    [
        "500:seconds=1",
        "500:count",
        "500:count=many",
        "500:count=0",
        "500:rate=1.5",
        "slow:ms=-1",
        "hang:seconds=-1",
        "cut:bytes=-1",
    ],
)
def test_an_option_that_makes_no_sense_is_refused(text):
    with pytest.raises(ValueError, match=r"Fault"):
        parse_fault(text)


def test_skew_may_be_negative():
    assert parse_fault("skew:seconds=-300").seconds == -300


def test_every_fault_is_described():
    assert {name for name, line in describe() if line} == ALL_FAULTS


def test_a_fault_without_count_strikes_until_cleared():
    faults = plan("500")

    assert answers(faults, 3) == ["500"] * 3

    faults.clear()

    assert answers(faults, 1) == [None]


def test_count_limits_how_often_a_fault_strikes_then_the_next_has_its_turn():
    faults = plan("500:count=2", "reset:count=1")

    assert answers(faults, 4) == ["500", "500", "reset", None]
    assert faults.texts() == []


def test_rate_strikes_a_fraction_and_repeats_with_the_seed():
    first = answers(plan("500:rate=0.3", seed=7), 1000)

    assert 250 < first.count("500") < 350
    assert first == answers(plan("500:rate=0.3", seed=7), 1000)


def test_a_path_limits_a_fault():
    faults = plan("500", "503:path=settings")

    assert answers(faults, 1, "/other") == [None]
    assert answers(faults, 1, "/other/settings") == ["503"]


def test_shapes_combine_with_each_other_and_with_an_answer():
    strike = plan("slow", "500", "skew", "404").strike("/v1/batch")

    assert strike.names == ("500", "slow", "skew")


def test_a_fault_by_content_strikes_only_what_matches():
    faults = plan("poison-400:count=1")

    assert faults.strike("/v1/batch").names == ()
    assert faults.strike_content("/v1/batch", lambda fault: False) is None
    assert faults.strike_content("/v1/batch", lambda fault: True) is not None
    assert faults.strike_content("/v1/batch", lambda fault: True) is None


def test_a_list_with_one_bad_fault_changes_nothing():
    faults = plan("500")

    with pytest.raises(ValueError, match="fire"):
        faults.set(["404", "fire"])

    assert faults.texts() == ["500"]
