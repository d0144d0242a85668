"""What to do in Segment so that events come back here: the address, and the steps one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from core.ingest.echo import PATH

if TYPE_CHECKING:
    from core.settings import Listener

translate = QCoreApplication.translate


def echo_url(listener: Listener) -> str:
    """Where Segment sends events back to; empty without a public URL."""
    return listener.public_url.rstrip("/") + PATH if listener.public_url else ""


def steps() -> tuple[str, ...]:
    """The guided set-up, in order."""
    return (
        translate(
            "EchoHelp",
            "In Segment: Connections, Catalog, “Webhooks (Actions)”. Add it to the source of your "
            "write key.",
        ),
        translate("EchoHelp", "In its Settings, paste the shared secret from below."),
        translate(
            "EchoHelp",
            "Under Mappings, add “Send”: trigger on all Track and Identify events, method POST, "
            "the URL from below, and leave “Data” as it is (the whole event).",
        ),
        translate(
            "EchoHelp",
            "Batching may be on or off. Of a batch Segment signs the first event only, so off is "
            "the stricter choice.",
        ),
        translate(
            "EchoHelp",
            "Enable the mapping and the destination. If your tunnel or proxy lets single paths "
            "through, let {path} through, too.",
        ).format(path=PATH),
    )
