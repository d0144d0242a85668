"""How requests to Gladly are made."""

from __future__ import annotations

from http import HTTPMethod

import httpx
import pytest

from core.errors import GladlyNotFound, GladlyRateLimited, GladlyUnavailable
from core.gladly.answers import TryAgain
from core.gladly.request import Basic, Request, harmless, open_http, path_segment, unreachable


@pytest.mark.parametrize("text", ["", ".", ".."])
def test_an_id_is_never_a_step_in_the_path(text: str):
    with pytest.raises(GladlyNotFound):
        path_segment(text)


def test_an_id_stays_one_segment_whatever_is_in_it():
    assert path_segment("a/b?c#d e") == "a%2Fb%3Fc%23d%20e"


def test_a_change_is_sent_again_only_where_nothing_was_done():
    read = Request("agents", "/api/v1/agents")
    change = Request("webhooks", "/api/v1/webhooks", HTTPMethod.POST)
    failed, refused = TryAgain(GladlyUnavailable("down")), TryAgain(GladlyRateLimited("busy"))
    assert [harmless(one, failed) for one in (read, change)] == [True, False]
    assert [harmless(one, refused) for one in (read, change)] == [True, True]


async def test_credentials_in_the_address_are_dropped_and_ours_are_utf_8():
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    http = open_http(
        "https://user:secret@example.com/x?y=z",
        Basic("ä@example.com", "tökén"),
        httpx.MockTransport(answer),
    )
    async with http:
        await http.get("/api")
    assert str(seen[0].url) == "https://example.com/x/api"
    assert seen[0].headers["Authorization"] == "Basic w6RAZXhhbXBsZS5jb206dMO2a8Opbg=="


def test_what_cannot_be_an_address_is_said_without_repeating_it():
    with pytest.raises(GladlyUnavailable) as caught:
        open_http("https://exa mple:port", Basic("a", "b"), None)
    assert "port" not in str(caught.value)


def test_a_failure_names_its_kind_only():
    assert "secret" not in str(unreachable(OSError("secret")))
