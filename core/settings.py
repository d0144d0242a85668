"""The settings tree: load, validate, write atomically."""

from __future__ import annotations

import ipaddress
import tomllib
import types
import typing
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
import tomli_w
from msgspec import Meta

from core.addresses import holds_password
from core.errors import SettingsInvalid, SettingsUnreadable
from core.home import Home, write_private

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ENV_PREFIX = "GLADLY_SOURCE_"
FILE_NAME = "settings.toml"
#: answered by the listener itself
RESERVED_PATHS = frozenset({"/healthz", "/readyz", "/status", "/metrics", "/segment/echo"})
SEGMENT_HOSTS = {"us": "https://api.segment.io", "eu": "https://events.eu1.segmentapis.com"}
SECRET_WORDS = ("key", "token", "password", "secret")


class Listener(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The socket that Gladly's webhook calls."""

    enabled: bool = True
    host: Annotated[str, Meta(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8377
    path: Annotated[str, Meta(pattern=r"^/[A-Za-z0-9._~/-]+$")] = "/gladly/webhook"
    auth: Literal["basic", "header", "both", "none"] = "basic"
    username: Annotated[str, Meta(min_length=1, pattern=r"^[^:]+$")] = "gladly"
    header: Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]+$")] = "X-Gladly-Token"
    max_body_bytes: Annotated[int, Meta(ge=1024, le=16_777_216)] = 262_144
    public_url: str | None = None
    rearm: bool = False


class Segment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Segment source that gets the events."""

    region: Literal["us", "eu"] = "us"
    host: str | None = None
    alias: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = "default"

    @property
    def url(self) -> str:
        """Base address of the tracking API."""
        return (self.host or SEGMENT_HOSTS[self.region]).rstrip("/")


class Gladly(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Gladly's REST API."""

    url: str | None = None
    agent_email: str | None = None
    requests_per_second: Annotated[int, Meta(ge=1, le=10)] = 3
    poll: bool | None = None
    poll_seconds: Annotated[float, Meta(ge=5, le=3600)] = 30
    lookup_give_up_minutes: Annotated[float, Meta(ge=0, le=10_080)] = 60

    @property
    def polls(self) -> bool:
        """Whether events are polled: wherever there is an address, unless it is switched off."""
        return self.url is not None and self.poll is not False


class Mapping_(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):  # noqa: N801 - typing.Mapping is another thing
    """Which events go out, under which names, about whom, with what left out."""

    opened_when: Literal["assigned", "created"] = "assigned"
    names: Literal["segment-catalog", "gladly-toolkit", "live-chat"] = "segment-catalog"
    user_id: Literal["gladly", "external", "email-sha256"] = "gladly"
    identify: bool = False
    merges: bool = False
    drop: tuple[str, ...] = ()
    hash: tuple[str, ...] = ()
    settle_seconds: Annotated[float, Meta(ge=0, le=3600)] = 5


class Delivery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How events are uploaded."""

    batch_events: Annotated[int, Meta(ge=1, le=100)] = 100
    linger_ms: Annotated[int, Meta(ge=0, le=60_000)] = 200
    give_up_days: Annotated[float, Meta(gt=0, le=365)] = 7
    workers: Annotated[int, Meta(ge=1, le=16)] = 2


class Store(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where everything rests; no url means SQLite in the home."""

    url: Annotated[str, Meta(pattern=r"^postgres(ql)?://")] | None = None


class Retention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long bodies (personal data) and the rest are kept, in days."""

    payload_days: Annotated[float, Meta(gt=0, le=3650)] = 30
    metadata_days: Annotated[float, Meta(gt=0, le=3650)] = 180


class Confirm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Proof that events passed through the Segment workspace."""

    echo: bool = False
    public_api: bool = False


class App(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The desktop app."""

    profile: Literal["production", "sandbox"] = "production"
    notify: Literal["all", "problems", "none"] = "problems"
    on_close: Literal["ask", "tray", "quit"] = "ask"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings; every default stands in the class of its section."""

    listener: Listener = Listener()
    segment: Segment = Segment()
    gladly: Gladly = Gladly()
    mapping: Mapping_ = Mapping_()
    delivery: Delivery = Delivery()
    store: Store = Store()
    retention: Retention = Retention()
    confirm: Confirm = Confirm()
    app: App = App()


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """Settings, and for every key where its value comes from."""

    settings: Settings
    origin: dict[str, str]


def keys() -> Iterator[tuple[str, str, Any]]:
    """Every settings key as (section, key, type)."""
    for section, section_type in typing.get_type_hints(Settings).items():
        hints = typing.get_type_hints(section_type, include_extras=True)
        yield from ((section, key, key_type) for key, key_type in hints.items())


def load(home: Home, environ: Mapping[str, str]) -> Loaded:
    """Read the file, let the environment override it, and check everything.

    Raises:
        SettingsUnreadable: The file cannot be read or is not TOML.
        SettingsInvalid: A key is unknown or a value not allowed; the message names it.
    """
    file_values = _read_file(home.settings_file)
    env_values = _read_environment(environ)
    known = {(section, key): key_type for section, key, key_type in keys()}
    tree: dict[str, dict[str, Any]] = {}
    origin: dict[str, str] = {}
    for (section, key), key_type in known.items():
        name = f"{section}.{key}"
        origin[name] = "default"
        if (section, key) in file_values:
            origin[name] = FILE_NAME
            value = _checked(name, file_values[section, key], key_type, from_text=False)
            _refuse_password(name, value)
            tree.setdefault(section, {})[key] = value
        if (section, key) in env_values:
            origin[name], text = env_values[section, key]
            value = _checked(name, text, key_type, from_text=True)
            tree.setdefault(section, {})[key] = value
    for section, key in (*file_values, *env_values):
        if (section, key) not in known:
            raise _unknown(f"{section}.{key}", [f"{s}.{k}" for s, k in known])
    settings = msgspec.convert(tree, Settings)
    _check_together(settings)
    return Loaded(settings=settings, origin=origin)


def save(settings: Settings, home: Home) -> None:
    """Write what differs from the defaults, atomically, readable by this user only.

    Raises:
        SettingsUnreadable: The file cannot be written.
    """
    tree: dict[str, dict[str, Any]] = {}
    for section, key, _ in keys():
        value = getattr(getattr(settings, section), key)
        if holds_password(value):
            continue  # it came from the environment
        if value != getattr(getattr(Settings(), section), key) and value is not None:
            tree.setdefault(section, {})[key] = list(value) if isinstance(value, tuple) else value
    try:
        home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(home.settings_file, tomli_w.dumps(tree).encode())
    except OSError as exc:
        raise SettingsUnreadable(
            f"Cannot write {home.settings_file}: {exc.strerror}.",
            "Check the folder's owner and free space.",
        ) from exc


def check(settings: Settings) -> None:
    """Look whether settings that were put together by hand may be used.

    Raises:
        SettingsInvalid: A value is not allowed; the message names it.
    """
    for section, key, key_type in keys():
        value = getattr(getattr(settings, section), key)
        _checked(f"{section}.{key}", msgspec.to_builtins(value), key_type, from_text=False)
    _check_together(settings)


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine's own address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:  # a name; 127.example.com may be anywhere
        return host.lower() == "localhost"


def _read_file(path: Path) -> dict[tuple[str, str], Any]:
    try:
        text = path.read_text("utf-8-sig")  # Windows editors write a byte order mark
    except (FileNotFoundError, NotADirectoryError):
        return {}  # a home that is a file is the store's to refuse
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsUnreadable(
            f"Cannot read {path}: {getattr(exc, 'strerror', None) or 'it is not UTF-8 text'}.",
            "Check that the file is readable text.",
        ) from exc
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise SettingsUnreadable(
            f"{path} is not valid TOML: {exc}.", "Mend that line; see README, Settings."
        ) from exc
    values: dict[tuple[str, str], Any] = {}
    sections = typing.get_type_hints(Settings)
    for section, content in tree.items():
        if section not in sections:
            raise _unknown(section, list(sections))
        if not isinstance(content, dict):
            raise SettingsInvalid(
                f"{section} = {content!r} is not allowed: [{section}] is a section.",
                f"Write [{section}] on its own line and the keys below it.",
            )
        values.update({(section, key): value for key, value in content.items()})
    return values


def _read_environment(environ: Mapping[str, str]) -> dict[tuple[str, str], tuple[str, str]]:
    values = {}
    for name, text in environ.items():
        if name.startswith(ENV_PREFIX) and "__" in name:
            section, _, key = name.removeprefix(ENV_PREFIX).lower().partition("__")
            values[section, key] = (name, text)
    return values


def _checked(name: str, value: Any, key_type: Any, *, from_text: bool) -> Any:  # noqa: ANN401
    if from_text:
        value = _from_text(value, key_type)
    try:
        return msgspec.convert(value, key_type, strict=not from_text)
    except msgspec.ValidationError:
        raise SettingsInvalid(
            f"{name} = {_shown(name, value)} is not allowed: {_allowed(key_type)}.",
            "Mend it in settings.toml or the environment.",
        ) from None


def _refuse_password(name: str, value: object) -> None:
    if name == "store.url" and holds_password(value):
        raise SettingsInvalid(
            f"{name} = (hidden) is not allowed: it holds a password, and secrets never stand in "
            "the file.",
            f"Leave the password out and set PGPASSWORD, or set {ENV_PREFIX}STORE__URL.",
        )


def _from_text(text: str, key_type: Any) -> Any:  # noqa: ANN401
    if key_type == tuple[str, ...]:
        return [part.strip() for part in text.split(",") if part.strip()]
    if not text and types.NoneType in typing.get_args(key_type):
        return None
    return text


def _shown(name: str, value: object) -> str:
    if any(word in name for word in SECRET_WORDS) or "@" in str(value):
        return "(hidden)"
    text = repr(value)
    limit = 80
    return text if len(text) <= limit else text[:limit] + "…"


def _unknown(name: str, known: list[str]) -> SettingsInvalid:
    if any(word in name.rsplit(".", maxsplit=1)[-1] for word in SECRET_WORDS):
        return SettingsInvalid(
            f"{name} is not a setting: secrets never stand in the file.",
            "Use `gladly-source secret set`, or the environment.",
        )
    section = name.split(".", maxsplit=1)[0]
    near = [key for key in known if key.startswith(section + ".")] or sorted(
        {key.split(".")[0] for key in known}
    )
    return SettingsInvalid(f"{name} is not a setting.", f"Known are: {', '.join(near)}.")


def _allowed(key_type: Any) -> str:  # noqa: ANN401
    """What a value may be, in words."""
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


def _check_together(settings: Settings) -> None:
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
    if settings.mapping.merges and settings.mapping.user_id != "gladly":
        raise SettingsInvalid(
            f"mapping.merges is true, but mapping.user_id is {settings.mapping.user_id!r}: of a "
            "customer that was merged, Gladly's id alone is known.",
            'Set mapping.merges to false, or mapping.user_id to "gladly".',
        )
    both = set(settings.mapping.drop) & set(settings.mapping.hash)
    if both:
        raise SettingsInvalid(
            f"mapping.drop and mapping.hash both name {sorted(both)[0]!r}: allowed is one of them.",
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
            f"{name} = {_shown(name, url)} is not allowed: allowed is an https address without "
            "user name, or http on loopback.",
            "Mend it in settings.toml or the environment.",
        )
