"""Check by Segment's Public API: whose is the write key, and does the official source send, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.doctor.outcome import Findings
from core.doctor.workspace import Asked, NotAsked, no_answer
from core.errors import GladlySourceError

if TYPE_CHECKING:
    from core.doctor.outcome import Outcome
    from core.doctor.subject import Subject
    from core.segment.public_api import Source
    from core.settings import Settings


async def public_api(subject: Subject, settings: Settings) -> Outcome:
    """Whose the write key is, by name; and whether the official source sends there, too."""
    findings = Findings("public-api")
    try:
        found = await Asked.of(findings, subject, settings)
    except NotAsked as exc:
        return exc.outcome
    except GladlySourceError as exc:
        return no_answer(findings, exc)
    if found.own is None:
        return _unknown_key(findings, found)
    return _known_key(findings, found, found.own)


def _unknown_key(findings: Findings, found: Asked) -> Outcome:
    detail = {"workspace": found.workspace, "sources": str(len(found.sources))}
    if found.sources and not any(one.write_keys for one in found.sources):
        return findings.warn(
            "public_api.no_keys",
            f"The token sees the workspace “{found.workspace}”, but no write keys.",
            "Give the token the role Source Admin (or Workspace Owner) in Segment.",
            **detail,
        )
    return findings.fail(
        "public_api.unknown_key",
        f"No source of the workspace “{found.workspace}” has this write key: Segment answers 200 "
        "and drops what is sent with it, or it goes to another workspace.",
        "Copy the key again: in Segment, Sources, your source, Settings, API Keys.",
        **detail,
    )


def _known_key(findings: Findings, found: Asked, own: Source) -> Outcome:
    title = f"The write key belongs to the source “{own.title}” of “{found.workspace}”."
    detail = {"workspace": found.workspace, "source": own.title}
    if not own.enabled:
        return findings.fail(
            "public_api.disabled",
            f"{title} That source is switched off in Segment: it takes nothing.",
            "Switch it on in Segment: Sources, your source, Settings.",
            **detail,
        )
    if own.official:
        return findings.warn(
            "public_api.official_key",
            f"{title} It is a source of Gladly's own kind.",
            "Make sure that Gladly's own Segment app does not use this key, too: each "
            "conversation would be counted twice. A source of the kind HTTP API is better.",
            **detail,
        )
    others = [one.title for one in found.sources if one.official and one.enabled]
    if others:
        return findings.warn(
            "public_api.official_too",
            f"{title} The official Gladly source (“{others[0]}”) is connected to the same "
            "workspace.",
            "Switch one of the two off, or each conversation is counted twice.",
            **detail,
        )
    return findings.ok("public_api.proven", title, **detail)
