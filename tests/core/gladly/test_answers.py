"""Tests of core.gladly.answers."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.credentials import Secret
from core.errors import (
    CustomerMerged,
    GladlyError,
    GladlyNotFound,
    GladlyRefused,
    GladlyUnauthorized,
    GladlyUnavailable,
)
from core.gladly import answers
from core.gladly.answers import Answer, TryAgain
from core.gladly.payloads import Agent

# a shared machine may be slow
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

NOW = 1_795_352_400.0  # 2026-11-22T13:00:00Z


def answer(status=200, body=b"{}", **headers):
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def merged(errors):
    return answer(301, msgspec.json.encode({"errors": errors}))


def test_the_body_of_a_200_is_the_value():
    assert answers.judge(answer(body=b"[]"), "agents", NOW) == b"[]"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, GladlyUnauthorized),
        (403, GladlyUnauthorized),
        (404, GladlyNotFound),
        (204, GladlyUnavailable),
        (302, GladlyUnavailable),
        (400, GladlyUnavailable),
        (422, GladlyUnavailable),
        (429, TryAgain),
        (500, TryAgain),
        (503, TryAgain),
    ],
)
def test_every_status_has_its_meaning(status, error):
    with pytest.raises(error):
        answers.judge(answer(status), "customer", NOW)


@pytest.mark.parametrize(
    "errors",
    [
        [{"attr": "customerId", "code": "moved", "meta": {"old": "a", "new": "b"}}],
        {"meta": {"new": "b"}},
    ],
)
def test_a_merged_customer_names_its_new_id(errors):
    with pytest.raises(CustomerMerged) as caught:
        answers.judge(merged(errors), "customer", NOW)

    assert caught.value.new_id == "b"


@pytest.mark.parametrize(
    "moved",
    [
        merged([]),
        merged({}),
        merged([5]),
        merged([{"meta": 5}]),
        merged([{"meta": {"new": 5}}]),
        merged([{"meta": {"new": ""}}]),
        answer(301, b"[]"),
        answer(301, b"<html>"),
        answer(301, b"[" * 100_000),
        answer(302, b'{"errors":[{"meta":{"new":"b"}}]}'),
    ],
)
def test_any_other_redirect_points_at_the_address(moved):
    with pytest.raises(GladlyUnavailable, match=r"redirects .* gladly\.url"):
        answers.judge(moved, "customer", NOW)


def test_only_customers_are_merged():
    with pytest.raises(GladlyUnavailable):
        answers.judge(merged([{"meta": {"new": "b"}}]), "conversation", NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("", None),
        ("7", 7.0),
        (" 0 ", 0.0),
        ("-1", None),
        ("1.5", None),
        ("9999999999", None),
        ("²", None),
        ("soon", None),
        ("Sun, 22 Nov 2026 13:00:30 GMT", 30.0),
        ("Sun Nov 22 13:00:30 2026", 30.0),
        ("Sun, 22 Nov 2026 12:00:00 GMT", 0.0),
        ("Sun, 99 Nov 2026 12:00:00 GMT", None),
    ],
)
def test_reads_retry_after(text, expected):
    headers = {} if text is None else {"retry_after": text}

    assert answer(429, **headers).retry_after(NOW) == expected


def test_a_date_to_wait_for_is_measured_by_gladlys_own_clock():
    late = answer(
        503, date="Sun, 22 Nov 2026 12:00:00 GMT", retry_after="Sun, 22 Nov 2026 12:00:09 GMT"
    )

    assert late.retry_after(NOW) == 9.0


def test_reads_the_rate_limit():
    told = answer(ratelimit_limit_second="10", ratelimit_remaining_second="0")

    assert (told.limit, told.remaining) == (10, 0)
    assert (answer().limit, answer().remaining) == (None, None)


@pytest.mark.parametrize(
    "body", [b"", b"<html>Log in</html>", b"{}", b'[{"id":5}]', b'["\xff"]', b"[" * 100_000]
)
def test_an_answer_that_is_something_else_is_refused_without_quoting_it(body):
    with pytest.raises(GladlyUnavailable) as caught:
        answers.decode(body, tuple[Agent, ...])

    assert "Log in" not in str(caught.value)


def test_decodes_what_was_asked_for():
    body = b'[{"id":"a","name":"Amy Agent","new":1}]'

    assert answers.decode(body, tuple[Agent, ...]) == (Agent(id="a", name="Amy Agent"),)


@UNHURRIED
@given(
    st.integers(100, 599),
    st.binary(),
    st.dictionaries(
        st.sampled_from(
            ["retry-after", "date", "ratelimit-limit-second", "ratelimit-remaining-second"]
        ),
        st.text(),
    ),
)
def test_no_answer_whatsoever_leads_to_a_bug(status, body, headers):
    told = Answer(status, headers, body)
    try:
        found = answers.judge(told, "customer", NOW)
    except (GladlyError, TryAgain):
        found = None

    assert found in (None, body)
    assert (told.limit or 0) >= 0
    assert (told.remaining or 0) >= 0


# --- changes -----------------------------------------------------------------------------------


def refused(body: bytes, *hide: str, status: int = 400) -> str:
    with pytest.raises(GladlyRefused) as caught:
        answers.judge(
            Answer(status, {}, body), "webhooks", 0.0, changes=True, hide=[Secret(h) for h in hide]
        )
    return caught.value.title


@pytest.mark.parametrize("status", [201, 204])
def test_a_change_is_confirmed_by_its_own_status(status):
    assert answers.judge(Answer(status, {}, b""), "webhooks", 0.0, changes=True) == b""


def test_a_captive_portals_200_confirms_no_change():
    portal = Answer(200, {"content-type": "text/html"}, b"<html>")
    true = Answer(200, {"content-type": "application/json"}, b"{}")

    with pytest.raises(GladlyUnavailable):
        answers.judge(portal, "webhooks", 0.0, changes=True)
    assert answers.judge(true, "webhooks", 0.0, changes=True) == b"{}"


@pytest.mark.parametrize("status", [400, 409, 422])
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"errors":[{"attr":"url","code":"taken","detail":"is taken"}]}', "url: is taken"),
        (b'{"errors":{"attr":"url","detail":"url is taken"}}', "url is taken"),
        (b'{"errors":[{"code":"limit"}]}', "limit"),
        (b'{"errors":[]}', "it does not say why"),
        (b"<html>", "it does not say why"),
        (b'{"errors":[{"detail":"two\\nlines\\u001b[1m."}]}', "two lines [1m"),
    ],
)
def test_a_refusal_is_told_in_gladlys_words_on_one_line(status, body, reason):
    assert refused(body, status=status) == f"Gladly refuses this: {reason} ({status})."


def test_a_refusal_repeats_no_credential_and_is_not_endless():
    body = b'{"errors":[{"detail":"password hunter2 and X: tok-tok ' + b"x" * 5000 + b'"}]}'

    said = refused(body, "hunter2", "tok-tok")

    assert "hunter2" not in said
    assert "tok-tok" not in said
    assert len(said) < 300


def test_a_400_to_a_question_is_not_a_refusal():
    with pytest.raises(GladlyUnavailable):
        answers.judge(Answer(400, {}, b"{}"), "webhooks", 0.0)


def test_who_may_not_manage_webhooks_is_told_so():
    with pytest.raises(GladlyUnauthorized, match="manage webhooks") as caught:
        answers.judge(Answer(403, {}, b"{}"), "webhooks", 0.0)

    assert "API User" in caught.value.hint
