"""The probe: whether the public URL leads to this listener, the way Gladly's calls take."""

from __future__ import annotations

import json
import ssl
from typing import TYPE_CHECKING

import httpx
import pytest

from core import __version__
from core.ingest.probe import MAX_BYTES, Probe
from core.settings import Listener
from tests.fakes.rig import Rig

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LISTENER = Listener(public_url="https://gladly.example.com/in/")


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> Probe:
    return Probe(LISTENER, transport=httpx.MockTransport(answer))


async def asked(answer: Callable[[httpx.Request], httpx.Response]) -> str:
    probe = answering(answer)
    try:
        return await probe.ask()
    finally:
        await probe.aclose()


def says(status: int, /, **said: str) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, text=json.dumps(said))


def fails(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    return answer


async def test_a_real_listener_is_found_at_its_address(tmp_path: Path):
    with Rig(tmp_path) as rig:
        probe = Probe(Listener(public_url=rig.url))
        assert await probe.ask() == ""
        await probe.aclose()
        assert await probe.ask() == ""
        await probe.aclose()
        assert rig.engine.last_ping_at() is None
        assert rig.webhooks() == []


@pytest.mark.parametrize("status", ["ok", "degraded"])
async def test_our_version_is_the_proof(status: str):
    assert await asked(says(200, status=status, version=__version__)) == ""


async def test_another_version_is_another_engine():
    assert "another Gladly Source (0.0.1;" in await asked(says(200, status="ok", version="0.0.1"))


async def test_a_proxy_that_hands_on_the_webhook_s_path_alone_is_enough():
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/in/gladly/webhook":
            return httpx.Response(405, json={"error": "method not allowed"})
        return httpx.Response(404, text="nginx")

    assert await asked(answer) == ""


@pytest.mark.parametrize(
    "answer",
    [
        says(502),
        says(404, error="not found"),
        lambda _: httpx.Response(200, text="<h1>Welcome</h1>"),
        lambda _: httpx.Response(200, content=b"\xff" * (MAX_BYTES + 2)),
        lambda _: httpx.Response(302, headers={"Location": "https://log.in"}),
        lambda _: httpx.Response(405, text="no"),
    ],
)
async def test_something_else_that_answers_is_no_proof(
    answer: Callable[[httpx.Request], httpx.Response],
):
    assert "answered by something else" in await asked(answer)


def untrusted() -> Exception:
    error = httpx.ConnectError("no")
    error.__cause__ = ssl.SSLError("no")
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (untrusted(), "certificate"),
        (httpx.ConnectTimeout("no"), "in time"),
        (httpx.ProxyError("no"), "the proxy refuses"),
        (httpx.ConnectError("secret"), "cannot be reached"),
        (httpx.InvalidURL("no"), "no address"),
        (ImportError("no"), "the environment"),
    ],
)
async def test_why_there_is_no_answer_is_said_in_our_own_words(error: Exception, said: str):
    reason = await asked(fails(error))

    assert said in reason
    assert "secret" not in reason
