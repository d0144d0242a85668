"""The webhook in Gladly from end to end: a real engine, a simulated Gladly, real sockets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
import pytest

from core.control import ControlClient
from core.errors import (
    GladlyError,
    GladlyRefused,
    GladlyUnauthorized,
    GladlyUnavailable,
    OperationError,
    SecretMissing,
    StoreInUse,
)
from core.gladly.webhooks import EVENTS
from core.ingest import auth as auth_module
from core.registration.report import Did
from core.simulator.webhooks import MAX_WEBHOOKS, WebhookChange
from tests.core.registration.conftest import Losing
from tests.fakes import MemorySecrets, gladly_event

if TYPE_CHECKING:
    from core.simulator.gladly import GladlySimulator
    from core.simulator.webhooks import Webhook
    from tests.core.registration.conftest import Installation


def only(gladly: GladlySimulator) -> Webhook:
    (webhook,) = gladly.webhooks.all()
    return webhook


def password(gladly: GladlySimulator) -> str:
    credentials = only(gladly).credentials
    assert credentials is not None
    return credentials.password


# --- create ------------------------------------------------------------------------------------


async def test_create_makes_an_enabled_webhook_whose_ping_is_seen(
    installation: Installation, gladly: GladlySimulator
):
    report = await installation.office().create()

    made = only(gladly)
    assert (made.url, made.enabled, made.events) == (installation.url, True, EVENTS)
    assert (report.did, report.well) == (Did.CREATED, True)
    assert report.pinged_at is not None
    assert installation.post(password(gladly)) == 200


async def test_create_twice_makes_one(installation: Installation, gladly: GladlySimulator):
    await installation.office().create()
    again = await installation.office().create()

    assert only(gladly).enabled
    assert again.did is Did.CHANGED


async def test_create_sets_right_what_somebody_changed(
    installation: Installation, gladly: GladlySimulator
):
    await installation.office().create()
    ours = only(gladly)
    other = WebhookChange(events=["TASK/CREATED"], enabled=False)
    gladly.webhooks.save(gladly.webhooks.changed(ours, other))

    report = await installation.office().create()

    assert (only(gladly).id, only(gladly).events, only(gladly).enabled) == (ours.id, EVENTS, True)
    assert report.did is Did.CHANGED


async def test_credentials_are_made_where_there_are_none(
    installation: Installation, gladly: GladlySimulator
):
    del installation.place.values["webhook-password"]

    await installation.office().create()

    made = installation.place.values["webhook-password"]
    assert len(made) >= 24
    assert password(gladly) == made
    assert installation.post(made) == 200  # the engine that runs was told


async def test_without_a_keyring_to_keep_them_both_ways_are_named(installation: Installation):
    installation.environ = {"GLADLY_SOURCE_GLADLY_TOKEN": "simulated-gladly-token"}
    installation.place = MemorySecrets(available=False)

    with pytest.raises(SecretMissing) as caught:
        await installation.office().create()

    assert "secret set webhook-password" in caught.value.hint
    assert "GLADLY_SOURCE_WEBHOOK_PASSWORD_FILE" in caught.value.hint


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("before", [True, False], ids=["never arrived", "answer lost"])
async def test_an_answer_that_is_lost_does_not_make_two(
    installation: Installation, gladly: GladlySimulator, method: str, before: bool
):
    network = Losing(method, before=before)

    report = await installation.office(transport=network).create()

    assert only(gladly).enabled
    assert report.did is Did.CREATED


async def test_what_stays_out_of_reach_is_said_and_what_to_do(
    installation: Installation, gladly: GladlySimulator
):
    network = Losing("POST", times=99, before=True)

    with pytest.raises(GladlyUnavailable, match="cannot be reached") as caught:
        await installation.office(transport=network).create()

    assert network.seen.count("POST") == 3
    assert "nothing is made twice" in caught.value.hint


async def test_a_captive_portal_makes_nothing(installation: Installation, gladly: GladlySimulator):
    gladly.faults.set(["html-200"])

    with pytest.raises(GladlyUnavailable):
        await installation.office().create()


async def test_the_twenty_first_is_refused_before_anything_is_made(
    installation: Installation, gladly: GladlySimulator
):
    for number in range(MAX_WEBHOOKS):
        gladly.add_webhook(f"https://other.example.com/{number}")
    installation.place.values.pop("webhook-password")
    network = Losing("POST", times=0)

    with pytest.raises(OperationError, match="allows 20 webhooks"):
        await installation.office(transport=network).create()

    assert "POST" not in network.seen
    assert "webhook-password" not in installation.place.values


async def test_a_ping_that_nobody_answers_is_gladlys_refusal_with_what_to_start(
    installation: Installation, gladly: GladlySimulator
):
    installation.stop()

    with pytest.raises(GladlyRefused, match="PING") as caught:
        await installation.office().create()

    assert gladly.webhooks.all() == []
    assert "gladly-source serve" in caught.value.hint
    assert "first" not in str(caught.value)


async def test_a_ping_that_goes_elsewhere_says_where_to_look(
    installation: Installation, gladly: GladlySimulator
):
    settings = installation.settings()
    wrong = msgspec.structs.replace(settings.listener, path="/elsewhere")

    with pytest.raises(GladlyRefused) as caught:
        await installation.office(msgspec.structs.replace(settings, listener=wrong)).create()

    assert f"{wrong.public_url}/healthz" in caught.value.hint


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        ("401", GladlyUnauthorized, "agent e-mail or the API token"),
        ("403", GladlyUnauthorized, "manage webhooks"),
        ("404", GladlyUnavailable, "no Gladly at"),
        ("503", GladlyUnavailable, "fails inside"),
    ],
)
async def test_every_step_says_why_gladly_does_not_let_it(
    installation: Installation,
    gladly: GladlySimulator,
    fault: str,
    error: type[GladlyError],
    said: str,
):
    gladly.faults.set([fault])
    for step in ("create", "status", "enable", "disable", "delete", "rotate"):
        with pytest.raises(error, match=said) as caught:
            await getattr(installation.office(), step)()

        assert caught.value.hint
        assert "by itself" not in caught.value.hint


async def test_a_wrong_token_is_said(installation: Installation):
    installation.place.values["gladly-token"] = "wrong"

    with pytest.raises(GladlyUnauthorized, match="401"):
        await installation.office().status()


async def test_a_gladly_that_is_not_there_is_said(installation: Installation):
    nowhere = installation.settings(url="http://127.0.0.1:1")

    with pytest.raises(GladlyUnavailable, match="cannot be reached"):
        await installation.office(nowhere).status()


async def test_without_gladlys_address_it_says_what_to_set(installation: Installation):
    with pytest.raises(OperationError, match=r"gladly\.url is not set") as caught:
        await installation.office(installation.settings(url=None)).create()

    assert "secret set gladly-token" in caught.value.hint


async def test_header_authentication_sends_the_header(
    installation: Installation, gladly: GladlySimulator
):
    installation.stop()
    installation._settings = {"listener__auth": "header"}
    installation.place.values["webhook-token"] = "tok"
    installation.start()

    report = await installation.office().create()

    assert (only(gladly).headers, only(gladly).credentials) == ({"X-Gladly-Token": "tok"}, None)
    assert report.webhook is not None
    assert report.webhook.header_keys == ("X-Gladly-Token",)


# --- status, enable, disable, delete -----------------------------------------------------------


async def test_status_tells_that_there_is_none(installation: Installation):
    report = await installation.office().status()

    assert (report.did, report.well) == (Did.MISSING, False)
    assert "webhook create" in report.hint


async def test_a_webhook_that_gladly_gave_up_on_is_told_and_comes_back(
    installation: Installation, gladly: GladlySimulator
):
    await installation.office().create()
    gladly.webhooks.switch_off(only(gladly).id)

    found = await installation.office().status()
    enabled = await installation.office().enable()

    assert "switched the webhook off" in found.sentence
    assert "webhook enable" in found.hint
    assert (enabled.did, enabled.well, only(gladly).enabled) == (Did.ENABLED, True, True)
    assert enabled.pinged_at is not None


async def test_disable_then_enable_twice(installation: Installation, gladly: GladlySimulator):
    await installation.office().create()

    steps = [
        await installation.office().disable(),
        await installation.office().disable(),
        await installation.office().enable(),
        await installation.office().enable(),
    ]

    assert [one.did for one in steps] == [Did.DISABLED, Did.KEPT, Did.ENABLED, Did.KEPT]


@pytest.mark.parametrize("enabled", [True, False])
async def test_delete_disables_first(
    installation: Installation, gladly: GladlySimulator, enabled: bool
):
    await installation.office().create()
    if not enabled:
        await installation.office().disable()

    report = await installation.office().delete()

    assert (report.did, gladly.webhooks.all()) == (Did.DELETED, [])


async def test_a_delete_whose_answer_is_lost_is_done(
    installation: Installation, gladly: GladlySimulator
):
    await installation.office().create()

    await installation.office(transport=Losing("DELETE")).delete()

    assert gladly.webhooks.all() == []


@pytest.mark.parametrize("step", ["enable", "disable", "delete", "rotate"])
async def test_what_is_not_there_cannot_be_changed(installation: Installation, step: str):
    with pytest.raises(OperationError, match="no webhook in Gladly"):
        await getattr(installation.office(), step)()

    assert set(installation.place.values) == {"gladly-token", "webhook-password"}


# --- rotation ----------------------------------------------------------------------------------


async def test_new_credentials_are_in_use_at_once_and_the_old_ones_end(
    installation: Installation, gladly: GladlySimulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(auth_module, "GRACE_SECONDS", 0.0)
    await installation.office().create()

    report = await installation.office().rotate()

    new = password(gladly)
    assert (report.did, report.well) == (Did.ROTATED, True)
    assert new != "first"
    assert installation.place.values["webhook-password"] == new
    assert "webhook-password-next" not in installation.place.values
    assert (installation.post(new), installation.post("first")) == (200, 401)


async def test_what_gladly_sends_during_rotations_is_never_refused(
    installation: Installation, gladly: GladlySimulator
):
    await installation.office().create()
    rotated = asyncio.Event()
    sent = 0

    def arrived() -> bool:
        return gladly.sender.delivered >= sent

    async def traffic() -> None:
        nonlocal sent
        while not rotated.is_set():
            gladly.publish(gladly_event("CONVERSATION/CLOSED", id=f"e{sent}"))
            sent += 1
            await asyncio.to_thread(gladly.wait_until, arrived, 10)

    async with asyncio.TaskGroup() as group:
        group.create_task(traffic())
        for _ in range(4):
            await installation.office().rotate()
        rotated.set()

    assert sent > 4
    assert gladly.wait_until(lambda: gladly.sender.pending == 0, 10)
    assert (gladly.sender.delivered, gladly.sender.failures) == (sent, 0)
    assert installation.rig is not None
    assert installation.rig.engine._totals()["unauthorized_requests"] == 0


@pytest.mark.parametrize("before", [True, False], ids=["never arrived", "answer lost"])
async def test_a_rotation_whose_answer_is_lost_is_sent_again(
    installation: Installation, gladly: GladlySimulator, before: bool
):
    await installation.office().create()

    report = await installation.office(transport=Losing("PATCH", before=before)).rotate()

    assert report.did is Did.ROTATED
    assert installation.place.values["webhook-password"] == password(gladly)


@pytest.mark.parametrize("before", [True, False], ids=["never arrived", "answer lost"])
async def test_a_rotation_that_gladly_does_not_confirm_leaves_both_right(
    installation: Installation, gladly: GladlySimulator, before: bool
):
    await installation.office().create()
    network = Losing("PATCH", times=99, before=before)

    with pytest.raises(GladlyUnavailable, match="not confirmed") as caught:
        await installation.office(transport=network).rotate()

    new = installation.place.values["webhook-password-next"]
    assert "webhook rotate" in caught.value.hint
    assert new not in str(caught.value)
    assert (installation.post("first"), installation.post(new)) == (200, 200)
    installation.stop()
    installation.start()
    assert (installation.post("first"), installation.post(new)) == (200, 200)
    status = await installation.office().status()
    assert (status.pending, status.well) == (True, False)
    assert "rotate" in status.hint


@pytest.mark.parametrize("step", ["rotate", "create"])
async def test_the_next_one_finishes_a_rotation_that_was_cut_off(
    installation: Installation,
    gladly: GladlySimulator,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
):
    monkeypatch.setattr(auth_module, "GRACE_SECONDS", 0.0)
    await installation.office().create()
    with pytest.raises(GladlyUnavailable):
        await installation.office(transport=Losing("PATCH", times=99)).rotate()
    new = installation.place.values["webhook-password-next"]
    installation.stop()
    installation.start()

    report = await getattr(installation.office(), step)()

    assert report.well
    assert password(gladly) == new == installation.place.values["webhook-password"]
    assert "webhook-password-next" not in installation.place.values
    assert (installation.post(new), installation.post("first")) == (200, 401)


async def test_a_crash_after_gladly_confirmed_loses_nothing(
    installation: Installation, gladly: GladlySimulator, monkeypatch: pytest.MonkeyPatch
):
    class Crash(Exception):
        """Stands for a power cut."""

    await installation.office().create()
    keep = installation.place.set

    def cut_off(name: str, value: str) -> None:
        if name == "webhook-password":
            raise Crash
        keep(name, value)

    monkeypatch.setattr(installation.place, "set", cut_off)
    with pytest.raises(Crash):
        await installation.office().rotate()
    monkeypatch.undo()
    new = password(gladly)
    assert (installation.post("first"), installation.post(new)) == (200, 200)
    installation.stop()
    installation.start()
    assert (installation.post("first"), installation.post(new)) == (200, 200)

    await installation.office().rotate()

    assert installation.place.values["webhook-password"] == new == password(gladly)


async def test_without_an_engine_the_next_start_has_the_new_ones(
    installation: Installation, gladly: GladlySimulator
):
    await installation.office().create()
    installation.stop()

    await installation.office().rotate()
    installation.start()

    assert (installation.post(password(gladly)), installation.post("first")) == (200, 401)


async def test_credentials_of_the_environment_are_not_changed_behind_its_back(
    installation: Installation, gladly: GladlySimulator
):
    await installation.office().create()
    installation.environ = {"GLADLY_SOURCE_WEBHOOK_PASSWORD": "first"}

    with pytest.raises(OperationError, match="GLADLY_SOURCE_WEBHOOK_PASSWORD") as caught:
        await installation.office().rotate()

    assert "GLADLY_SOURCE_WEBHOOK_PASSWORD_NEXT" in caught.value.hint
    assert password(gladly) == "first"


async def test_the_environment_may_name_the_next_ones(
    installation: Installation, gladly: GladlySimulator
):
    await installation.office().create()
    installation.environ = {
        "GLADLY_SOURCE_WEBHOOK_PASSWORD": "first",
        "GLADLY_SOURCE_WEBHOOK_PASSWORD_NEXT": "second",
    }

    report = await installation.office().rotate()

    assert password(gladly) == "second"
    assert installation.post("second") == 200
    assert "new value into GLADLY_SOURCE_WEBHOOK_PASSWORD before" in report.hint
    assert "remove GLADLY_SOURCE_WEBHOOK_PASSWORD_NEXT" in report.hint


async def test_an_engine_that_cannot_be_told_in_the_end_is_said(
    installation: Installation, gladly: GladlySimulator, monkeypatch: pytest.MonkeyPatch
):
    await installation.office().create()

    async def silent(*_: object) -> None:
        raise StoreInUse("It does not answer.")

    monkeypatch.setattr(ControlClient, "accept_only", silent)
    with pytest.raises(OperationError, match="Gladly has the new credentials") as caught:
        await installation.office().rotate()

    assert "Restart" in caught.value.hint
    assert installation.place.values["webhook-password"] == password(gladly)


async def test_a_moved_tunnel_makes_a_second_one_and_the_first_is_named(
    installation: Installation, gladly: GladlySimulator
):
    await installation.office().create()
    before = installation.url
    moved = msgspec.structs.replace(
        installation.settings().listener, public_url=f"http://localhost:{installation._port}"
    )

    report = await installation.office(
        msgspec.structs.replace(installation.settings(), listener=moved)
    ).create()

    assert (report.did, report.others) == (Did.CREATED, (before,))
    assert before in report.hint


async def test_nothing_to_rotate_without_credentials(installation: Installation):
    await installation.office().create()
    settings = installation.settings()
    bare = msgspec.structs.replace(
        settings, listener=msgspec.structs.replace(settings.listener, auth="none")
    )

    with pytest.raises(OperationError, match=r"listener\.auth is none"):
        await installation.office(bare).rotate()
