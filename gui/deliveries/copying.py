"""Texts for the clipboard: JSON, and requests as curl with secrets left to variables. Pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import msgspec

from gui.deliveries.story import decoded
from gui.widgets.json_text import pretty

if TYPE_CHECKING:
    from core.model import DeliveryDetail, Webhook
    from core.settings import Listener, Settings

#: what stands for a secret; the shell fills it in
WRITE_KEY = "$WRITE_KEY"
PASSWORD = "$WEBHOOK_PASSWORD"  # noqa: S105 - not one, but where it goes
TOKEN = "$WEBHOOK_TOKEN"  # noqa: S105 - not one, but where it goes


def as_json(detail: DeliveryDetail) -> str:
    """What goes to Segment; empty when retention removed it."""
    return pretty(decoded(detail.payload) or detail.payload)


def as_curl(detail: DeliveryDetail, settings: Settings) -> str:
    """The upload as a command, without the write key; empty when retention removed it."""
    if not detail.payload:
        return ""
    body = msgspec.json.encode({"batch": [decoded(detail.payload)]}).decode()
    return _curl(f"{settings.segment.url}/v1/batch", body, user=f"{WRITE_KEY}:")


def webhook_as_curl(webhook: Webhook, url: str, listener: Listener) -> str:
    """What Gladly sent as a command to our listener, without its credentials; empty if removed."""
    if webhook.body is None:
        return ""
    body = webhook.body.decode("utf-8", "replace")
    match listener.auth:
        case "none":
            return _curl(url, body)
        case "header":
            return _curl(url, body, header=f"{listener.header}: {TOKEN}")
        case _:
            return _curl(url, body, user=f"{listener.username}:{PASSWORD}")


def _curl(url: str, body: str, *, user: str = "", header: str = "") -> str:
    parts = ["curl -sS -X POST", shlex.quote(url)]
    if user:
        parts.append(f"-u {_open(user)}")
    parts.append("-H 'Content-Type: application/json'")
    if header:
        parts.append(f"-H {_open(header)}")
    parts.append(f"--data-raw {shlex.quote(body)}")
    return " \\\n  ".join(parts) + "\n"


def _open(text: str) -> str:
    """In double quotes, so that the shell fills in the variable; anything else stays as it is."""
    name = next((one for one in (WRITE_KEY, PASSWORD, TOKEN) if one in text), None)
    escaped = "".join(f"\\{one}" if one in '"\\`$' else one for one in text)
    return f'"{escaped.replace(chr(92) + name, name) if name else escaped}"'
