"""The sample conversation: exactly what Segment gets, and the columns in a warehouse."""

from __future__ import annotations

import pytest

from core.settings import Gladly, Mapping_, Settings
from gui.setup import preview

WITH_GLADLY = Gladly(url="https://acme.gladly.com", agent_email="a@b.example")


def settings(**mapping: object) -> Settings:
    return Settings(gladly=WITH_GLADLY, mapping=Mapping_(**mapping))  # type: ignore[arg-type]


def test_opened_and_closed_look_as_segment_gets_them() -> None:
    shown = preview.show(settings())

    assert [sample.kind for sample in shown.samples] == ["opened", "closed"]
    opened, closed = (sample.message for sample in shown.samples)
    assert opened["event"] == "Conversation Opened"
    assert opened["userId"] == preview.NAMED.customer_id
    assert opened["properties"]["customerName"] == "María José Núñez"
    assert opened["properties"]["status"] == "OPEN"
    assert closed["properties"]["topics"] == list(preview.NAMED.topic_ids or ())
    assert next(iter(opened)) == "type"


def test_without_gladly_there_are_ids_only() -> None:
    opened = preview.show(Settings()).samples[0].message

    assert set(opened["properties"]) == {"conversationId", "status", "agentId"}


def test_what_is_dropped_is_gone_and_what_is_hashed_cannot_be_read() -> None:
    opened = preview.show(settings(drop=("phone",), hash=("email",))).samples[0].message

    assert "phone" not in opened["properties"]
    assert len(opened["properties"]["email"]) == 64


def test_identify_comes_after_the_events() -> None:
    shown = preview.show(settings(identify=True))

    assert [sample.kind for sample in shown.samples] == ["opened", "closed", "identify"]
    assert shown.samples[2].message["traits"]["name"] == "María José Núñez"
    assert shown.samples[2].table == "identifies"


def test_the_warehouse_has_a_table_per_event_and_a_column_per_property() -> None:
    shown = preview.show(settings(names="live-chat"))
    names = [column.name for column in shown.samples[1].columns]

    assert [sample.table for sample in shown.samples] == [
        "live_chat_conversation_started",
        "live_chat_conversation_ended",
    ]
    assert names[0] == "user_id"
    assert {"customer_name", "conversation_duration", "topics"} <= set(names)
    kinds = {column.name: column.type for column in shown.samples[1].columns}
    assert kinds["conversation_duration"] == "number"
    assert kinds["topics"] == "text"


def test_nested_properties_become_columns_of_their_own() -> None:
    shown = preview.show(settings(names="gladly-toolkit"))

    assert "custom_attributes_loyalty_tier" in {one.name for one in shown.samples[0].columns}


def test_settings_that_contradict_themselves_are_explained() -> None:
    shown = preview.show(settings(drop=("no-such-property",)))

    assert shown.samples == ()
    assert "no-such-property" in shown.problem


def test_every_profile_names_its_properties() -> None:
    profiles = preview.profiles()

    assert set(profiles) == set(preview.PROFILES)
    assert profiles["live-chat"].properties["agentName"] == "agent_name"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Conversation Opened", "conversation_opened"),
        ("customerName", "customer_name"),
        ("HTTPStatus", "http_status"),
        ("agent_id", "agent_id"),
    ],
)
def test_columns_are_named_as_segment_names_them(text: str, name: str) -> None:
    assert preview.column_name(text) == name
