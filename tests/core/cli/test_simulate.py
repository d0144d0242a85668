"""A simulator by itself says which credentials it takes and uses, and when its calls fail."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from core.cli.simulate import split_credentials, tell_failures
from tests.core.cli.test_main import run


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://u:p%40ss@127.0.0.1:1/x", ("http://127.0.0.1:1/x", "u", "p@ss")),
        ("http://127.0.0.1:1/x", ("http://127.0.0.1:1/x", "", None)),
        ("http://[::1/x", ("http://[::1/x", "", None)),
    ],
)
def test_user_and_password_are_taken_out_of_the_url(
    url: str, parts: tuple[str, str, str | None]
) -> None:
    assert split_credentials(url) == parts


def test_help_says_which_credentials_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("simulate", "--help") == 0

    said = " ".join(capsys.readouterr().out.split())
    assert "any write key" in said
    assert "GLADLY_SOURCE_WEBHOOK_PASSWORD" in said
    assert ":PASSWORD@" in said


async def test_calls_that_are_refused_are_told_but_not_one_by_one() -> None:
    sender = SimpleNamespace(failures=3, last_failure="the answer was 401", last_status=401)
    stop, told = asyncio.Event(), []

    def tell(line: str) -> None:
        told.append(line)
        sender.failures += 5
        sender.last_failure, sender.last_status = "nothing answers there", None
        if len(told) == 2:
            stop.set()

    async with asyncio.timeout(5):
        await tell_failures(sender, stop, seconds=0.01, tell=tell)  # type: ignore[arg-type]

    assert told[0].startswith("3 calls of the webhook failed: the answer was 401.")
    assert "password" in told[0]
    assert told[1] == "5 calls of the webhook failed: nothing answers there."
