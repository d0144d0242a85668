"""Commands for tunnels, and what to type into Gladly."""

from __future__ import annotations

import pytest

from core.settings import Listener
from gui.setup import webhook_help

EVERYWHERE = "0.0.0.0"  # noqa: S104 - not bound
PUBLIC = Listener(port=8400, public_url="https://hooks.example.com")


@pytest.mark.parametrize(
    ("listener", "running", "address"),
    [
        (Listener(), None, "http://127.0.0.1:8377"),
        (Listener(host=EVERYWHERE), None, "http://127.0.0.1:8377"),
        (Listener(host="::1"), None, "http://[::1]:8377"),
        (Listener(port=0), "http://127.0.0.1:41000/gladly/webhook", "http://127.0.0.1:41000"),
    ],
)
def test_a_tunnel_leads_to_where_the_listener_is(
    listener: Listener, running: str | None, address: str
) -> None:
    assert webhook_help.local_address(listener, running) == address


def test_every_command_names_the_port() -> None:
    commands = {
        one.key: one.command for one in webhook_help.tunnels("http://127.0.0.1:8400", PUBLIC)
    }

    assert commands["cloudflared"] == "cloudflared tunnel --url http://127.0.0.1:8400"
    assert commands["ngrok"] == "ngrok http 127.0.0.1:8400"
    assert commands["caddy"] == ("caddy reverse-proxy --from hooks.example.com --to 127.0.0.1:8400")
    assert "/gladly/webhook" in commands["other"]


def test_the_events_to_be_ticked_are_those_that_are_made_by_the_button() -> None:
    assert webhook_help.EVENTS == (
        "CONVERSATION/CREATED",
        "CONVERSATION/REOPENED",
        "CONVERSATION/CLOSED",
        "CONVERSATION_ASSIGNEE/UPDATED",
        "CUSTOMER/MERGED",
        "CUSTOMER_PROFILE/DELETED",
    )


@pytest.mark.parametrize(
    ("auth", "keys"),
    [
        ("basic", ["url", "user", "webhook-password"]),
        ("header", ["url", "header", "webhook-token"]),
        ("both", ["url", "user", "webhook-password", "header", "webhook-token"]),
        ("none", ["url"]),
    ],
)
def test_gladly_gets_what_the_listener_asks_for(auth: str, keys: list[str]) -> None:
    listener = Listener(auth=auth, public_url="https://hooks.example.com")  # type: ignore[arg-type]

    assert [value.key for value in webhook_help.values(listener)] == keys


def test_the_url_for_gladly_ends_with_the_path() -> None:
    assert webhook_help.webhook_url(PUBLIC) == "https://hooks.example.com/gladly/webhook"
    assert webhook_help.webhook_url(Listener()) == ""
