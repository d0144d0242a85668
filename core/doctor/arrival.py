"""Whether events can arrive at all: by webhook through a public URL, by polling, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.doctor.outcome import Findings
from core.doctor.reach import host_of

if TYPE_CHECKING:
    from core.doctor.outcome import Outcome
    from core.doctor.subject import Subject
    from core.settings import Settings

Way = Literal["webhook", "poll"]


def ways_in(settings: Settings) -> frozenset[Way]:
    """How events can arrive with these settings; empty where Gladly has no way to tell us."""
    found: set[Way] = set()
    if settings.listener.enabled and settings.listener.public_url:
        found.add("webhook")
    if settings.gladly.polls:
        found.add("poll")
    return frozenset(found)


async def public_url(subject: Subject, settings: Settings) -> Outcome:
    """Whether Gladly can reach the listener, or is asked; nothing is called."""
    del subject
    findings = Findings("public-url")
    ways = ways_in(settings)
    host = host_of(settings.listener.public_url or "")
    every = f"every {settings.gladly.poll_seconds:g} seconds"
    if "webhook" in ways and "poll" in ways:
        title = f"Events arrive by webhook at {host}, and by polling {every}."
        return findings.ok("arrival.both", title)
    if "webhook" in ways:
        return findings.ok("arrival.webhook", f"Events arrive by webhook at {host}.")
    if "poll" in ways:
        title = f"Events arrive by polling {every}; no public URL is needed."
        return findings.ok("arrival.poll", title)
    return findings.warn("arrival.none", nothing_arrives(settings), HINT)


HINT = (
    "Set listener.public_url to the address at which Gladly reaches this computer, or let events "
    "be polled: set gladly.url, gladly.agent_email and the API token."
)


def nothing_arrives(settings: Settings) -> str:
    """Why no event can arrive."""
    if settings.listener.enabled:
        return (
            "Gladly cannot reach this computer: there is no public URL, and events are not polled."
        )
    return "No event can arrive: the listener is switched off, and events are not polled."
