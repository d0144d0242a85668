"""What may be saved as a webhook, and what it shows."""

from __future__ import annotations

import random

import pytest

from core.simulator.webhooks import (
    KINDS,
    MAX_WEBHOOKS,
    Credentials,
    WebhookChange,
    WebhookRefused,
    WebhookRegistry,
)

URL = "https://hooks.example.com/gladly"


@pytest.fixture
def registry(clock) -> WebhookRegistry:
    return WebhookRegistry(random.Random(1), clock)


def change(url: str = URL, **fields: object) -> WebhookChange:
    return WebhookChange(url=url, events=["CONVERSATION/CLOSED"], **fields)


def test_there_are_as_many_kinds_as_in_the_openapi_document():
    assert len(KINDS) == 52


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        (URL, True),
        ("http://127.0.0.1:8377/x", True),
        ("http://localhost/x", True),
        ("http://[::1]:80/x", True),
        ("http://hooks.example.com/x", False),
        ("ftp://127.0.0.1/x", False),
        ("https://", False),
        ("http://[::1/x", False),
        ("nonsense", False),
    ],
)
def test_a_url_must_be_https_or_on_this_machine(registry, url, allowed):
    if allowed:
        assert registry.draft(change(url)).url == url
    else:
        with pytest.raises(WebhookRefused, match="HTTPS"):
            registry.draft(change(url))


@pytest.mark.parametrize(
    ("wanted", "attr"),
    [
        (WebhookChange(events=["CONVERSATION/CLOSED"]), "url"),
        (WebhookChange(url=URL), "events"),
        (WebhookChange(url=URL, events=[]), "events"),
        (WebhookChange(url=URL, events=["CONVERSATION/EXPLODED"]), "events"),
    ],
)
def test_says_which_attribute_is_wrong(registry, wanted, attr):
    with pytest.raises(WebhookRefused) as refused:
        registry.draft(wanted)

    assert refused.value.attr == attr


def test_a_url_is_unique_but_may_be_kept(registry):
    first = registry.draft(change())
    registry.save(first)

    with pytest.raises(WebhookRefused, match="already exists"):
        registry.draft(change())
    assert registry.changed(first, change(name="again")).name == "again"


def test_there_are_at_most_20(registry):
    for number in range(MAX_WEBHOOKS):
        registry.save(registry.draft(change(f"{URL}/{number}")))

    with pytest.raises(WebhookRefused, match="at most 20"):
        registry.draft(change())


def test_secrets_are_never_shown(registry):
    secret = Credentials("gladly", "hunter2")
    shown = registry.draft(change(credentials=secret, headers={"X-Token": "s3cret"})).public()

    assert (shown["hasCredentials"], shown["headerKeys"]) == (True, ["X-Token"])
    assert not {"hunter2", "s3cret"} & set(str(shown).replace("'", " ").split())


def test_switching_off_is_dated_until_it_is_enabled_again(registry):
    webhook = registry.draft(change(enabled=True))
    registry.save(webhook)

    registry.switch_off(webhook.id)
    off = registry.get(webhook.id)
    on = registry.changed(off, WebhookChange(enabled=True))

    assert (off.enabled, "disabledAtDueToRetryLimit" in off.public()) == (False, True)
    assert (on.enabled, "disabledAtDueToRetryLimit" in on.public()) == (True, False)


def test_only_a_disabled_one_can_be_deleted(registry):
    webhook = registry.draft(change(enabled=True))
    registry.save(webhook)

    with pytest.raises(WebhookRefused, match="must be disabled"):
        registry.delete(webhook.id)
    registry.switch_off(webhook.id)
    registry.delete(webhook.id)

    assert registry.all() == []
