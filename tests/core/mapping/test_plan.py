"""The naming profiles, and the plan that the settings make of them."""

from __future__ import annotations

import os
from importlib import resources

import pytest

from core.errors import PlanInvalid
from core.mapping.plan import RESERVED, load_profile, make_plan, make_plans
from core.settings import Mapping_, Segment, Settings, Source

PROFILES = ["segment-catalog", "gladly-toolkit", "live-chat"]
GOOD = """
opened = "Opened"
closed = "Closed"
topics = "ids"
custom_attributes = false
duration = false
[properties]
email = "email"
"""


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_that_ships_is_sound(name):
    profile = load_profile(name)

    assert profile.opened != profile.closed
    assert not RESERVED & set(profile.properties.values())
    assert len(set(profile.properties.values())) == len(profile.properties)
    assert profile.custom_attributes is ("customAttributes" in profile.properties)
    assert profile.duration is ("duration" in profile.properties)


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_names_what_the_contract_promises(name):
    promised = {
        "customerName",
        "email",
        "phone",
        "conversationId",
        "status",
        "agentId",
        "agentName",
        "topics",
    }

    assert promised <= load_profile(name).properties.keys()


def test_no_profile_sends_an_agents_address_under_the_customers_key():
    for name in PROFILES:
        assert load_profile(name).properties["email"] == "email"


def written(tmp_path, text):
    """The name by which `load_profile` finds a file outside its folder."""
    tmp_path.joinpath("mine.toml").write_text(text, "utf-8")
    folder = str(resources.files("resources").joinpath("plan/profiles"))
    return os.path.relpath(tmp_path / "mine", folder)


def test_a_sound_file_is_read(tmp_path):
    assert load_profile(written(tmp_path, GOOD)).properties == {"email": "email"}


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_a_profile_with_a_reserved_name_is_refused_by_name(tmp_path, name):
    broken = written(tmp_path, GOOD.replace('email = "email"', f'email = "{name}"'))

    with pytest.raises(PlanInvalid, match=f"reserved property {name}"):
        load_profile(broken)


@pytest.mark.parametrize(
    "text",
    ["opened = ", GOOD.replace('"ids"', '"both"'), 'unknown = "x"\n' + GOOD],
    ids=["no TOML", "value not allowed", "unknown key"],
)
def test_a_profile_that_cannot_be_read_is_refused(tmp_path, text):
    with pytest.raises(PlanInvalid, match="cannot be read"):
        load_profile(written(tmp_path, text))


def test_the_plan_says_what_the_settings_say():
    mapping = Mapping_(
        opened_when="created",
        names="live-chat",
        user_id="external",
        identify=True,
        merges=True,
        drop=("phone",),
        hash=("customer_name",),
    )

    plan = make_plan(mapping, "emea")

    assert plan.profile == load_profile("live-chat")
    assert (plan.alias, plan.opened_when, plan.user_id) == ("emea", "created", "external")
    assert plan.merges is True
    assert make_plan(Mapping_(), "emea").merges is False
    assert (plan.identify, plan.drop, plan.hash) == (
        True,
        frozenset({"phone"}),
        frozenset({"customer_name"}),
    )


@pytest.mark.parametrize("where", ["drop", "hash"])
def test_an_unknown_name_to_drop_or_hash_is_refused_with_what_is_known(where):
    with pytest.raises(PlanInvalid) as caught:
        make_plan(Mapping_(**{where: ("emial",)}), "default")

    assert "'emial'" in caught.value.title
    assert "email" in caught.value.hint


def test_each_source_has_a_plan_of_its_own_the_main_one_first() -> None:
    settings = Settings(
        segment=Segment(alias="support"),
        mapping=Mapping_(drop=("phone",)),
        sources={"marketing": Source(names="live-chat", identify=True)},
    )

    first, second = make_plans(settings)

    assert (first.source, first.alias, first.identify) == ("", "support", False)
    assert (second.source, second.alias, second.identify) == ("marketing", "marketing", True)
    assert second.profile.opened == "Live Chat Conversation Started"
    assert first.drop == second.drop == {"phone"}
