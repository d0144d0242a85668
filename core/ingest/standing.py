"""How the webhook in Gladly stands, in a word and a sentence (pure)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from core.gladly.timestamps import NANOSECONDS, parse_timestamp
from core.gladly.webhooks import GladlyWebhook
from core.sentences import duration

#: Gladly tries a call again after 30 s, 5 min, 30 min and 1 h; then it switches the webhook off
GIVE_UP_SECONDS: Final = 30.0 + 300.0 + 1800.0 + 3600.0


class Standing(StrEnum):
    """The words."""

    OK = "ok"
    #: Gladly's webhooks could not be read
    UNKNOWN = "unknown"
    #: none calls our URL
    MISSING = "missing"
    #: a person disabled it, and polling brings the events
    OFF = "off"
    #: a person disabled it, and nothing else brings the events
    DISABLED = "disabled"
    #: Gladly disabled it: too many calls had failed
    SWITCHED_OFF = "switched-off"
    #: Gladly's calls do not get here
    UNREACHABLE = "unreachable"


#: while it stands so, it can bring events
REPORTS: Final = frozenset({Standing.OK, Standing.UNKNOWN})


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What is known at a moment; times are epoch seconds.

    Args:
        url: What Gladly is to call.
        now: The moment.
        read: Whether Gladly's webhooks could be read lately.
        trouble: Why they could not be read just now.
        webhook: Ours, as it was read last; None when there is none.
        polled: Whether polling brings the events, too.
        unreached: Why the public URL does not lead here; empty when it does.
        down_since: Since when Gladly's calls do not get here; None when they do, or may.
        early: Whether this program has just begun to look, and may be in the middle of its set-up.
        rearm: Whether it is switched on again by itself.
        rearmed_at: When that was done last.
        refused: Why that could not be done.
    """

    url: str
    now: float
    read: bool = False
    trouble: str = ""
    webhook: GladlyWebhook | None = None
    polled: bool = False
    unreached: str = ""
    down_since: float | None = None
    early: bool = False
    rearm: bool = False
    rearmed_at: float | None = None
    refused: str = ""


def standing_of(view: View) -> Standing:
    """How it stands: what Gladly says comes first, then whether its calls get here."""
    if view.read and view.webhook is None:
        return Standing.UNKNOWN if view.early else Standing.MISSING
    if view.webhook is not None and not view.webhook.enabled:
        if disabled_at(view.webhook) is not None:
            return Standing.SWITCHED_OFF
        return Standing.OFF if view.polled else Standing.DISABLED
    if view.down_since is not None:
        return Standing.UNREACHABLE
    return Standing.OK if view.read else Standing.UNKNOWN


def disabled_at(webhook: GladlyWebhook) -> float | None:
    """When Gladly switched it off; 0 when what it says is no time, None when it did not."""
    text = webhook.disabled_at_due_to_retry_limit
    if not text:
        return None
    try:
        return parse_timestamp(text) / NANOSECONDS
    except ValueError:
        return 0.0


def sentence_of(view: View) -> str:
    """What is so, and the next thing to do."""
    return " ".join(filter(None, said_of(view)))


def said_of(view: View) -> tuple[str, str]:  # noqa: PLR0911 - one per standing
    """What is so; and the next thing to do, empty where there is nothing."""
    match standing_of(view):
        case Standing.OK:
            return _well(view), ""
        case Standing.UNKNOWN:
            if view.read:
                return _missing(view)
            why = view.trouble or "Gladly was not asked yet."
            return f"Whether Gladly's webhook is switched on is not known: {why}", ""
        case Standing.MISSING:
            return _missing(view)
        case Standing.OFF:
            return f"Somebody disabled the webhook for {view.url}; polling brings the events.", ""
        case Standing.DISABLED:
            return (
                f"Somebody disabled the webhook for {view.url}, and events are not polled: nothing "
                "comes in.",
                "Enable it with `gladly-source webhook enable`.",
            )
        case Standing.SWITCHED_OFF:
            return _switched_off(view)
        case Standing.UNREACHABLE:
            return _unreachable(view)


def _well(view: View) -> str:
    said = f"Gladly calls {view.url}, and that leads here."
    if view.unreached:
        said = (
            f"Gladly's calls arrive. From here the public URL {view.unreached}, so this computer "
            "cannot look for itself."
        )
    if view.rearmed_at is not None:
        said += f" It was switched on again by itself at {_clock(view.rearmed_at)}."
    return said


def _missing(view: View) -> tuple[str, str]:
    return (
        f"No webhook in Gladly calls {view.url}.",
        "Make it with `gladly-source webhook create`.",
    )


def _switched_off(view: View) -> tuple[str, str]:
    at = None if view.webhook is None else disabled_at(view.webhook)
    when = f" at {_clock(at)}" if at else ""
    said = f"Gladly has switched the webhook off{when}: too many calls of {view.url} had failed."
    if view.unreached:
        then = "it is switched on again by itself" if view.rearm else "switch it on again"
        return f"{said} The public URL still {view.unreached}.", f"Mend that, then {then}."
    if view.refused:
        return said, f"It cannot be switched on again by itself: {view.refused}"
    if view.rearm:
        return f"{said} The public URL leads here.", "It is switched on again by itself."
    return (
        f"{said} The public URL leads here.",
        "Switch it on with `gladly-source webhook enable`; what was missed is then read from "
        "Gladly.",
    )


def _unreachable(view: View) -> tuple[str, str]:
    until = (view.down_since or view.now) + GIVE_UP_SECONDS
    countdown = (
        "Gladly may switch the webhook off at any time now."
        if until <= view.now
        else "Gladly tries for 95 minutes, then switches the webhook off: at "
        f"{_clock(until)} at the earliest, in {duration(until - view.now)}."
    )
    return (
        "Gladly's calls do not get here: the public URL "
        f"{view.unreached or 'does not lead here'}. {countdown}",
        "Start the tunnel or proxy, and see where it leads.",
    )


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")
