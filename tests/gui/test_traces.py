"""Where an exception happened, without what it says."""

from __future__ import annotations

from core.errors import OperationError
from gui.traces import causes, kind_of, trace

SECRET = "ana@example.com"


def fail() -> None:
    raise KeyError(SECRET)


def failed() -> BaseException:
    try:
        try:
            fail()
        except KeyError as exc:
            raise OperationError(f"No such person: {SECRET}.") from exc
    except OperationError as exc:
        return exc


def test_kind_and_place_are_told_and_nothing_of_the_text() -> None:
    said = trace(failed())

    assert SECRET not in said
    assert "gui/test_traces.py:" in said
    assert " in fail > KeyError; then " in said
    assert said.endswith("core.errors.OperationError")
    assert "\n" not in said


def test_no_folder_of_a_person_is_named() -> None:
    assert __file__ not in trace(failed())


def test_an_exception_that_is_its_own_cause_is_told_once() -> None:
    error = TypeError("round and round")
    error.__cause__ = error

    assert causes(error) == [error]
    assert trace(error) == kind_of(error) == "TypeError"
