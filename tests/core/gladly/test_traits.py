"""Tests of core.gladly.traits."""

from __future__ import annotations

import pytest

from core.gladly.payloads import CustomerProfile, Email, Phone
from core.gladly.traits import Traits, traits_of


def test_an_empty_profile_has_no_traits():
    assert traits_of(CustomerProfile(name="", emails=(), external_customer_id="")) == Traits()


def test_the_primary_entry_wins_over_the_first():
    profile = CustomerProfile(
        emails=(Email(original="first@x"), Email(original="main@x", primary=True)),
        phones=(Phone(normalized="+1"), Phone(normalized="+2", primary=True)),
    )

    assert (traits_of(profile).email, traits_of(profile).phone) == ("main@x", "+2")


def test_without_a_primary_entry_the_first_is_taken():
    profile = CustomerProfile(
        emails=(Email(original="first@x", primary=False), Email(original="second@x")),
        phones=(Phone(normalized="+1"), Phone(normalized="+2")),
    )

    assert (traits_of(profile).email, traits_of(profile).phone) == ("first@x", "+1")


def test_an_address_is_as_entered_and_a_number_is_e164():
    profile = CustomerProfile(
        emails=(Email(original="Martha.W@x", normalized="martha.w@x"),),
        phones=(Phone(original="7244895501", normalized="+17244895501"),),
    )

    assert (traits_of(profile).email, traits_of(profile).phone) == ("Martha.W@x", "+17244895501")


def test_takes_the_other_form_when_one_is_missing():
    profile = CustomerProfile(
        emails=(Email(primary=True), Email(normalized="martha@x")),
        phones=(Phone(original="7244895501", normalized=""),),
    )

    assert (traits_of(profile).email, traits_of(profile).phone) == ("martha@x", "7244895501")


@pytest.mark.parametrize(
    ("one", "many", "expected"),
    [
        ("old", {"x": "new"}, "old"),
        (None, {"x": "", "y": None, "z": True, "v": "54321", "w": "6"}, "54321"),
        (None, {"x": 54321}, "54321"),
        (None, {"x": {}}, None),
        (None, None, None),
    ],
)
def test_the_external_id_is_the_old_one_or_the_first_of_the_new(one, many, expected):
    profile = CustomerProfile(external_customer_id=one, external_customer_ids=many)

    assert traits_of(profile).external_customer_id == expected


def test_custom_attributes_are_passed_on():
    attributes = {"membershipTier": "gold", "list": [1]}

    assert traits_of(CustomerProfile(custom_attributes=attributes)).custom_attributes == attributes
