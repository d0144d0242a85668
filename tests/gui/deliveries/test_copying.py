"""Copies: JSON and curl, without secrets."""

from __future__ import annotations

import json
import shlex
import subprocess

import pytest

from core.settings import Gladly, Listener, Segment, Settings
from gui.deliveries import copying
from tests.gui.deliveries.details import accepted, detail, message, webhook

SETTINGS = Settings(gladly=Gladly(url="https://acme.gladly.com/", agent_email="a@example.com"))


def test_json_is_readable_and_the_same(qapp: object) -> None:
    text = copying.as_json(accepted())

    assert json.loads(text) == message()
    assert "Zoë" in text


def test_curl_uploads_to_the_source_in_use_with_the_key_left_to_the_shell() -> None:
    text = copying.as_curl(accepted(), Settings(segment=Segment(region="eu")))

    assert "https://events.eu1.segmentapis.com/v1/batch" in text
    assert '-u "$WRITE_KEY:"' in text
    words = shlex.split(text.replace("\\\n", " "))
    assert json.loads(words[-1]) == {"batch": [message()]}


def test_a_shell_takes_the_command_as_it_is_meant() -> None:
    odd = message(event='it\'s "odd" $HOME `id` \\ äöü\n')
    text = copying.as_curl(detail(sent=odd), SETTINGS).replace("curl ", "printf '%s\\n' ", 1)

    said = subprocess.run(
        ["/bin/sh", "-c", text], env={"WRITE_KEY": "k3y"}, capture_output=True, check=True
    ).stdout.decode()

    assert json.loads(said[said.index('{"batch"') :])["batch"][0] == odd
    assert "k3y:" in said


def test_what_was_removed_cannot_be_copied() -> None:
    assert copying.as_json(detail(bare=True)) == ""
    assert copying.as_curl(detail(bare=True), SETTINGS) == ""
    assert copying.webhook_as_curl(webhook(body=None), "http://x", Listener()) == ""


@pytest.mark.parametrize(
    ("auth", "expected", "not_expected"),
    [
        ("basic", '-u "gladly:$WEBHOOK_PASSWORD"', "$WEBHOOK_TOKEN"),
        ("both", '-u "gladly:$WEBHOOK_PASSWORD"', "$WEBHOOK_TOKEN"),
        ("header", '-H "X-Gladly-Token: $WEBHOOK_TOKEN"', "-u "),
        ("none", "--data-raw", "$WEBHOOK"),
    ],
)
def test_a_webhook_goes_to_our_listener_as_its_settings_say(
    auth: str, expected: str, not_expected: str
) -> None:
    text = copying.webhook_as_curl(webhook(), "http://127.0.0.1:8377/hook", Listener(auth=auth))

    assert "http://127.0.0.1:8377/hook" in text
    assert expected in text
    assert not_expected not in text


def test_a_user_name_cannot_run_anything() -> None:
    listener = Listener(username='a"$(id)`')
    text = copying.webhook_as_curl(webhook(), "http://x", listener)

    assert '-u "a\\"\\$(id)\\`:$WEBHOOK_PASSWORD"' in text
