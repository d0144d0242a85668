"""What to type elsewhere so that Gladly's calls arrive here: commands, values, event types."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication

from core.gladly.webhooks import EVENTS

if TYPE_CHECKING:
    from core.settings import Listener

NOWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - told apart, not bound

__all__ = ["EVENTS", "Tunnel", "Value", "local_address", "tunnels", "values", "webhook_url"]

translate = QCoreApplication.translate


class Tunnel(NamedTuple):
    """One way to a public URL: what it is called, what to type, and what to know about it."""

    key: str
    name: str
    command: str
    text: str


class Value(NamedTuple):
    """One value to type into Gladly."""

    key: str
    label: str
    text: str


def local_address(listener: Listener, running: str | None) -> str:
    """Where the listener is, or will be, on this computer; without the webhook's path."""
    if running:
        return running.removesuffix(listener.path)
    host = "127.0.0.1" if listener.host in NOWHERE else listener.host
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.port}"


def tunnels(local: str, listener: Listener) -> tuple[Tunnel, ...]:
    """The ways that need no more than a program on this computer."""
    address = local.removeprefix("http://")
    host = _host_of(listener.public_url) or "gladly.example.com"
    return (
        Tunnel(
            "cloudflared",
            "Cloudflare",
            f"cloudflared tunnel --url {local}",
            translate(
                "WebhookHelp",
                "It prints an address that ends in trycloudflare.com. That one changes at every "
                "start; for daily use make a named tunnel, whose address stays.",
            ),
        ),
        Tunnel(
            "ngrok",
            "ngrok",
            f"ngrok http {address}",
            translate(
                "WebhookHelp",
                "It shows the address behind “Forwarding”. With --url and a name of your own from "
                "ngrok's dashboard, the address stays.",
            ),
        ),
        Tunnel(
            "caddy",
            "Caddy",
            f"caddy reverse-proxy --from {host} --to {address}",
            translate(
                "WebhookHelp",
                "For a server with a name of its own: Caddy gets the certificate by itself. The "
                "ports 80 and 443 must be reachable from outside.",
            ),
        ),
        Tunnel(
            "other",
            translate("WebhookHelp", "Another proxy"),
            f"{host}{listener.path}  →  {local}{listener.path}",
            translate(
                "WebhookHelp",
                "Any reverse proxy with a certificate will do. Only this one path need be "
                "reachable from outside.",
            ),
        ),
    )


def values(listener: Listener) -> tuple[Value, ...]:
    """What to type into Gladly, in its order; the secrets are put in by whoever shows them."""
    found = [Value("url", translate("WebhookHelp", "URL"), webhook_url(listener))]
    if listener.auth in {"basic", "both"}:
        found.append(Value("user", translate("WebhookHelp", "User name"), listener.username))
        found.append(Value("webhook-password", translate("WebhookHelp", "Password"), ""))
    if listener.auth in {"header", "both"}:
        found.append(Value("header", translate("WebhookHelp", "Header"), listener.header))
        found.append(Value("webhook-token", translate("WebhookHelp", "Header's value"), ""))
    return tuple(found)


def webhook_url(listener: Listener) -> str:
    """What Gladly calls; empty without a public URL."""
    return listener.public_url.rstrip("/") + listener.path if listener.public_url else ""


def _host_of(url: str | None) -> str:
    return (url or "").partition("://")[2].partition("/")[0]
