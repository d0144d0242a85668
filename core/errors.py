"""Every error a user or a caller can meet.

GladlySourceError
├─ SettingsError    SettingsUnreadable · SettingsInvalid
├─ SecretError      SecretMissing · SecretStoreUnavailable
├─ StoreError       StoreBusy* · StoreUnavailable* · StoreFull* · StoreCorrupt · StoreTooNew ·
│                   StoreInUse · StoreMoved
├─ ListenerError    PortInUse · BindRefused
├─ GladlyError      GladlyUnauthorized · GladlyNotFound · CustomerMerged · GladlyRefused ·
│                   GladlyRateLimited* · GladlyUnavailable*
├─ MappingError     PlanInvalid · Unmappable · EventRefused
├─ SegmentError     SegmentUnreachable* · PublicApiRefused · PublicApiUnavailable*
└─ OperationError
* trying again later may help

`title` says what happened, `hint` what to do next; both are written for the user and appear
unchanged on the command line and on screen. `code` is stable. Bugs are not wrapped.
"""

from __future__ import annotations

from typing import ClassVar


class GladlySourceError(Exception):
    """Something the environment did, with a sentence for the user and the next thing to try.

    Args:
        title: One sentence: what happened, to what.
        hint: What to do next; may be empty where the title says it all.
    """

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1

    def __init__(self, title: str, hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.title} {self.hint}".strip()


class SettingsError(GladlySourceError):
    """The settings cannot be used."""

    code = "settings"
    exit_code = 2


class SettingsUnreadable(SettingsError):
    """The settings file cannot be read or written, or is not TOML."""

    code = "settings.unreadable"


class SettingsInvalid(SettingsError):
    """A key is unknown or its value is not allowed."""

    code = "settings.invalid"


class SecretError(GladlySourceError):
    """A secret cannot be had."""

    code = "secret"


class SecretMissing(SecretError):
    """Neither the environment nor the keyring holds this secret."""

    code = "secret.missing"
    exit_code = 2


class SecretStoreUnavailable(SecretError):
    """There is no OS keyring, or it is locked."""

    code = "secret.store_unavailable"


class StoreError(GladlySourceError):
    """The store cannot do what was asked."""

    code = "store"


class StoreBusy(StoreError):
    """More writes are waiting than the store can take."""

    code = "store.busy"
    retryable = True


class StoreUnavailable(StoreError):
    """The store cannot be opened, read or written."""

    code = "store.unavailable"
    retryable = True


class StoreFull(StoreError):
    """The disk is full."""

    code = "store.full"
    retryable = True


class StoreCorrupt(StoreError):
    """The file is damaged, or is not a store."""

    code = "store.corrupt"


class StoreTooNew(StoreError):
    """A newer version of the program wrote this store."""

    code = "store.too_new"


class StoreInUse(StoreError):
    """Another engine holds this store."""

    code = "store.in_use"


class StoreMoved(StoreError):
    """The rows of this file are in another database now."""

    code = "store.moved"


class ListenerError(GladlySourceError):
    """The listener cannot start."""

    code = "listener"


class PortInUse(ListenerError):
    """Another program listens on this port."""

    code = "listener.port_in_use"


class BindRefused(ListenerError):
    """The address or port may not be used."""

    code = "listener.bind_refused"


class GladlyError(GladlySourceError):
    """Gladly's REST API did not give what was asked for."""

    code = "gladly"


class GladlyUnauthorized(GladlyError):
    """Gladly refuses the agent e-mail or the API token (401, 403)."""

    code = "gladly.unauthorized"


class GladlyNotFound(GladlyError):
    """Gladly knows nothing by this id (404)."""

    code = "gladly.not_found"


class CustomerMerged(GladlyError):
    """The customer lives on under another id (301)."""

    code = "gladly.customer_merged"

    def __init__(self, new_id: str) -> None:
        super().__init__("The customer was merged into another.")
        self.new_id = new_id


class GladlyRefused(GladlyError):
    """Gladly refuses a change, and says why (400)."""

    code = "gladly.refused"


class GladlyRateLimited(GladlyError):
    """Gladly asks for fewer requests (429)."""

    code = "gladly.rate_limited"
    retryable = True


class GladlyUnavailable(GladlyError):
    """Gladly cannot be reached or fails inside (network, 5xx, an answer that is no JSON)."""

    code = "gladly.unavailable"
    retryable = True


class MappingError(GladlySourceError):
    """A webhook cannot become a track event."""

    code = "mapping"


class PlanInvalid(MappingError):
    """The tracking plan contradicts itself or cannot be read."""

    code = "mapping.plan_invalid"
    exit_code = 2


class Unmappable(MappingError):
    """The webhook lacks what an event needs."""

    code = "mapping.unmappable"


class EventRefused(MappingError):
    """Segment would drop this event silently, so it is refused here, aloud."""

    code = "mapping.event_refused"


class SegmentError(GladlySourceError):
    """Segment did not give what was asked for."""

    code = "segment"


class SegmentUnreachable(SegmentError):
    """Segment cannot be reached."""

    code = "segment.unreachable"
    retryable = True


class PublicApiRefused(SegmentError):
    """Segment's Public API does not admit the token (401, 403)."""

    code = "segment.public_api_refused"


class PublicApiUnavailable(SegmentError):
    """Segment's Public API gives no answer that can be used."""

    code = "segment.public_api_unavailable"
    retryable = True


class OperationError(GladlySourceError):
    """What a person asked for cannot be done."""

    code = "operation"
