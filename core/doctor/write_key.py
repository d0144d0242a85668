"""The traffic light of the write key: its shape, and whether Segment knows it. Never a lock."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

import msgspec

from core.credentials import meant, write_key_of
from core.doctor import reach
from core.doctor.blocking import on_own_thread
from core.doctor.outcome import Findings
from core.doctor.reach import Unreached
from core.errors import SecretError

if TYPE_CHECKING:
    from core.doctor.outcome import Outcome
    from core.doctor.subject import Outside, Subject
    from core.settings import Settings

NAME = "write-key"
WORST_FIRST: Final = ("fail", "warn", "skip", "ok")
CHARACTERS = 32
_OF_SEGMENT = (".segment.io", ".segment.com", ".segmentapis.com")
_QUOTES = "\"'`\u201c\u201d\u2018\u2019"
_COPY_AGAIN = "Copy it again: in Segment, Sources, your source, Settings, API Keys."


async def write_key(subject: Subject, settings: Settings) -> Outcome:
    """What can be told of the write keys; of several sources, of the one that is worst off."""
    main = await _of(subject, NAME, settings.segment.url)
    if not settings.sources:
        return main
    found = {settings.segment.alias: main}
    for alias, source in settings.sources.items():
        found[alias] = await _of(subject, write_key_of(alias), source.url)
    worst = min(found, key=lambda alias: WORST_FIRST.index(found[alias].verdict))
    if found[worst].verdict == "ok":
        return msgspec.structs.replace(found[worst], title="Segment knows all the write keys.")
    return msgspec.structs.replace(found[worst], title=f"{worst}: {found[worst].title}")


async def _of(subject: Subject, name: str, url: str) -> Outcome:
    """What can be told of one source's write key; the key itself appears nowhere."""
    findings = Findings(NAME)
    try:
        found = await on_own_thread(lambda: subject.secrets.find(name))
    except SecretError as exc:
        return findings.skip("write_key.unreadable", exc.title, exc.hint)
    if found is None:
        return findings.skip(
            "write_key.missing",
            f"There is nothing to look at: {meant(name)} is missing.",
            f"Give it with `gladly-source secret set {name}`.",
        )
    key, place = found[0].reveal(), found[1]
    if (wrong := _badly_copied(key)) is not None:
        return findings.warn("write_key.copied", wrong, _COPY_AGAIN, place=place)
    if not _is_segments(url):
        host = reach.host_of(url)
        return findings.skip(
            "write_key.own_host",
            f"Events go to {host}, a host of your own: Segment is not asked about the key.",
            place=place,
        )
    return await _light(key, subject.outside, place)


async def _light(key: str, outside: Outside, place: str) -> Outcome:
    """Ask Segment, and weigh that against the shape."""
    findings = Findings(NAME)
    answer = await _ask(key, outside)
    if answer is True:
        return findings.ok("write_key.known", "Segment knows this write key.", place=place)
    if not _well_shaped(key):
        return findings.warn(
            "write_key.shape",
            f"This does not look like a write key: those have {CHARACTERS} letters and digits, "
            f"this has {len(key)} characters.",
            _COPY_AGAIN,
            place=place,
        )
    if answer is False:
        return findings.warn(
            "write_key.unknown",
            "Segment does not know this write key, or not yet: it can lag by a day.",
            f"With a source older than a day: {_COPY_AGAIN[0].lower()}{_COPY_AGAIN[1:]}",
            place=place,
        )
    return findings.warn(
        "write_key.unchecked",
        f"Whether Segment knows the write key could not be checked ({answer}).",
        "Nothing is held up by that; check again later.",
        place=place,
    )


async def _ask(key: str, outside: Outside) -> bool | str:
    """Whether Segment knows the key, or why that cannot be told."""
    base = urlsplit(outside.settings_url)
    target = f"{base.path.rstrip('/')}/v1/projects/{quote(key, safe='')}/settings"
    try:
        # httpx logs addresses: the one it sees ends before the key.
        reply = await reach.get(outside.settings_url, outside, target=target)
    except Unreached as exc:
        return f"Segment's settings address {exc.words.rstrip('.')}"
    if reply.status == HTTPStatus.OK:
        return True if _is_settings(reply.body) else "the answer is not Segment's"
    if reply.status == HTTPStatus.NOT_FOUND:
        return False
    return f"the answer was {reply.status}"


def _is_settings(body: bytes) -> bool:
    """Whether this is what Segment tells of a source, not the page of a captive portal."""
    try:
        content: Any = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(content, dict) and "integrations" in content


def _badly_copied(key: str) -> str | None:
    """What came along when the key was copied."""
    if key != key.strip():
        return "The write key begins or ends with a blank."
    if key[0] in _QUOTES or key[-1] in _QUOTES:
        return "The write key stands in quotation marks, which do not belong to it."
    if any(character.isspace() for character in key):
        return "There is a blank or a line break inside the write key."
    return None


def _well_shaped(key: str) -> bool:
    return len(key) == CHARACTERS and key.isascii() and key.isalnum()


def _is_segments(url: str) -> bool:
    return ("." + reach.host_of(url)).endswith(_OF_SEGMENT)
