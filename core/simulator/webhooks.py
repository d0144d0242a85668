"""The webhooks of an organisation, and the rules for what may be saved."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Meta, UnsetType

from core.model import Fact
from core.sender.problems import KINDS
from core.simulator.people import new_id
from core.simulator.timestamps import format_timestamp, to_ns

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

MAX_WEBHOOKS = 20
MAX_NAME = 200
DEFAULT_EVENTS = (*Fact, "CONVERSATION/TOPIC_ADDED", "CUSTOMER/MERGED", "CUSTOMER_PROFILE/DELETED")


class WebhookRefused(Exception):
    """A webhook cannot be saved or deleted: which attribute, and why."""

    def __init__(self, attr: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.attr = attr
        self.code = code
        self.detail = detail


class Credentials(msgspec.Struct, frozen=True):
    """Basic credentials that Gladly sends along."""

    username: str
    password: str
    realm: str = ""


class WebhookChange(msgspec.Struct, frozen=True, kw_only=True):
    """The body of POST and PATCH; read-only members are passed over."""

    name: Annotated[str, Meta(max_length=MAX_NAME)] | UnsetType = UNSET
    url: str | UnsetType = UNSET
    events: list[str] | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    credentials: Credentials | UnsetType | None = UNSET
    headers: dict[str, str] | UnsetType | None = UNSET


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook, secrets included."""

    id: str
    url: str
    events: tuple[str, ...]
    created_at: str
    updated_at: str
    name: str = ""
    enabled: bool = False
    credentials: Credentials | None = None
    headers: dict[str, str] = {}
    disabled_at: str | None = None

    def public(self) -> dict[str, Any]:
        """What the API shows of it: no secrets."""
        shown: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "url": self.url,
            "events": list(self.events),
            "enabled": self.enabled,
            "hasCredentials": self.credentials is not None,
            "headerKeys": sorted(self.headers),
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
        }
        if self.disabled_at is not None:
            shown["disabledAtDueToRetryLimit"] = self.disabled_at
        return shown


class WebhookRegistry:
    """All webhooks, in the order of their creation.

    Args:
        dice: Where ids come from.
        now: The clock.
    """

    def __init__(self, dice: random.Random, now: Callable[[], float]) -> None:
        self._dice = dice
        self._now = now
        self._webhooks: dict[str, Webhook] = {}

    def all(self) -> list[Webhook]:
        """Every webhook."""
        return list(self._webhooks.values())

    def get(self, webhook_id: str) -> Webhook | None:
        """The webhook of this id."""
        return self._webhooks.get(webhook_id)

    def draft(self, change: WebhookChange) -> Webhook:
        """A new webhook as it would be saved.

        Raises:
            WebhookRefused: It cannot be saved.
        """
        if len(self._webhooks) >= MAX_WEBHOOKS:
            raise WebhookRefused("url", "limit", f"at most {MAX_WEBHOOKS} webhooks are allowed")
        for attr in ("url", "events"):
            if getattr(change, attr) is UNSET:
                raise WebhookRefused(attr, "blank", f"{attr} cannot be blank")
        at = self._timestamp()
        empty = Webhook(id=new_id(self._dice), url="", events=(), created_at=at, updated_at=at)
        return self.changed(empty, change)

    def changed(self, webhook: Webhook, change: WebhookChange) -> Webhook:
        """`webhook` with `change`, as it would be saved.

        Raises:
            WebhookRefused: It cannot be saved.
        """
        fields = {
            name: getattr(change, name)
            for name in change.__struct_fields__
            if getattr(change, name) is not UNSET
        }
        if "headers" in fields:
            fields["headers"] = fields["headers"] or {}
        if "events" in fields:
            fields["events"] = _checked_events(fields["events"])
        if "url" in fields:
            self._check_url(fields["url"], webhook.id)
        if fields.get("enabled"):
            fields["disabled_at"] = None
        return msgspec.structs.replace(webhook, **fields, updated_at=self._timestamp())

    def save(self, webhook: Webhook) -> None:
        """Put `webhook` in the place of the one of the same id."""
        self._webhooks[webhook.id] = webhook

    def switch_off(self, webhook_id: str) -> None:
        """Disable a webhook because too many retries failed."""
        webhook = self._webhooks.get(webhook_id)
        if webhook is not None and webhook.enabled:
            at = self._timestamp()
            self.save(msgspec.structs.replace(webhook, enabled=False, disabled_at=at))

    def delete(self, webhook_id: str) -> None:
        """Remove a webhook.

        Raises:
            WebhookRefused: It is enabled.
        """
        if self._webhooks[webhook_id].enabled:
            raise WebhookRefused("enabled", "invalid", "webhook must be disabled to be deleted")
        del self._webhooks[webhook_id]

    def _check_url(self, url: str, own_id: str) -> None:
        if not _url_allowed(url):
            raise WebhookRefused("url", "invalid", "url must be a valid HTTPS URL")
        if any(other.url == url and other.id != own_id for other in self._webhooks.values()):
            raise WebhookRefused("url", "taken", "another webhook with this url already exists")

    def _timestamp(self) -> str:
        return format_timestamp(to_ns(self._now()))


def _checked_events(events: Sequence[str]) -> tuple[str, ...]:
    if not events:
        raise WebhookRefused("events", "blank", "events cannot be blank")
    if unknown := sorted(set(events) - KINDS):
        raise WebhookRefused("events", "invalid", f"unknown event {unknown[0]}")
    return tuple(dict.fromkeys(events))


def _url_allowed(url: str) -> bool:
    """HTTPS; http only to this machine, which the real Gladly could not reach."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.scheme != "http":
        return bool(host) and parts.scheme == "https"
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
