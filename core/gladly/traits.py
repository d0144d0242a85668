"""What of a customer profile goes into an event (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from core.gladly.payloads import Email, Phone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.gladly.payloads import CustomerProfile

C = TypeVar("C", Email, Phone)


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as an event shows it; absent parts are None."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    external_customer_id: str | None = None
    custom_attributes: dict[str, Any] | None = None


def traits_of(profile: CustomerProfile) -> Traits:
    """Pick the traits: the primary address and number, else the first; the external id.

    The e-mail address is `original`, as the customer gave it: Gladly's OpenAPI document requires
    it, keeps only the addr-spec in it, and makes `normalized` optional; what normalising drops may
    matter to a mail server. The number is `normalized`, which is E.164, else `original`.
    """
    return Traits(
        name=profile.name or None,
        email=_chosen(profile.emails or (), _address),
        phone=_chosen(profile.phones or (), _number),
        external_customer_id=profile.external_customer_id or _first(profile.external_customer_ids),
        custom_attributes=profile.custom_attributes,
    )


def _address(email: Email) -> str | None:
    return email.original or email.normalized or None


def _number(phone: Phone) -> str | None:
    return phone.normalized or phone.original or None


def _chosen(entries: Iterable[C], text_of: Callable[[C], str | None]) -> str | None:
    """Return the text of the primary entry, else of the first; who has no text does not count."""
    usable = [(entry.primary is not True, text) for entry in entries if (text := text_of(entry))]
    return min(usable, key=lambda pair: pair[0])[1] if usable else None


def _first(external_ids: dict[str, Any] | None) -> str | None:
    """Return the first value that can be an id."""
    for value in (external_ids or {}).values():
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return None
