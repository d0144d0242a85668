"""Every error carries a sentence, a stable code and an exit code."""

from __future__ import annotations

import pytest

from core import errors
from core.errors import CustomerMerged, GladlySourceError


def family(parent):
    return [parent, *(one for child in parent.__subclasses__() for one in family(child))]


ALL = [one for one in family(GladlySourceError) if one.__module__ == "core.errors"]
LEAVES = [one for one in ALL if not one.__subclasses__()]


def test_an_error_reads_as_what_happened_and_what_to_do():
    error = GladlySourceError("The disk is full.", "Free some space.")

    assert str(error) == "The disk is full. Free some space."
    assert (error.title, error.hint) == ("The disk is full.", "Free some space.")


def test_an_error_without_a_hint_reads_as_its_title():
    assert str(GladlySourceError("The disk is full.")) == "The disk is full."


def test_a_merged_customer_names_the_new_id():
    error = CustomerMerged("customer-2")

    assert error.new_id == "customer-2"
    assert error.title


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_kind_has_a_code_of_its_own_below_its_parents(kind):
    assert [one.code for one in ALL].count(kind.code) == 1
    parent = kind.__bases__[0]
    if parent is not Exception and parent is not GladlySourceError:
        assert kind.code.startswith(parent.code + ".")
    assert kind.exit_code in {1, 2}


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__name__)
def test_the_list_at_the_top_names_every_error_and_what_may_pass(kind):
    named = errors.__doc__.replace("\n│", " ").split()

    assert (kind.__name__ + "*" in named) is kind.retryable
    assert kind.__name__ in {one.rstrip("*") for one in named}
