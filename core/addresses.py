"""Addresses that may hold a password, and how they look without it. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

#: PostgreSQL's library takes everything up to `@` for user and password, `#` and `?` as well
#: (conninfo_uri_parse_options in libpq); urllib ends there, and would overlook the password.
_PARTS: Final = re.compile(
    r"(?P<scheme>[^:/?#]+://)(?:(?P<user>[^@/:]*)(?P<password>:[^@/]*)?(?P<at>@))?"
    r"(?P<place>[^?]*)(?P<query>\?.*)?",
    re.DOTALL,
)


def without_password(address: str) -> str:
    """An address as it may be shown and kept; everything in it but passwords.

    Raises:
        ValueError: It is no address.
    """
    parts = _PARTS.fullmatch(address)
    if parts is None:
        raise ValueError("This is no address.")
    user = f"{parts['user']}@" if parts["at"] else ""
    given = (parts["query"] or "?").removeprefix("?")
    kept = [one for one in given.split("&") if not _is_password(one)]
    query = "?" + "&".join(kept) if any(kept) else ""
    return f"{parts['scheme']}{user}{parts['place']}{query}"


def holds_password(value: object) -> bool:
    """Whether the value is an address with a password, before the host or as a parameter."""
    if not isinstance(value, str) or "://" not in value:
        return False
    parts = _PARTS.fullmatch(value)
    if parts is None:
        return False
    given = (parts["query"] or "").removeprefix("?")
    return parts["password"] is not None or any(map(_is_password, given.split("&")))


def _is_password(parameter: str) -> bool:
    return "password" in unquote(parameter.partition("=")[0])
