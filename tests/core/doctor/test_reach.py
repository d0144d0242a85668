"""One GET: the answer, or in words why there was none."""

from __future__ import annotations

import ssl

import httpx
import pytest

from core.doctor import reach
from core.doctor.reach import Unreached
from core.doctor.subject import Outside

URL = "https://service.example"


def outside(answer, now: float = 0.0) -> Outside:
    return Outside(transport=httpx.MockTransport(answer), wall=lambda: now)


def failing(error: Exception):
    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    return answer


async def test_an_answer_tells_status_and_body():
    reply = await reach.get(URL, outside(lambda _: httpx.Response(404, content=b"no")))

    assert (reply.status, reply.body, reply.elsewhere, reply.skew) == (404, b"no", None, None)


@pytest.mark.parametrize(
    ("status", "location", "elsewhere"),
    [
        (302, "https://portal.example/login", "portal.example"),
        (301, "/login", None),
        (307, "https://service.example/docs", None),
        (300, "https://a.example:port/", "an address that makes no sense"),
    ],
)
async def test_a_redirect_is_not_followed_but_named_when_it_leaves(status, location, elsewhere):
    answer = httpx.Response(status, headers={"location": location})

    reply = await reach.get(URL, outside(lambda _: answer))

    assert reply.elsewhere == elsewhere


@pytest.mark.parametrize(
    ("headers", "skew"),
    [
        ({"date": "Thu, 01 Jan 1970 00:16:40 GMT"}, 10.0),
        ({"date": "Thu, 01 Jan 1970 00:16:40 GMT", "age": "5"}, 15.0),
        ({"date": "yesterday"}, None),
        ({"date": "Thu, 01 Jan 1970 00:16:40 GMT", "age": "old"}, None),
    ],
)
async def test_the_date_header_tells_how_far_the_clocks_are_apart(headers, skew):
    reply = await reach.get(URL, outside(lambda _: httpx.Response(200, headers=headers), 990.0))

    assert reply.skew == skew


async def test_an_endless_answer_is_cut_off():
    reply = await reach.get(
        URL, outside(lambda _: httpx.Response(200, content=b"x" * (2 * reach.MAX_BYTES)))
    )

    assert reply.status == 200


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("refused"), "unreachable"),
        (httpx.ReadTimeout("slow"), "timeout"),
        (httpx.ProxyError("407"), "proxy"),
        (ConnectionResetError(), "unreachable"),
    ],
)
async def test_no_answer_is_said_in_words_without_the_address(error, kind):
    with pytest.raises(Unreached) as caught:
        await reach.get(URL, outside(failing(error)))

    assert caught.value.kind == kind
    assert caught.value.hint
    assert caught.value.__cause__ is None


async def test_a_certificate_that_cannot_be_verified_has_its_own_words():
    def answer(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("tls") from ssl.SSLCertVerificationError(1, "self-signed")

    with pytest.raises(Unreached) as caught:
        await reach.get(URL, outside(answer))

    assert caught.value.kind == "tls"


async def test_a_proxy_that_cannot_be_used_has_its_own_words(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://proxy")

    with pytest.raises(Unreached) as caught:
        await reach.get(URL, Outside())

    assert caught.value.kind == "proxy"
