"""Our webhook as Gladly keeps it, and what has to change in it (pure).

Members and rules are those of Gladly's OpenAPI document, /api/v1/webhooks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, UnsetType

from core.credentials import Secret
from core.errors import OperationError
from core.gladly.payloads import Wire
from core.model import Fact
from core.settings_rules import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.settings import Settings

NAME: Final = "Gladly Source"
MAX_WEBHOOKS: Final = 20
#: what the tracking plan is made from, and what tells that a customer is another one now
EVENTS: Final = (
    *(str(kind) for kind in Fact),
    "CUSTOMER/MERGED",
    "CUSTOMER_PROFILE/DELETED",
)
_PORTS: Final = {"https": 443, "http": 80}


class GladlyWebhook(Wire, frozen=True):
    """One webhook of the organisation, as Gladly shows it: without its secrets."""

    id: str = ""
    name: str | None = None
    url: str = ""
    events: tuple[str, ...] | None = None
    enabled: bool | None = None
    has_credentials: bool | None = None
    header_keys: tuple[str, ...] | None = None
    disabled_at_due_to_retry_limit: str | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Types of event that we need and Gladly does not send."""
        return tuple(one for one in EVENTS if one not in (self.events or ()))

    @property
    def superfluous(self) -> tuple[str, ...]:
        """Types of event that Gladly sends and nobody here needs."""
        return tuple(one for one in self.events or () if one not in EVENTS)


class Basic(msgspec.Struct, frozen=True):
    """Basic credentials that Gladly is to send along."""

    username: str
    password: Secret


class WebhookChange(Wire, frozen=True, kw_only=True):
    """What a POST or PATCH sets; the rest stays as it is."""

    name: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    events: tuple[str, ...] | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    credentials: Basic | UnsetType = UNSET
    headers: dict[str, Secret] | UnsetType = UNSET

    def encode(self) -> bytes:
        """The body of the request, secrets revealed."""
        return msgspec.json.encode(self, enc_hook=_reveal)

    def secrets(self) -> list[Secret]:
        """What no error may repeat."""
        found = [] if self.credentials is UNSET else [self.credentials.password]
        return [*found, *({} if self.headers is UNSET else self.headers).values()]


class Create(msgspec.Struct, frozen=True):
    """POST this."""

    change: WebhookChange


class Change(msgspec.Struct, frozen=True):
    """PATCH the webhook of this id."""

    id: str
    change: WebhookChange


class Delete(msgspec.Struct, frozen=True):
    """DELETE the webhook of this id."""

    id: str


Step = Create | Change | Delete


def address(settings: Settings) -> str:
    """What Gladly is to call.

    Raises:
        OperationError: There is no public URL, or Gladly could not call it.
    """
    listener = settings.listener
    if not listener.public_url:
        raise OperationError(
            "There is no public URL yet: Gladly could not call this computer.",
            "Set listener.public_url to the https address that leads to the listener; see "
            "README, A public URL.",
        )
    url = listener.public_url.rstrip("/") + listener.path
    beside = is_loopback(urlsplit(settings.gladly.url or "").hostname or "")
    if urlsplit(url).scheme != "https" and not beside:
        raise OperationError(
            f"Gladly calls https addresses only, and {url} is none.",
            "Set listener.public_url to the https address of a tunnel or a reverse proxy.",
        )
    return url


def find(webhooks: Iterable[GladlyWebhook], url: str) -> GladlyWebhook | None:
    """The webhook that calls `url`; a URL is unique in an organisation."""
    wanted = _same_place(url)
    return next((one for one in webhooks if _same_place(one.url) == wanted), None)


def to_create(webhooks: Sequence[GladlyWebhook], wanted: WebhookChange) -> Create | Change | None:
    """Make the webhook, or make the one that is there as it ought to be; None when it is.

    Raises:
        OperationError: It is not there, and there are as many as Gladly allows.
    """
    url = "" if wanted.url is UNSET else wanted.url
    found = find(webhooks, url)
    if found is not None:
        change = _difference(found, wanted)
        return None if change == WebhookChange() else Change(found.id, change)
    if len(webhooks) >= MAX_WEBHOOKS:
        raise OperationError(
            f"Gladly allows {MAX_WEBHOOKS} webhooks, and there are {len(webhooks)} already.",
            "Delete one that nobody needs: in Gladly, Settings, Webhooks.",
        )
    return Create(wanted)


def to_switch(found: GladlyWebhook, *, on: bool) -> Change | None:
    """Enable or disable it; None when it is so already."""
    return None if bool(found.enabled) is on else Change(found.id, WebhookChange(enabled=on))


def is_as_wanted(found: GladlyWebhook) -> bool:
    """Whether it is enabled and sends what we need, and no more."""
    return bool(found.enabled) and not found.missing and not found.superfluous


def _difference(found: GladlyWebhook, wanted: WebhookChange) -> WebhookChange:
    """Of `wanted`, what differs, and the credentials: nobody can look whether they do."""
    change = WebhookChange(credentials=wanted.credentials, headers=wanted.headers)
    if found.missing or found.superfluous:
        change = msgspec.structs.replace(change, events=wanted.events)
    if not found.enabled:
        change = msgspec.structs.replace(change, enabled=True)
    return change


def _same_place(url: str) -> tuple[str, str, int | None, str, str]:
    """A URL in the one spelling that all of its spellings share."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return ("", url, None, "", "")
    return (parts.scheme, parts.hostname or "", port, parts.path.rstrip("/"), parts.query)


def _reveal(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError
