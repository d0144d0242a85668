"""Check of the webhook in Gladly: is it there and switched on, and does its address lead here."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from core.doctor.blocking import on_own_thread
from core.doctor.outcome import Findings
from core.errors import GladlyError, OperationError, SecretError
from core.gladly.budget import RequestBudget, SystemClock
from core.gladly.client import GladlyClient
from core.gladly.webhooks import address, find
from core.ingest.probe import Probe
from core.ingest.standing import Standing, View, said_of, standing_of

if TYPE_CHECKING:
    from core.doctor.outcome import Outcome
    from core.doctor.subject import Subject
    from core.gladly.webhooks import GladlyWebhook
    from core.settings import Settings

REQUEST_SECONDS = 8.0


async def webhook(subject: Subject, settings: Settings) -> Outcome:
    """How the webhook in Gladly stands."""
    findings = Findings("webhook")
    if settings.gladly.url is None or settings.gladly.agent_email is None:
        return findings.skip("webhook.no_gladly", "No Gladly address is set: nobody can look.")
    if not settings.listener.enabled or settings.listener.public_url is None:
        return findings.skip("webhook.unused", "No public URL is set: no webhook is expected.")
    try:
        url = address(settings)
        found = await _find(subject, settings, url)
    except (GladlyError, OperationError, SecretError) as exc:
        return findings.failed(exc)
    probe = Probe(settings.listener, transport=subject.outside.transport)
    try:
        unreached = await probe.ask()
    finally:
        await probe.aclose()
    now = time.time()
    view = View(
        url=url,
        now=now,
        read=True,
        webhook=found,
        unreached=unreached,
        down_since=now if unreached else None,
        polled=settings.gladly.polls,
    )
    return _outcome(view)


async def _find(subject: Subject, settings: Settings, url: str) -> GladlyWebhook | None:
    gladly = settings.gladly
    token = await on_own_thread(lambda: subject.secrets.require("gladly-token"))
    clock = subject.outside.clock or SystemClock()
    async with GladlyClient(
        gladly.url or "",
        gladly.agent_email or "",
        token.reveal(),
        budget=RequestBudget(1, clock),
        transport=subject.outside.transport,
        clock=clock,
        total_seconds=REQUEST_SECONDS,
    ) as client:
        return find(await client.webhooks(), url)


def _outcome(view: View) -> Outcome:
    findings, standing = Findings("webhook"), standing_of(view)
    code, (said, hint) = f"webhook.{standing}", said_of(view)
    match standing:
        case Standing.OK | Standing.OFF:
            return findings.ok(code, said, url=view.url)
        case Standing.UNREACHABLE:
            title = f"The webhook is switched on, but the public URL {view.unreached}."
            return findings.warn(code, title, f"Start the engine. {hint}", url=view.url)
        case Standing.SWITCHED_OFF:
            return findings.fail(code, said, hint, url=view.url)
        case _:
            return findings.warn(code, said, hint, url=view.url)
