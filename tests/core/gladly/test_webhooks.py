"""What has to change in our webhook, decided from what Gladly shows."""

from __future__ import annotations

import json

import msgspec
import pytest

from core.credentials import Secret
from core.errors import OperationError
from core.gladly.webhooks import (
    EVENTS,
    Basic,
    Change,
    Create,
    GladlyWebhook,
    WebhookChange,
    address,
    find,
    is_as_wanted,
    to_create,
    to_switch,
)
from core.sender.problems import KINDS
from core.settings import Gladly, Listener, Settings

URL = "https://hooks.example.com/gladly/webhook"
BASIC = Basic("gladly", Secret("hunter2"))
WANTED = WebhookChange(
    name="Gladly Source", url=URL, events=EVENTS, enabled=True, credentials=BASIC
)


def shown(**members: object) -> GladlyWebhook:
    return GladlyWebhook(**{"id": "w", "url": URL, "events": EVENTS, "enabled": True, **members})


def settings(public_url: str | None, gladly: str = "https://company.gladly.com") -> Settings:
    return Settings(
        listener=Listener(public_url=public_url),
        gladly=Gladly(url=gladly, agent_email="api@company.com"),
    )


def test_the_events_are_those_of_the_plan_in_gladlys_spelling():
    assert EVENTS == (
        "CONVERSATION/CREATED",
        "CONVERSATION/REOPENED",
        "CONVERSATION/CLOSED",
        "CONVERSATION_ASSIGNEE/UPDATED",
        "CUSTOMER/MERGED",
        "CUSTOMER_PROFILE/DELETED",
    )
    assert set(EVENTS) <= KINDS


def test_gladly_calls_the_public_url_and_the_path():
    assert address(settings("https://hooks.example.com/")) == URL


@pytest.mark.parametrize(
    ("public_url", "said"),
    [(None, "There is no public URL"), ("http://127.0.0.1:8377", "https addresses only")],
)
def test_an_address_that_gladly_cannot_call_is_said_first(public_url: str | None, said: str):
    with pytest.raises(OperationError, match=said) as caught:
        address(settings(public_url))

    assert "listener.public_url" in caught.value.hint


def test_a_gladly_on_this_machine_may_call_this_machine():
    assert address(settings("http://127.0.0.1:8377", "http://127.0.0.1:9000"))


@pytest.mark.parametrize(
    "url",
    [URL, URL + "/", "https://HOOKS.example.com/gladly/webhook", URL.replace(".com", ".com:443")],
)
def test_ours_is_found_by_its_url_however_it_is_spelt(url: str):
    ours = shown(url=url)

    assert find([shown(url="https://other.example.com"), ours], URL) == ours


@pytest.mark.parametrize("url", ["", "https://[", URL + "2", "http" + URL[5:], URL + "?a=1"])
def test_anothers_is_not_ours(url: str):
    assert find([shown(url=url)], URL) is None


def test_where_there_is_none_it_is_made():
    assert to_create([shown(url="https://other.example.com")], WANTED) == Create(WANTED)


def test_where_it_is_what_differs_is_changed_and_no_second_one_made():
    ours = shown(events=("CONVERSATION/CLOSED", "TASK/CREATED"), enabled=False)

    step = to_create([ours], WANTED)

    assert step == Change("w", WebhookChange(events=EVENTS, enabled=True, credentials=BASIC))


def test_the_credentials_are_always_sent_for_nobody_can_look_at_them():
    assert to_create([shown()], WANTED) == Change("w", WebhookChange(credentials=BASIC))


def test_without_credentials_nothing_is_left_to_do():
    wanted = msgspec.structs.replace(WANTED, credentials=msgspec.UNSET)

    assert to_create([shown()], wanted) is None


def test_a_twenty_first_is_not_tried():
    others = [shown(id=str(n), url=f"https://other.example.com/{n}") for n in range(20)]

    with pytest.raises(OperationError, match="allows 20 webhooks") as caught:
        to_create(others, WANTED)

    assert "Delete one" in caught.value.hint


def test_one_of_twenty_may_be_set_right():
    others = [shown(id=str(n), url=f"https://other.example.com/{n}") for n in range(19)]

    assert isinstance(to_create([*others, shown()], WANTED), Change)


@pytest.mark.parametrize("on", [True, False])
def test_switching_changes_only_what_is_not_so(on: bool):
    assert to_switch(shown(enabled=on), on=on) is None
    assert to_switch(shown(enabled=not on), on=on) == Change("w", WebhookChange(enabled=on))


def test_what_gladly_leaves_out_counts_as_not_there():
    bare = msgspec.json.decode(b'{"id":"w","url":"u","somethingNew":[1]}', type=GladlyWebhook)

    assert bare.missing == EVENTS
    assert bare.superfluous == ()
    assert not is_as_wanted(bare)


def test_it_is_as_wanted_when_enabled_with_these_events_in_any_order():
    assert is_as_wanted(shown(events=EVENTS[::-1]))
    assert not is_as_wanted(shown(enabled=False))
    assert not is_as_wanted(shown(events=(*EVENTS, "TASK/CREATED")))
    assert shown(events=(*EVENTS, "TASK/CREATED")).superfluous == ("TASK/CREATED",)


def test_a_change_says_what_changes_and_nothing_else():
    change = WebhookChange(enabled=True, credentials=BASIC, headers={"X-Token": Secret("t")})

    assert json.loads(change.encode()) == {
        "enabled": True,
        "credentials": {"username": "gladly", "password": "hunter2"},
        "headers": {"X-Token": "t"},
    }
    assert change.secrets() == [Secret("hunter2"), Secret("t")]
    assert "hunter2" not in repr(change)
