"""What is told of the webhook: a sentence, what to do next, and the same for programs."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from core.gladly.webhooks import EVENTS, GladlyWebhook
from core.registration.report import Did, Report

URL = "https://hooks.example.com/gladly/webhook"


def report(did: Did = Did.FOUND, *, webhook: dict[str, Any] | None = None, **more: Any) -> Report:
    shown = {"id": "w", "url": URL, "events": EVENTS, "enabled": True, **(webhook or {})}
    return Report(did=did, url=URL, webhook=GladlyWebhook(**shown), **more)


@pytest.mark.parametrize("did", list(Did))
def test_everything_has_its_sentence(did: Did):
    assert report(did).sentence.endswith(".")


def test_a_webhook_as_it_ought_to_be_needs_nothing():
    assert (report().well, report().hint) == (True, "")
    assert URL in report().sentence


@pytest.mark.parametrize(
    ("webhook", "said"),
    [
        ({"enabled": False}, "webhook enable"),
        ({"events": EVENTS[1:]}, f"does not report {EVENTS[0]}."),
        ({"events": EVENTS[2:]}, f"does not report {EVENTS[0]} and {EVENTS[1]}."),
        ({"events": (*EVENTS, "TASK/CREATED")}, "reports TASK/CREATED, which nobody here needs"),
        ({"enabled": False, "disabled_at_due_to_retry_limit": "2026-05-28T10:00:00Z"}, "engine"),
    ],
)
def test_what_is_not_as_it_ought_to_be_is_said_with_what_to_do(webhook: dict[str, Any], said: str):
    found = report(webhook=webhook)

    assert not found.well
    assert said in found.hint
    assert "gladly-source webhook" in found.hint


def test_gladlys_giving_up_is_told_with_its_time():
    off = {"enabled": False, "disabled_at_due_to_retry_limit": "2026-05-28T10:00:00Z\x1b[1m"}

    found = report(webhook=off)

    assert "switched the webhook off at 2026-05-28T10:00:00Z" in found.sentence
    assert "\x1b" not in found.sentence


def test_one_that_was_given_up_on_and_is_enabled_again_is_well():
    assert report(webhook={"disabled_at_due_to_retry_limit": "2026-05-28T10:00:00Z"}).well


def test_the_ping_is_told_when_it_came():
    assert "PING arrived" in report(Did.CREATED, pinged_at=1.0).sentence
    assert "PING" not in report(Did.CREATED).sentence


def test_a_rotation_that_waits_is_told():
    found = report(pending=True)

    assert not found.well
    assert "webhook rotate" in found.hint


def test_an_address_of_before_is_told():
    hint = report(others=("https://before.example.com/gladly/webhook",)).hint

    assert "for https://before.example.com/gladly/webhook: delete it there" in hint


def test_who_disables_it_is_not_told_to_enable_it():
    assert report(Did.DISABLED, webhook={"enabled": False}).hint == ""
    assert report(Did.DISABLED, webhook={"enabled": False}).well


def test_a_program_gets_the_names_of_gladly():
    shown = report(
        webhook={"enabled": False, "events": ("TASK/CREATED",), "header_keys": ("X-Token",)},
        pinged_at=0.0,
    ).as_json()

    assert json.loads(msgspec.json.encode(shown)) == {
        "result": "found",
        "url": URL,
        "id": "w",
        "enabled": False,
        "events": ["TASK/CREATED"],
        "missingEvents": list(EVENTS),
        "superfluousEvents": ["TASK/CREATED"],
        "disabledAtDueToRetryLimit": None,
        "hasCredentials": False,
        "headerKeys": ["X-Token"],
        "others": [],
        "rotationPending": False,
        "pingAt": shown["pingAt"],
        "sentence": shown["sentence"],
        "hint": shown["hint"],
    }


def test_a_program_is_told_that_there_is_none():
    shown = Report(did=Did.MISSING, url=URL).as_json()

    assert (shown["id"], shown["enabled"], shown["missingEvents"]) == (None, False, [])


@pytest.mark.parametrize(
    ("by_hand", "said"),
    [
        (("A", "A_NEXT"), "Put the new value into A before the next start. Then remove A_NEXT."),
        (
            ("C/a", "C/a-next"),
            "Put the new value into C/a before the next start. Then remove C/a-next.",
        ),
        (("A",), "Put the new value into A before the next start."),
        (("A_NEXT",), "Remove A_NEXT."),
    ],
)
def test_what_stands_in_the_environment_is_for_a_person_to_finish(
    by_hand: tuple[str, ...], said: str
):
    found = report(Did.ROTATED, pending=True, by_hand=by_hand)

    assert said in found.hint
    assert "rotate" not in found.hint
