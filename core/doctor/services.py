"""Checks of Segment and Gladly: are they reached, are we admitted, do the clocks agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.doctor import reach
from core.doctor.blocking import on_own_thread
from core.doctor.outcome import Findings
from core.doctor.reach import Unreached
from core.errors import (
    GladlyError,
    GladlyNotFound,
    GladlyRateLimited,
    GladlyUnavailable,
    SecretError,
)
from core.gladly.budget import RequestBudget, SystemClock
from core.gladly.client import GladlyClient

if TYPE_CHECKING:
    from core.credentials import Secret
    from core.doctor.outcome import Outcome
    from core.doctor.reach import Reply
    from core.doctor.subject import Subject
    from core.gladly.payloads import Organization
    from core.settings import Settings

SKEW_OK_SECONDS = 5.0
SKEW_FAIL_SECONDS = 300.0
REQUEST_SECONDS = 10.0
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


async def segment(subject: Subject, settings: Settings) -> Outcome:
    """Whether Segment's tracking API is reached; no event is sent."""
    findings = Findings("segment")
    url = settings.segment.url
    host = reach.host_of(url)
    try:
        reply = await reach.get(url, subject.outside)
    except Unreached as exc:
        return findings.fail(
            f"segment.{exc.kind}", f"Segment ({host}) {exc.words}", exc.hint, host=host
        )
    if reply.elsewhere is not None or reply.status == reach.CAPTIVE_PORTAL:
        return _captive(reply, host)
    title = f"Segment ({host}) is reached."
    return findings.ok("segment.reached", title, host=host, status=str(reply.status))


def _captive(reply: Reply, host: str) -> Outcome:
    where = f" and points to {reply.elsewhere}" if reply.elsewhere else ""
    return Findings("segment").fail(
        "segment.elsewhere",
        f"Not Segment: something else answers for {host}{where} "
        "(the log-in page of a network, a proxy or a wrong host).",
        "Open a browser and log in to the network, or correct segment.host.",
        host=host,
        status=str(reply.status),
    )


async def gladly(subject: Subject, settings: Settings) -> Outcome:
    """Whether Gladly admits us; names the organisation."""
    findings = Findings("gladly")
    url, email = settings.gladly.url, settings.gladly.agent_email
    if url is None or email is None:
        return findings.skip(
            "gladly.off",
            "No Gladly address is set: events carry ids only, without name, e-mail, phone, agent "
            "and topic names, and missed events are not looked for.",
            "Set gladly.url and gladly.agent_email to have them.",
        )
    host = reach.host_of(url)
    try:
        token = await on_own_thread(lambda: subject.secrets.require("gladly-token"))
        organization = await _organization(subject, url, email, token)
    except SecretError as exc:
        return findings.failed(exc, host=host)
    except GladlyError as exc:
        return _not_admitted(exc, host)
    name = organization.name or "an organisation without a name"
    title = f"Gladly admits us to {name}."
    return findings.ok("gladly.admitted", title, host=host, organization=name)


async def _organization(subject: Subject, url: str, email: str, token: Secret) -> Organization:
    clock = subject.outside.clock or SystemClock()
    budget = RequestBudget(1, clock)
    async with GladlyClient(
        url,
        email,
        token.reveal(),
        budget=budget,
        transport=subject.outside.transport,
        clock=clock,
        total_seconds=REQUEST_SECONDS,
    ) as client:
        return await client.organization()


def _not_admitted(exc: GladlyError, host: str) -> Outcome:
    findings = Findings("gladly")
    match exc:
        case GladlyNotFound():
            return findings.fail(
                "gladly.no_api",
                f"There is no Gladly at {host}.",
                "Check gladly.url: it must be the address of your organisation in Gladly.",
                host=host,
            )
        case GladlyRateLimited():
            return findings.warn(exc.code, exc.title, exc.hint, host=host)
        case GladlyUnavailable():
            hint = exc.hint if "gladly.url" in exc.hint else "Check again later."
            return findings.fail(exc.code, exc.title, hint, host=host)
        case _:
            return findings.failed(exc, host=host)


async def clock(subject: Subject, settings: Settings) -> Outcome:
    """How far this computer's clock is from those of Segment and Gladly."""
    findings = Findings("clock")
    skews: dict[str, float] = {}
    asked = {"Segment": settings.segment.url}
    if settings.gladly.url is not None:
        # Its API, without credentials: a 401 tells the time as well.
        asked["Gladly"] = settings.gladly.url.rstrip("/") + "/api/v1/organization"
    for service, url in asked.items():
        skew = await _skew(subject, url)
        if skew is not None:
            skews[service] = skew
    if not skews:
        return findings.skip(
            "clock.unknown",
            "The clock could not be compared: no service told the time.",
            "See the checks segment and gladly.",
        )
    detail = {service.lower(): f"{skew:+.0f} s" for service, skew in skews.items()}
    service = max(skews, key=lambda name: abs(skews[name]))
    size = abs(skews[service])
    if size < SKEW_OK_SECONDS:
        return findings.ok("clock.right", "This computer's clock is right.", **detail)
    way = "behind" if skews[service] > 0 else "ahead of"
    title = f"This computer's clock is {duration(size)} {way} that of {service}."
    hint = "Let the computer set its clock by the network: events would carry a wrong time."
    if size > SKEW_FAIL_SECONDS:
        return findings.fail("clock.wrong", title, hint, **detail)
    return findings.warn("clock.off", title, hint, **detail)


async def _skew(subject: Subject, url: str) -> float | None:
    """The service's clock minus ours; None when it is not the service that answers."""
    try:
        reply = await reach.get(url, subject.outside)
    except Unreached:
        return None
    return None if reply.elsewhere is not None else reply.skew


def duration(seconds: float) -> str:
    """A length of time as a person would say it."""
    for unit, size in (("day", _DAY), ("hour", _HOUR), ("minute", _MINUTE)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}s"
    return f"{seconds:.0f} seconds"
