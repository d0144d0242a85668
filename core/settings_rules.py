"""What settings must fulfil together, beyond the form of each value."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec

from core.errors import SettingsInvalid

if TYPE_CHECKING:
    from core.settings import Mapping_, Settings

#: answered by the listener itself
RESERVED_PATHS: Final = frozenset({"/healthz", "/readyz", "/status", "/metrics", "/segment/echo"})
SECRET_WORDS: Final = ("key", "token", "password", "secret")


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine's own address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:  # a name; 127.example.com may be anywhere
        return host.lower() == "localhost"


def shown(name: str, value: object) -> str:
    """A value as an error may show it: nothing secret, nothing personal, nothing long."""
    if any(word in name for word in SECRET_WORDS) or "@" in str(value):
        return "(hidden)"
    text = repr(value)
    limit = 80
    return text if len(text) <= limit else text[:limit] + "…"


def check_together(settings: Settings) -> None:
    """Look whether values contradict each other.

    Raises:
        SettingsInvalid: They do; the message names them.
    """
    listener = settings.listener
    if listener.auth == "none" and not is_loopback(listener.host):
        raise SettingsInvalid(
            f"listener.auth = 'none' is not allowed with listener.host = {listener.host!r}: "
            "without credentials only loopback (127.0.0.1) is allowed.",
            "Set listener.auth to basic, header or both.",
        )
    if listener.path in RESERVED_PATHS:
        raise SettingsInvalid(
            f"listener.path = {listener.path!r} is not allowed: it belongs to another answer.",
            f"Take any path but {', '.join(sorted(RESERVED_PATHS))}.",
        )
    _check_url("listener.public_url", listener.public_url, loopback_http=True)
    _check_url("segment.host", settings.segment.host, loopback_http=True)
    _check_url("gladly.url", settings.gladly.url, loopback_http=True)
    if settings.gladly.url and not settings.gladly.agent_email:
        raise SettingsInvalid(
            "gladly.agent_email is missing: gladly.url is set, and look-ups need both.",
            "Set gladly.agent_email to the address of the API user in Gladly.",
        )
    _check_mapping("mapping", settings.mapping)
    for alias, source in settings.sources.items():
        if alias in {settings.segment.alias, "main"}:
            raise SettingsInvalid(
                f"sources.{alias} is not allowed: the source of [segment] has that name already.",
                "Give one of the two another alias.",
            )
        _check_url(f"sources.{alias}.host", source.host, loopback_http=True)
        _check_mapping(f"sources.{alias}", source.mapping(settings.mapping))


def _check_mapping(name: str, mapping: Mapping_) -> None:
    if mapping.merges and mapping.user_id != "gladly":
        raise SettingsInvalid(
            f"{name}.merges is true, but {name}.user_id is {mapping.user_id!r}: of a "
            "customer that was merged, Gladly's id alone is known.",
            f'Set {name}.merges to false, or {name}.user_id to "gladly".',
        )
    both = set(mapping.drop) & set(mapping.hash)
    if both:
        raise SettingsInvalid(
            f"{name}.drop and {name}.hash both name {sorted(both)[0]!r}: allowed is one of them.",
            "Remove it from one list.",
        )


def _check_url(name: str, url: str | None, *, loopback_http: bool) -> None:
    if url is None:
        return
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    plain_ok = loopback_http and parts.scheme == "http" and is_loopback(host)
    if not host or "@" in parts.netloc or not (parts.scheme == "https" or plain_ok):
        raise SettingsInvalid(
            f"{name} = {shown(name, url)} is not allowed: allowed is an https address without "
            "user name, or http on loopback.",
            "Mend it in settings.toml or the environment.",
        )


def allowed(key_type: Any) -> str:  # noqa: ANN401
    """What a value of this type may be, in words."""
    info = msgspec.inspect.type_info(key_type)
    if isinstance(info, msgspec.inspect.UnionType):
        info = next(t for t in info.types if not isinstance(t, msgspec.inspect.NoneType))
    match info:
        case msgspec.inspect.LiteralType(values=values):
            return f"allowed are {', '.join(map(str, values))}"
        case msgspec.inspect.BoolType():
            return "allowed are true and false"
        case msgspec.inspect.IntType() | msgspec.inspect.FloatType():
            kind = "a whole number" if isinstance(info, msgspec.inspect.IntType) else "a number"
            low = info.ge if info.ge is not None else f"more than {info.gt}"
            return f"allowed is {kind} from {low} to {info.le}"
        case msgspec.inspect.StrType(pattern=str(pattern)):
            return f"allowed is text of the form {pattern}"
        case msgspec.inspect.StrType():
            return "allowed is text"
        case _:
            return "allowed is a list of texts"
