"""How rows look: aligned and coloured for people, one JSON object a line for programs."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.model import Channel, DeliveryStatus, WebhookStatus
from core.sentences import about_delivery, about_webhook, iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.model import Delivery, Webhook

WIDE = 240
#: columns below which a table would have to cut what matters
TABLE_WIDTH = 140
#: sign and colour of each status; never colour alone
LOOKS: dict[str, tuple[str, str]] = {
    DeliveryStatus.PENDING: ("·", "cyan"),
    DeliveryStatus.SENDING: ("↑", "cyan"),
    DeliveryStatus.RETRYING: ("↻", "yellow"),
    DeliveryStatus.ACCEPTED: ("✓", "green"),
    DeliveryStatus.CONFIRMED: ("✔", "bold green"),
    DeliveryStatus.DEAD: ("✗", "bold red"),
    DeliveryStatus.DISCARDED: ("-", "dim"),
    WebhookStatus.RECEIVED: ("·", "cyan"),
    WebhookStatus.WAITING: ("…", "yellow"),
    WebhookStatus.RESOLVED: ("✓", "green"),
    WebhookStatus.SKIPPED: ("-", "dim"),
    WebhookStatus.UNMAPPABLE: ("?", "red"),
    "ok": ("✓", "green"),
    "warn": ("!", "yellow"),
    "fail": ("✗", "bold red"),
    "skip": ("-", "dim"),
}


def console(*, err: bool = False) -> Console:
    """A console that keeps lines whole when nobody looks, and heeds NO_COLOR."""
    stream = sys.stderr if err else sys.stdout
    width = None if stream.isatty() else WIDE
    return Console(file=stream, width=width, highlight=False, emoji=False, soft_wrap=True)


def status_text(status: str) -> Text:
    """A status as sign, word and colour."""
    sign, style = LOOKS.get(status, ("", ""))
    return Text(f"{sign} {status}", style=style)


def table(*columns: str) -> Table:
    """An aligned table without frame."""
    made = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        last = column == columns[-1]
        made.add_column(column, no_wrap=not last, overflow="fold" if last else "ellipsis")
    return made


def local(seconds: float | None) -> str:
    """Epoch seconds in the user's own zone."""
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def print_json(content: dict[str, Any]) -> None:
    """One object on one line."""
    click.echo(msgspec.json.encode(content))


def webhook_json(webhook: Webhook) -> dict[str, Any]:
    """A webhook by the names of the contract, as far as it has them."""
    occurred = None if webhook.occurred_ns is None else webhook.occurred_ns / 1e9
    return {
        "id": f"w{webhook.id}",
        "kind": webhook.kind,
        "status": webhook.status,
        "reason": about_webhook(webhook),
        "conversationId": webhook.conversation_id,
        "customerId": webhook.customer_id,
        "gladlyId": webhook.dedupe_key,
        "timestamp": iso(occurred),
        "receivedAt": iso(webhook.received_at),
        "attempts": webhook.attempts,
        "nextAttemptAt": iso(webhook.due_at),
        "channel": webhook.channel,
        "test": webhook.channel is Channel.TEST,
    }


def printable(text: str | None) -> str:
    """Text without control characters: an id from outside must not drive the terminal."""
    return "".join(one if one.isprintable() else "\ufffd" for one in text or "")


def print_deliveries(deliveries: Sequence[Delivery], *, header: bool = True) -> None:
    """Deliveries for a person: a table, or where that is too wide, two lines each."""
    screen = console()
    if screen.width >= TABLE_WIDTH:
        made = delivery_table(deliveries)
        made.show_header = header
        screen.print(made)
        return
    for one in deliveries:
        _print_short(screen, f"d{one.id}", one.received_at, one.status, one.event)
        screen.print(f"     {printable(one.conversation_id)}  ", end="", markup=False)
        screen.print(printable(about_delivery(one, time.time())), style="dim", markup=False)


def print_webhooks(webhooks: Sequence[Webhook]) -> None:
    """Webhooks for a person: a table, or where that is too wide, two lines each."""
    screen = console()
    if screen.width >= TABLE_WIDTH:
        screen.print(webhook_table(webhooks))
        return
    for one in webhooks:
        kind = one.kind or "(unreadable)"
        _print_short(screen, f"w{one.id}", one.received_at, one.status, kind)
        screen.print(f"     {printable(one.conversation_id)}  ", end="", markup=False)
        screen.print(printable(about_webhook(one)), style="dim", markup=False)


def _print_short(screen: Console, row: str, at: float, status: str, what: str) -> None:
    line = Text().append(f"{row}  ", style="bold")
    line.append(local(at) + "  ", style="dim")
    line.append_text(status_text(status))
    line.append(f"  {printable(what)}")
    screen.print(line)


def delivery_table(deliveries: Sequence[Delivery]) -> Table:
    """Deliveries for a person."""
    made = table("id", "received", "event", "status", "conversation", "tries", "why")
    for one in deliveries:
        made.add_row(
            f"d{one.id}",
            local(one.received_at),
            printable(one.event),
            status_text(one.status),
            printable(one.conversation_id),
            str(one.attempts),
            printable(about_delivery(one, time.time())),
        )
    return made


def webhook_table(webhooks: Sequence[Webhook]) -> Table:
    """Webhooks for a person."""
    made = table("id", "received", "kind", "status", "conversation", "channel", "why")
    for one in webhooks:
        made.add_row(
            f"w{one.id}",
            local(one.received_at),
            printable(one.kind) or "(unreadable)",
            status_text(one.status),
            printable(one.conversation_id),
            one.channel,
            printable(about_webhook(one)),
        )
    return made
