"""Where a running engine sends: its profile and Segment's host; and whether that wants a yes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from PySide6.QtCore import QCoreApplication

from core.settings_rules import is_loopback

if TYPE_CHECKING:
    from core.control import Address
    from core.settings import Settings

PRODUCTION = "production"

translate = QCoreApplication.translate


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Profile, and Segment's address, with which an engine was started."""

    profile: str
    url: str

    @property
    def host(self) -> str:
        """Segment's host."""
        return urlsplit(self.url).hostname or ""


def source_of(settings: Settings, profile: str) -> Source:
    """Where an engine with these settings sends."""
    return Source(profile=profile, url=settings.segment.url)


def source_at(address: Address) -> Source | None:
    """Where the engine of another process sends; None where an older one does not say."""
    if not address.profile or not address.segment:
        return None
    return Source(profile=address.profile, url=address.segment)


def production_host(source: Source | None) -> str | None:
    """What nothing may reach unasked, in words; None for a sandbox, and for this computer."""
    if source is None:
        return translate("Source", "an engine that does not say where it sends")
    harmless = source.profile != PRODUCTION or is_loopback(source.host)
    return None if harmless else source.host
