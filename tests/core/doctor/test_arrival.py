"""Whether events can arrive at all is said before somebody waits for them in vain."""

from __future__ import annotations

import pytest

from core.doctor import arrival

GLADLY = {"url": "https://acme.gladly.com", "agent_email": "a@b.example"}
URL = {"public_url": "https://hooks.example.com"}


@pytest.mark.parametrize(
    ("sections", "code", "words"),
    [
        ({"listener": URL}, "arrival.webhook", "hooks.example.com"),
        ({"gladly": GLADLY}, "arrival.poll", "every 30 seconds; no public URL is needed"),
        ({"gladly": GLADLY, "listener": URL}, "arrival.both", "and by polling"),
        ({"gladly": GLADLY, "listener": {"enabled": False}}, "arrival.poll", "by polling"),
    ],
)
async def test_a_way_in_is_named(make_subject, settings, sections, code, words):
    chosen = settings(**sections)

    outcome = await arrival.public_url(make_subject(settings=chosen), chosen)

    assert (outcome.name, outcome.verdict, outcome.code) == ("public-url", "ok", code)
    assert words in outcome.title


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({}, "Gladly cannot reach this computer"),
        ({"gladly": {**GLADLY, "poll": False}}, "Gladly cannot reach this computer"),
        ({"listener": {**URL, "enabled": False}}, "the listener is switched off"),
    ],
)
async def test_where_nothing_can_arrive_it_warns(make_subject, settings, sections, words):
    chosen = settings(**sections)

    outcome = await arrival.public_url(make_subject(settings=chosen), chosen)

    assert (outcome.verdict, outcome.code) == ("warn", "arrival.none")
    assert words in outcome.title
    assert "listener.public_url" in outcome.hint
