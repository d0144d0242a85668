"""The doctor's checks of what is typed: the typed value counts, and nothing is kept."""

from __future__ import annotations

import asyncio
import ssl
import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from core.ingest.server import bind
from core.settings import Segment, Settings
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN
from gui.setup import checks as module
from gui.setup.draft import Draft
from tests.gui.setup.conftest import KEY, PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.simulator.gladly import GladlySimulator
    from gui.session import Session
    from gui.setup.card import Tools
    from gui.setup.checks import Checks
    from tests.fakes import MemorySecrets
    from tests.gui.setup.conftest import World

OTHER_KEY = "Z" * 32


@pytest.fixture
def checks(tools: Tools) -> Checks:
    return tools.checks


def typed_key(key: str, **segment: object) -> Draft:
    settings = Settings(segment=Segment(**segment))  # type: ignore[arg-type]
    return Draft(settings=settings).with_secret("write-key", key)


async def test_a_good_key_is_green_and_says_what_it_does_not_prove(
    checks: Checks, vault: MemorySecrets
) -> None:
    outcome = await checks.source(typed_key(KEY))

    assert (outcome.verdict, outcome.code) == ("ok", "write_key.known")
    assert "European Union" in outcome.hint
    assert vault.values == {}


async def test_an_unknown_key_is_amber_and_names_the_other_region(checks: Checks) -> None:
    outcome = await checks.source(typed_key(OTHER_KEY, region="eu"))

    assert (outcome.verdict, outcome.code) == ("warn", "write_key.unknown")
    assert "United States" in outcome.hint


async def test_without_a_network_segment_is_not_reached(checks: Checks, world: World) -> None:
    world.offline = True

    outcome = await checks.source(typed_key(KEY))

    assert (outcome.verdict, outcome.code) == ("fail", "segment.unreachable")
    assert "network" in outcome.hint


async def test_an_odd_key_that_is_unknown_is_copied_again(checks: Checks) -> None:
    outcome = await checks.source(typed_key("short"))

    assert outcome.code == "write_key.shape"
    assert "Copy it again" in outcome.hint


async def test_without_a_key_there_is_nothing_to_check(checks: Checks, world: World) -> None:
    world.offline = True

    outcome = await checks.source(Draft())

    assert outcome.verdict == "skip"
    assert outcome.title == "Paste the write key first."


async def test_a_host_of_ones_own_that_answers_says_nothing_of_the_write_key(
    checks: Checks, world: World
) -> None:
    outcome = await checks.source(typed_key(KEY, host=world.segment.url))

    assert (outcome.verdict, outcome.code) == ("skip", "write_key.own_host")
    assert "answers" in outcome.title
    assert "not checked" in outcome.title
    assert "do not prove the write key" in outcome.hint


async def test_a_host_of_ones_own_that_is_away_is_told(checks: Checks, world: World) -> None:
    world.offline = True

    outcome = await checks.source(typed_key(KEY, host=world.segment.url))

    assert (outcome.verdict, outcome.code) == ("fail", "segment.unreachable")


async def test_the_kept_key_is_checked_when_none_is_typed(
    checks: Checks, vault: MemorySecrets
) -> None:
    vault.set("write-key", KEY)

    assert (await checks.source(Draft())).code == "write_key.known"


def gladly_draft(url: str, token: str = DEMO_TOKEN) -> Draft:
    draft = Draft().with_section("gladly", url=url, agent_email=DEMO_EMAIL)
    return draft.with_secret("gladly-token", token)


async def test_gladly_names_the_organisation(checks: Checks, gladly: GladlySimulator) -> None:
    outcome = await checks.gladly(gladly_draft(gladly.url))  # type: ignore[attr-defined]

    assert outcome.verdict == "ok"
    assert "admits us to" in outcome.title


async def test_a_wrong_token_is_refused_and_says_what_to_compare(
    checks: Checks, gladly: GladlySimulator
) -> None:
    outcome = await checks.gladly(gladly_draft(gladly.url, "wrong"))  # type: ignore[attr-defined]

    assert (outcome.verdict, outcome.code) == ("fail", "gladly.unauthorized")
    assert "API User" in outcome.hint
    assert "gladly." not in outcome.hint.replace("gladly.com", "")


async def test_a_gladly_that_is_not_there_is_told(checks: Checks) -> None:
    outcome = await checks.gladly(gladly_draft("https://nobody.gladly.com"))

    assert (outcome.verdict, outcome.code) == ("fail", "gladly.unavailable")
    assert "gladly.url" not in outcome.hint


async def test_without_an_address_gladly_cannot_be_asked(checks: Checks) -> None:
    outcome = await checks.gladly(Draft())

    assert outcome.verdict == "skip"
    assert "address" in outcome.title


async def test_a_free_port_is_green(checks: Checks, free_port: int) -> None:
    draft = Draft().with_section("listener", port=free_port)

    assert (await checks.port(draft)).code == "port.free"


async def test_a_taken_port_is_named_and_another_offered(
    checks: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.doctor.listening.ANSWER_SECONDS", 0.2)
    sock = bind("127.0.0.1", 0)
    with sock:
        port = sock.getsockname()[1]
        outcome = await checks.port(Draft().with_section("listener", port=port))

    assert outcome.verdict == "fail"
    assert str(port) in outcome.title
    assert int(outcome.detail["free"]) > port


async def test_a_keyring_that_hangs_counts_as_none(
    first_start: Callable[..., Session],
    make_tools: Callable[[Session], Tools],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hold = threading.Event()

    class Hanging:
        def get(self, _: str) -> None:
            hold.wait(PATIENCE / 1000)

    monkeypatch.setattr(module, "KEYRING_SECONDS", 0.05)
    checks = make_tools(first_start(running=False, place=Hanging())).checks

    kept = await checks.kept()
    shown = await checks.reveal(("write-key",))
    hold.set()

    assert kept.known
    assert "did not answer" in kept.problem
    assert shown == {}


async def test_a_taken_port_with_no_other_to_offer_is_still_told(
    checks: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.doctor.listening.ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(module, "free_port", lambda *_: None)
    with bind("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        outcome = await checks.port(Draft().with_section("listener", port=port))

    assert outcome.verdict == "fail"
    assert "free" not in outcome.detail


async def test_a_check_that_hangs_is_given_up(
    checks: Checks, monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    async def hang(*_: object) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(module, "CHECK_SECONDS", 0.05)
    monkeypatch.setattr(type(world), "handle_async_request", hang)

    outcome = await checks.segment(Draft())

    assert (outcome.verdict, outcome.code) == ("fail", "timeout")


async def test_secrets_are_looked_up_and_shown_where_asked_for(
    first_start: Callable[..., Session],
    make_tools: Callable[[Session], Tools],
    vault: MemorySecrets,
) -> None:
    vault.set("webhook-password", "kept")
    environ = {"GLADLY_SOURCE_GLADLY_TOKEN": "given"}
    checks = make_tools(first_start(running=False, **environ)).checks

    kept = await checks.kept()
    shown = await checks.reveal(("webhook-password", "gladly-token", "write-key"))

    assert set(kept.places) == {"webhook-password", "gladly-token"}
    assert shown == {"webhook-password": "kept", "gladly-token": "given"}


@pytest.mark.parametrize(
    ("response", "verdict", "code"),
    [
        (httpx.Response(405, json={"error": "method not allowed"}), "ok", "public_url.ours"),
        (httpx.Response(404, json={"error": "not found"}), "fail", "public_url.path"),
        (httpx.Response(502, text="Bad gateway"), "fail", "public_url.gateway"),
        (httpx.Response(200, text="<html>"), "fail", "public_url.elsewhere"),
        (httpx.Response(405, json=[1]), "fail", "public_url.elsewhere"),
    ],
)
async def test_what_answers_at_the_public_url_is_told_apart(
    checks: Checks, world: World, response: httpx.Response, verdict: str, code: str
) -> None:
    world.answers["hooks.example.com"] = response
    draft = Draft().with_section("listener", public_url="https://hooks.example.com")

    outcome = await checks.public_url(draft)

    assert (outcome.verdict, outcome.code) == (verdict, code)


async def test_a_tunnel_that_is_off_is_told(checks: Checks) -> None:
    draft = Draft().with_section("listener", public_url="https://off.example.com")

    outcome = await checks.public_url(draft)

    assert outcome.code == "public_url.unreachable"
    assert "tunnel" in outcome.hint


@pytest.mark.parametrize(
    ("error", "code", "word"),
    [
        (ssl.SSLCertVerificationError("self-signed"), "public_url.tls", "certificate"),
        (httpx.ConnectTimeout("slow"), "public_url.timeout", "tunnel"),
        (httpx.ProxyError("no"), "public_url.proxy", "HTTPS_PROXY"),
    ],
)
async def test_advice_on_a_public_url_goes_by_the_cause(  # noqa: PLR0917 - fixtures
    checks: Checks,
    monkeypatch: pytest.MonkeyPatch,
    world: World,
    error: Exception,
    code: str,
    word: str,
) -> None:
    async def fail(*_: object) -> httpx.Response:
        if isinstance(error, ssl.SSLError):
            raise httpx.ConnectError("no") from error
        raise error

    monkeypatch.setattr(type(world), "handle_async_request", fail)
    draft = Draft().with_section("listener", public_url="https://hooks.example.com")

    outcome = await checks.public_url(draft)

    assert outcome.code == code
    assert word in outcome.hint
    assert ("Start the tunnel" in outcome.hint) is (word == "tunnel")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_public_url_of_this_computer_is_no_use_to_gladly(
    checks: Checks, world: World, scheme: str
) -> None:
    world.answers["127.0.0.1"] = httpx.Response(405, json={"error": "method not allowed"})
    draft = Draft().with_section("listener", public_url=f"{scheme}://127.0.0.1:8377")

    outcome = await checks.public_url(draft)

    assert (outcome.verdict, outcome.code) == ("warn", "public_url.local")
    assert "Gladly" in outcome.title


async def test_without_a_public_url_there_is_nothing_to_ask(checks: Checks) -> None:
    assert (await checks.public_url(Draft())).verdict == "skip"


ODD = ("http://acme.example.com", "https://[::1", "https://xn--zzzzzz-.com")


@pytest.mark.parametrize("url", ODD)
async def test_nobody_is_asked_at_an_address_that_is_not_safe(
    checks: Checks, monkeypatch: pytest.MonkeyPatch, world: World, url: str
) -> None:
    asked: list[httpx.Request] = []

    async def listen(_: object, request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200)

    monkeypatch.setattr(type(world), "handle_async_request", listen)
    public = Draft().with_section("listener", public_url=url)

    outcomes = [
        await checks.gladly(gladly_draft(url)),
        await checks.source(typed_key(KEY, host=url)),
        await checks.segment(typed_key(KEY, host=url)),
        await checks.public_url(public),
    ]

    assert [outcome.verdict for outcome in outcomes] == ["fail"] * 4
    assert asked == []
