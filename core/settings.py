"""The settings tree: load, validate, write atomically."""

from __future__ import annotations

import re
import tomllib
import types
import typing
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import tomli_w
from msgspec import Meta

from core.addresses import holds_password
from core.errors import SettingsInvalid, SettingsUnreadable
from core.home import Home, write_private
from core.settings_rules import SECRET_WORDS, allowed, check_together, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

ENV_PREFIX = "GLADLY_SOURCE_"
FILE_NAME = "settings.toml"
SEGMENT_HOSTS = {"us": "https://api.segment.io", "eu": "https://events.eu1.segmentapis.com"}
#: what of `mapping` a further source may say otherwise
SOURCE_MAPPING = ("names", "user_id", "identify", "merges", "drop", "hash")
#: [sources.ALIAS]
SOURCES = "sources"
#: not as the environment variable of a secret file would end
ALIAS = re.compile(r"(?!(?:.*-)?file$)[a-z][a-z0-9-]{0,31}")

Names = Literal["segment-catalog", "gladly-toolkit", "live-chat"]
UserId = Literal["gladly", "external", "email-sha256"]


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


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One more Segment source, under its alias; what is not set is as in `mapping`.

    When an event is Opened is the same for all: `mapping.opened_when`.
    """

    region: Literal["us", "eu"] = "us"
    host: str | None = None
    names: Names | None = None
    user_id: UserId | None = None
    identify: bool | None = None
    merges: bool | None = None
    drop: tuple[str, ...] | None = None
    hash: tuple[str, ...] | None = None

    @property
    def url(self) -> str:
        """Base address of the tracking API."""
        return (self.host or SEGMENT_HOSTS[self.region]).rstrip("/")

    def mapping(self, shared: Mapping_) -> Mapping_:
        """What is sent to this source: its own where it says so, else what all get."""
        own = {name: getattr(self, name) for name in SOURCE_MAPPING}
        return msgspec.structs.replace(
            shared, **{name: value for name, value in own.items() if value is not None}
        )


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
    names: Names = "segment-catalog"
    user_id: UserId = "gladly"
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
    #: further sources by alias; each gets every event, on a queue of its own
    sources: dict[str, Source] = msgspec.field(default_factory=dict)
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


def keys(sources: Iterable[str] = ()) -> Iterator[tuple[str, str, Any]]:
    """Every settings key as (section, key, type); those of `[sources.ALIAS]` for these aliases."""
    sections = typing.get_type_hints(Settings)
    del sections[SOURCES]
    sections |= {f"{SOURCES}.{alias}": Source for alias in sources}
    for section, section_type in sections.items():
        hints = typing.get_type_hints(section_type, include_extras=True)
        yield from ((section, key, key_type) for key, key_type in hints.items())


def value_of(settings: Settings, section: str, key: str) -> Any:  # noqa: ANN401
    """The value of a key, as `keys` names it."""
    kind, _, alias = section.partition(".")
    return getattr(settings.sources[alias] if alias else getattr(settings, kind), key)


def load(home: Home, environ: Mapping[str, str]) -> Loaded:
    """Read the file, let the environment override it, and check everything.

    Raises:
        SettingsUnreadable: The file cannot be read or is not TOML.
        SettingsInvalid: A key is unknown or a value not allowed; the message names it.
    """
    file_values = _read_file(home.settings_file)
    env_values = _read_environment(environ)
    named = {section for section, _ in (*file_values, *env_values)}
    aliases = sorted(one.partition(".")[2] for one in named if one.startswith(f"{SOURCES}."))
    _check_aliases(aliases)
    known = {(section, key): key_type for section, key, key_type in keys(aliases)}
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
    further = {alias: tree.pop(f"{SOURCES}.{alias}", {}) for alias in aliases}
    settings = msgspec.convert(tree | {SOURCES: further}, Settings)
    check_together(settings)
    return Loaded(settings=settings, origin=origin)


def save(settings: Settings, home: Home) -> None:
    """Write what differs from the defaults, atomically, readable by this user only.

    Raises:
        SettingsUnreadable: The file cannot be written.
    """
    tree: dict[str, dict[str, Any]] = {}
    plain = Settings(sources=dict.fromkeys(settings.sources, Source()))
    for section, key, _ in keys(settings.sources):
        value = value_of(settings, section, key)
        if holds_password(value):
            continue  # it came from the environment
        if value != value_of(plain, section, key) and value is not None:
            tree.setdefault(section, {})[key] = list(value) if isinstance(value, tuple) else value
    further = {alias: tree.pop(f"{SOURCES}.{alias}", {}) for alias in settings.sources}
    if further:
        tree[SOURCES] = further
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
    _check_aliases(settings.sources)
    for section, key, key_type in keys(settings.sources):
        value = value_of(settings, section, key)
        _checked(f"{section}.{key}", msgspec.to_builtins(value), key_type, from_text=False)
    check_together(settings)


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
        if section == SOURCES:
            values.update(_of_sources(content))
        else:
            values.update({(section, key): value for key, value in content.items()})
    return values


def _of_sources(content: dict[str, Any]) -> dict[tuple[str, str], Any]:
    values: dict[tuple[str, str], Any] = {}
    for alias, source in content.items():
        if not isinstance(source, dict):
            raise SettingsInvalid(
                f"{SOURCES}.{alias} is not a setting: further sources have a section each.",
                f"Write [{SOURCES}.ALIAS] on its own line and the keys below it.",
            )
        # A section without keys is a source, too.
        values.update({(f"{SOURCES}.{alias}", key): value for key, value in source.items()})
        values.setdefault((f"{SOURCES}.{alias}", "region"), "us")
    return values


def _check_aliases(aliases: Iterable[str]) -> None:
    for alias in aliases:
        if not ALIAS.fullmatch(alias):
            raise SettingsInvalid(
                f"{SOURCES}.{alias} is not allowed: an alias has 1 to 32 small letters, digits "
                "and -, begins with a letter, and does not end with file.",
                "Give the source such an alias; its write key is kept as write-key-ALIAS.",
            )


def _read_environment(environ: Mapping[str, str]) -> dict[tuple[str, str], tuple[str, str]]:
    values = {}
    for name, text in environ.items():
        if name.startswith(ENV_PREFIX) and "__" in name:
            section, _, key = name.removeprefix(ENV_PREFIX).lower().partition("__")
            if section == SOURCES:
                alias, _, key = key.partition("__")
                section = f"{SOURCES}.{alias.replace('_', '-')}"
            values[section, key] = (name, text)
    return values


def _checked(name: str, value: Any, key_type: Any, *, from_text: bool) -> Any:  # noqa: ANN401
    if from_text:
        value = _from_text(value, key_type)
    try:
        return msgspec.convert(value, key_type, strict=not from_text)
    except msgspec.ValidationError:
        raise SettingsInvalid(
            f"{name} = {shown(name, value)} is not allowed: {allowed(key_type)}.",
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
