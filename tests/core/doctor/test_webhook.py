"""The webhook in Gladly: there, switched on, and its address leads here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from core import __version__
from core.doctor.webhook import webhook
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.webhooks import WebhookChange

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.doctor.subject import Subject
    from core.settings import Settings

PUBLIC = "https://source.example.com"
URL = f"{PUBLIC}/gladly/webhook"


class World(httpx.AsyncBaseTransport):
    """A simulated Gladly, and what answers at the public URL."""

    def __init__(self) -> None:
        self.gladly = GladlySimulator(requests_per_second=0)
        self.here = True
        self._api = httpx.ASGITransport(self.gladly.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != "source.example.com":
            return await self._api.handle_async_request(request)
        if not self.here:
            raise httpx.ConnectError("away")
        return httpx.Response(200, json={"status": "ok", "version": __version__})


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def subject(make_subject: Callable[..., Subject], world: World) -> Subject:
    return make_subject(kept={"gladly-token": DEMO_TOKEN}, transport=world)


@pytest.fixture
def wanted(settings: Callable[..., Settings]) -> Callable[..., Settings]:
    def make(**gladly: Any) -> Settings:
        reached = {"url": "https://acme.gladly.com", "agent_email": DEMO_EMAIL, **gladly}
        return settings(gladly=reached, listener={"public_url": PUBLIC})

    return make


async def test_one_that_is_switched_on_and_leads_here_is_well(subject, wanted, world):
    world.gladly.add_webhook(URL)

    outcome = await webhook(subject, wanted())

    assert (outcome.verdict, outcome.code) == ("ok", "webhook.ok")


async def test_without_a_webhook_it_says_how_to_make_it(subject, wanted):
    outcome = await webhook(subject, wanted())

    assert (outcome.verdict, outcome.code) == ("warn", "webhook.missing")
    assert "webhook create" in outcome.hint


async def test_that_gladly_switched_it_off_fails(subject, wanted, world):
    world.gladly.webhooks.switch_off(world.gladly.add_webhook(URL).id)

    outcome = await webhook(subject, wanted())

    assert (outcome.verdict, outcome.code) == ("fail", "webhook.switched-off")
    assert "webhook enable" in outcome.hint


@pytest.mark.parametrize(("poll", "verdict"), [(True, "ok"), (False, "warn")])
async def test_disabled_by_a_person_is_well_where_polling_goes_on(
    subject, wanted, world, poll, verdict
):
    hooks = world.gladly.webhooks
    hooks.save(hooks.changed(world.gladly.add_webhook(URL), WebhookChange(enabled=False)))

    assert (await webhook(subject, wanted(poll=poll))).verdict == verdict


async def test_a_public_url_that_does_not_lead_here_wants_a_look(subject, wanted, world):
    world.gladly.add_webhook(URL)
    world.here = False

    outcome = await webhook(subject, wanted())

    assert (outcome.verdict, outcome.code) == ("warn", "webhook.unreachable")
    assert "cannot be reached" in outcome.title
    assert outcome.hint


async def test_where_none_is_expected_nothing_is_looked_at(make_subject, settings, wanted):
    assert (await webhook(make_subject(), settings())).verdict == "skip"
    reached = {"url": "https://acme.gladly.com", "agent_email": DEMO_EMAIL}
    assert (await webhook(make_subject(), settings(gladly=reached))).verdict == "skip"


async def test_what_keeps_from_looking_is_said(make_subject, wanted):
    outcome = await webhook(make_subject(), wanted())

    assert (outcome.verdict, outcome.code) == ("fail", "secret.missing")
