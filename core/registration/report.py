"""What became of the webhook in Gladly, in a sentence, for a person and for a program (pure)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec

from core.gladly.webhooks import GladlyWebhook, is_as_wanted
from core.sentences import iso

if TYPE_CHECKING:
    from collections.abc import Sequence

#: how the variable of a secret that follows another ends
NEXT_NAMES = ("_NEXT", "-next")


class Did(StrEnum):
    """What was done."""

    CREATED = "created"
    #: it was there and is now as it ought to be
    CHANGED = "changed"
    #: nothing had to be done
    KEPT = "kept"
    ENABLED = "enabled"
    DISABLED = "disabled"
    DELETED = "deleted"
    ROTATED = "rotated"
    #: only looked
    FOUND = "found"
    MISSING = "missing"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook after something was done.

    Args:
        did: What was done.
        url: What Gladly calls.
        webhook: As it is now; None when it is not there.
        pinged_at: When its PING arrived (epoch seconds), if one did.
        pending: Whether a rotation waits for Gladly's confirmation.
        others: What other webhooks of the same name call: an address of before, perhaps.
        by_hand: Variables, or credentials of systemd, that a person has to change now.
    """

    did: Did
    url: str
    webhook: GladlyWebhook | None = None
    pinged_at: float | None = None
    pending: bool = False
    others: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Whether Gladly reports here as it ought to, or does not because nobody wants it."""
        if self.did in {Did.DISABLED, Did.DELETED}:
            return True
        return self.webhook is not None and is_as_wanted(self.webhook) and not self.pending

    @property
    def sentence(self) -> str:
        """What happened."""
        match self.did:
            case Did.CREATED:
                said = f"The webhook is made and enabled: Gladly calls {self.url}."
            case Did.CHANGED:
                said = f"The webhook for {self.url} was there; it is as it ought to be now."
            case Did.KEPT:
                said = f"The webhook for {self.url} was so already: nothing had to be changed."
            case Did.ENABLED:
                said = f"The webhook is enabled: Gladly calls {self.url}."
            case Did.DISABLED:
                said = f"The webhook is disabled: Gladly does not call {self.url} any more."
            case Did.DELETED:
                said = f"The webhook for {self.url} is deleted."
            case Did.ROTATED:
                said = "Gladly has the new credentials; the old ones are not accepted any more."
            case Did.MISSING:
                said = f"There is no webhook in Gladly for {self.url}."
            case Did.FOUND:
                said = self._found()
        return f"{said} Its PING arrived." if self.pinged_at is not None else said

    @property
    def hint(self) -> str:
        """What to do next; empty when there is nothing."""
        return " ".join(self._hints())

    def _found(self) -> str:
        webhook = self.webhook or GladlyWebhook()
        if webhook.enabled:
            return f"The webhook is enabled: Gladly calls {self.url}."
        if webhook.disabled_at_due_to_retry_limit:
            return (
                f"Gladly has switched the webhook off at {_printable(webhook)}: too many calls "
                f"of {self.url} had failed."
            )
        return f"The webhook for {self.url} is disabled: Gladly does not call."

    def _hints(self) -> list[str]:
        hints = []
        old = [one for one in self.by_hand if not one.endswith(NEXT_NAMES)]
        following = [one for one in self.by_hand if one.endswith(NEXT_NAMES)]
        if old:
            hints.append(f"Put the new value into {_list(old)} before the next start.")
        if following:
            hints.append(f"{'Then remove' if old else 'Remove'} {_list(following)}.")
        if self.did is Did.MISSING:
            hints.append("Make it with `gladly-source webhook create`.")
        if self.webhook is not None and self.did is not Did.DISABLED:
            hints += _shortcomings(self.webhook)
        if self.pending and not self.by_hand:
            hints.append(
                "A change of credentials is not finished; old and new are accepted. "
                "`gladly-source webhook rotate` finishes it."
            )
        if self.others:
            hints.append(
                f"Gladly also has a webhook of this name for {_list(self.others)}: delete it there "
                "if that address is yours no more."
            )
        return hints

    def as_json(self) -> dict[str, Any]:
        """For a program."""
        webhook = self.webhook
        there = webhook or GladlyWebhook()
        return {
            "result": self.did,
            "url": self.url,
            "id": None if webhook is None else there.id,
            "enabled": bool(there.enabled),
            "events": list(there.events or ()),
            "missingEvents": [] if webhook is None else list(there.missing),
            "superfluousEvents": list(there.superfluous),
            "disabledAtDueToRetryLimit": there.disabled_at_due_to_retry_limit,
            "hasCredentials": bool(there.has_credentials),
            "headerKeys": list(there.header_keys or ()),
            "others": list(self.others),
            "rotationPending": self.pending,
            "pingAt": iso(self.pinged_at),
            "sentence": self.sentence,
            "hint": self.hint or None,
        }


def _shortcomings(webhook: GladlyWebhook) -> list[str]:
    """What is not as it ought to be, and what sets it right."""
    hints = []
    if webhook.disabled_at_due_to_retry_limit and not webhook.enabled:
        hints.append(
            "See that the engine runs and the public URL leads to it, then "
            "`gladly-source webhook enable`."
        )
    elif not webhook.enabled:
        hints.append("Enable it with `gladly-source webhook enable`.")
    if webhook.missing:
        hints.append(f"It does not report {_list(webhook.missing)}.")
    if webhook.superfluous:
        hints.append(f"It reports {_list(webhook.superfluous)}, which nobody here needs.")
    if webhook.missing or webhook.superfluous:
        hints.append("`gladly-source webhook create` sets that right.")
    return hints


def _printable(webhook: GladlyWebhook) -> str:
    text = webhook.disabled_at_due_to_retry_limit or ""
    return "".join(one for one in text if one.isprintable())[:40]


def _list(names: Sequence[str]) -> str:
    shown = ["".join(letter for letter in one if letter.isprintable()) for one in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
