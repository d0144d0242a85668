"""Webhooks are managed as Gladly documents it, PING included."""

from __future__ import annotations

import base64

import pytest

from core.simulator.gladly import GladlySimulator

CREDENTIALS = {"username": "gladly", "password": "hunter2"}
BASIC = "Basic " + base64.b64encode(b"gladly:hunter2").decode()


def body(url: str, **fields: object) -> dict[str, object]:
    return {"url": url, "events": ["CONVERSATION/CLOSED"], **fields}


async def test_a_new_webhook_is_disabled_and_not_pinged(api, receiver):
    created = await api.post("/webhooks", json=body(receiver.url, name="ours"))
    [shown] = (await api.get("/webhooks")).json()

    assert (201, f"/api/v1/webhooks/{shown['id']}") == (
        created.status_code,
        created.headers["Location"],
    )
    assert (shown["enabled"], shown["name"], receiver.bodies) == (False, "ours", [])


async def test_a_ping_carries_the_credentials(api, receiver):
    wanted = body(
        receiver.url, enabled=True, credentials=CREDENTIALS, headers={"X-Gladly-Token": "t"}
    )

    created = await api.post("/webhooks", json=wanted)

    assert created.status_code == 201
    assert [sent["type"] for sent in receiver.bodies] == ["PING"]
    [headers] = receiver.headers
    assert (headers["authorization"], headers["x-gladly-token"]) == (BASIC, "t")


async def test_a_ping_may_come_without_credentials(clock, gladly_client, receiver):
    gladly = GladlySimulator(now=clock, ping_credentials=False)

    async with gladly_client(gladly) as client:
        await client.post(
            "/webhooks", json=body(receiver.url, enabled=True, credentials=CREDENTIALS)
        )

    assert "authorization" not in receiver.headers[0]


async def test_an_unanswered_ping_saves_nothing(gladly, api, receiver):
    receiver.default = 500

    refused = await api.post("/webhooks", json=body(receiver.url, enabled=True))

    assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (400, "url")
    assert gladly.webhooks.all() == []


async def test_enabling_or_moving_pings_and_other_changes_do_not(gladly, api, receiver):
    await api.post("/webhooks", json=body("https://hooks.example.com/x"))
    [webhook] = gladly.webhooks.all()
    path = f"/webhooks/{webhook.id}"

    for change in ({"name": "new"}, {"url": receiver.url}, {"enabled": True}, {"enabled": True}):
        assert (await api.patch(path, json=change)).status_code == 204

    assert [sent["type"] for sent in receiver.bodies] == ["PING", "PING"]
    assert (gladly.webhooks.all()[0].name, gladly.webhooks.all()[0].enabled) == ("new", True)


async def test_must_be_disabled_before_it_is_deleted(gladly, api):
    webhook = gladly.add_webhook("http://127.0.0.1:1/hook")
    path = f"/webhooks/{webhook.id}"

    refused = await api.delete(path)
    await api.patch(path, json={"enabled": False})
    deleted = await api.delete(path)

    assert (refused.status_code, deleted.status_code) == (400, 204)
    assert (await api.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("content", "attr"),
    [
        (b"{", "body"),
        (b'{"url": 1}', "url"),
        (b'{"credentials": {"username": "u"}}', "credentials"),
        (b'{"name": "' + b"n" * 201 + b'"}', "name"),
        (b'{"events": ["CONVERSATION/CLOSED"]}', "url"),
    ],
)
async def test_a_bad_body_is_400_and_names_the_attribute(api, content, attr):
    answer = await api.post("/webhooks", content=content)

    assert (400, attr) == (answer.status_code, answer.json()["errors"][0]["attr"])


async def test_secrets_can_be_taken_away(gladly, api):
    webhook = gladly.add_webhook("http://127.0.0.1:1/hook", username="u", headers={"X-A": "b"})

    await api.patch(f"/webhooks/{webhook.id}", json={"credentials": None, "headers": None})

    shown = (await api.get(f"/webhooks/{webhook.id}")).json()
    assert (shown["hasCredentials"], shown["headerKeys"]) == (False, [])


async def test_reading_one_shows_no_secret(gladly, api):
    webhook = gladly.add_webhook("http://127.0.0.1:1/hook", username="u", password="hunter2")

    assert "hunter2" not in (await api.get(f"/webhooks/{webhook.id}")).text
