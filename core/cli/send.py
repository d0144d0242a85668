"""The test-event sender: through the listener, the whole way, or straight to Segment."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import sys
import time
from typing import TYPE_CHECKING, Any

import click
import httpx
import msgspec

from core.cli import output
from core.cli.common import Context, pass_context, run, say, verb
from core.control import ControlClient
from core.errors import OperationError
from core.mapping import transform
from core.mapping.periods import judge
from core.mapping.plan import make_plan
from core.model import Channel, DeliveryStatus, Webhook, WebhookStatus
from core.model import Context as LookedUp
from core.pipeline.facts import fact_of
from core.segment.client import Result, SegmentClient
from core.segment.message import MessageBuilder
from core.sentences import about_delivery, about_webhook
from core.settings import is_loopback

if TYPE_CHECKING:
    from core.settings import Settings
    from core.store.sql_store import SqlStore

KINDS = {"opened": "CONVERSATION/CREATED", "closed": "CONVERSATION/CLOSED"}
AGENT = "test-agent"
WAIT_SECONDS = 20.0
LOOK_SECONDS = 0.1
PER_BATCH = 100
NOT_HERE = "Its row is not in this home: another home's engine has the port."
FINAL = {DeliveryStatus.ACCEPTED, DeliveryStatus.CONFIRMED, DeliveryStatus.DEAD}


@verb("send")
@click.argument("event", type=click.Choice(list(KINDS)))
@click.option("--customer", help="Customer id; made up when left out.")
@click.option("--conversation", help="Conversation id; made up when left out.")
@click.option("--count", type=click.IntRange(1, 10_000), default=1, show_default=True)
@click.option("--direct", is_flag=True, help="Straight to Segment, past the listener.")
@click.option("--yes", is_flag=True, help="Do not ask before a real Segment source gets it.")
@pass_context
def send(
    context: Context,
    event: str,
    customer: str | None,
    conversation: str | None,
    count: int,
    *,
    direct: bool,
    yes: bool,
) -> None:
    """Send marked test events and tell what became of each."""
    settings = context.load().settings
    host = httpx.URL(settings.segment.url).host
    if not (yes or is_loopback(host)):
        if not sys.stdin.isatty():
            raise OperationError(
                f"This reaches the real Segment source behind {host}.", "Say so with --yes."
            )
        click.confirm(f"This reaches the Segment source behind {host}. Send it?", abort=True)
    bodies = [make_body(event, customer, conversation, number) for number in range(count)]
    sender = _send_direct if direct else _send_through
    failed = run(sender(context, settings, bodies))
    if failed:
        raise OperationError(
            f"{failed} of {count} test events did not arrive.", "See the lines above."
        )


def make_body(
    event: str, customer: str | None, conversation: str | None, number: int
) -> dict[str, Any]:
    """A webhook body as Gladly would send it, with an agent on the conversation."""
    mark = secrets.token_urlsafe(8)
    chosen = conversation or f"test-{mark}"
    if conversation and number:
        chosen = f"{conversation}-{number + 1}"
    at = transform.from_ns(time.time_ns()).isoformat(timespec="milliseconds")
    return {
        "id": f"test-{mark}",
        "type": KINDS[event],
        "timestamp": at.replace("+00:00", "Z"),
        "initiator": {"id": AGENT, "type": "AGENT"},
        "content": {
            "customerId": customer or f"test-customer-{mark}",
            "conversationId": chosen,
            "context": {"assignee": {"inboxId": "test-inbox", "agentId": AGENT}},
        },
    }


async def _send_through(context: Context, settings: Settings, bodies: list[dict[str, Any]]) -> int:
    """Post to our own listener with the real credentials, then watch the store."""
    url, headers = _address(context, settings), _credentials(context, settings)
    headers["X-Gladly-Source-Test"] = "1"
    rows: list[str] = []
    async with httpx.AsyncClient(trust_env=False, timeout=15) as client:
        for content in bodies:
            try:
                answer = await client.post(url, json=content, headers=headers)
            except httpx.HTTPError as exc:
                raise OperationError(
                    f"Nothing answers on {url}.", "Start `gladly-source serve` on this home first."
                ) from exc
            rows.append(_stored(answer))
    return await _watch(context, rows)


def _address(context: Context, settings: Settings) -> str:
    running = ControlClient.find(context.home)
    if running is not None and running.address.listener:
        return running.address.listener
    host = settings.listener.host
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - not bound here, only asked
        host = "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.listener.port}" + (
        settings.listener.path
    )


def _credentials(context: Context, settings: Settings) -> dict[str, str]:
    listener = settings.listener
    if listener.auth == "none":
        return {}
    password = None
    if listener.auth != "header":
        password = context.secrets.obtain("webhook-password")
    if listener.auth == "header" or (listener.auth == "both" and password is None):
        return {listener.header: context.secrets.require("webhook-token").reveal()}
    secret = password or context.secrets.require("webhook-password")
    pair = base64.b64encode(f"{listener.username}:{secret.reveal()}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def _stored(answer: httpx.Response) -> str:
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise OperationError(
            "The listener refuses our own credentials (401).",
            "The engine runs with another password: restart it.",
        )
    if answer.status_code != httpx.codes.OK:
        raise OperationError(
            f"The listener answered {answer.status_code}.", "See `gladly-source check`."
        )
    return str(answer.json()["id"])


async def _watch(context: Context, rows: list[str]) -> int:
    """Print the outcome of each event as it comes; how many did not arrive in time."""
    waiting = dict.fromkeys(rows)
    until = time.monotonic() + WAIT_SECONDS
    failed = 0
    async with context.reading() as store:
        while store is not None and waiting and time.monotonic() < until:
            for row in tuple(waiting):
                pair = await store.webhook(int(row[1:]))
                ids = pair[1] if pair else []
                details = [await store.delivery(one) for one in ids]
                found = [one.delivery for one in details if one is not None]
                if found and all(one.status in FINAL for one in found):
                    del waiting[row]
                    output.print_deliveries(found)
                    failed += any(one.status is DeliveryStatus.DEAD for one in found)
            if waiting:
                await asyncio.sleep(LOOK_SECONDS)
        for row in waiting:
            why = await _why(store, int(row[1:])) if store is not None else NOT_HERE
            say(f"{row}: not accepted by Segment within {WAIT_SECONDS:.0f} s. {why}")
            say(f"     `gladly-source show {row}` tells more.")
    return failed + len(waiting)


async def _why(store: SqlStore, row: int) -> str:
    """Why a test event has not arrived: its delivery's reason, or its webhook's."""
    pair = await store.webhook(row)
    if pair is None:
        return NOT_HERE
    webhook, deliveries = pair
    detail = await store.delivery(deliveries[0]) if deliveries else None
    return about_delivery(detail.delivery, time.time()) if detail else about_webhook(webhook)


async def _send_direct(context: Context, settings: Settings, bodies: list[dict[str, Any]]) -> int:
    """Map here and upload, without listener and store."""
    plan = make_plan(settings.mapping, settings.segment.alias)
    client = SegmentClient(context.secrets.require("write-key"), settings.segment.url)
    builder = MessageBuilder()
    payloads: list[bytes] = []
    for content in bodies:
        conversation_id, fact = fact_of(_as_webhook(content))
        wanted = judge([fact], "created").wanted[0]
        looked_up = LookedUp(customer_id=fact.customer_id)
        call = transform.track(wanted, conversation_id, looked_up, plan, test=True)
        payloads.append(builder.build(call))
    failed = 0
    for start in range(0, len(payloads), PER_BATCH):
        batch = payloads[start : start + PER_BATCH]
        answer = await client.upload(batch)
        for payload in batch:
            message = msgspec.json.decode(payload)
            click.echo(f"{message['event']}  {message['messageId']}  {answer.sentence}")
        failed += 0 if answer.result is Result.ACCEPTED else len(batch)
    return failed


def _as_webhook(content: dict[str, Any]) -> Webhook:
    return Webhook(
        id=0,
        dedupe_key=content["id"],
        kind=content["type"],
        channel=Channel.TEST,
        received_at=time.time(),
        occurred_ns=None,
        conversation_id=None,
        customer_id=None,
        status=WebhookStatus.RECEIVED,
        reason="",
        attempts=0,
        due_at=None,
        body=json.dumps(content).encode(),
    )
