"""Settings: defaults of the contract, where values come from, and what is refused how."""

from __future__ import annotations

import math
import os
import stat
import sys
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core import settings
from core.errors import SettingsError, SettingsInvalid, SettingsUnreadable
from core.home import Home, find_home
from core.settings import Settings, load, save

if TYPE_CHECKING:
    from pathlib import Path

#: the contract's table, word for word
CONTRACT = {
    "listener.enabled": True,
    "listener.host": "127.0.0.1",
    "listener.port": 8377,
    "listener.path": "/gladly/webhook",
    "listener.auth": "basic",
    "listener.username": "gladly",
    "listener.header": "X-Gladly-Token",
    "listener.max_body_bytes": 262144,
    "listener.public_url": None,
    "listener.rearm": False,
    "segment.region": "us",
    "segment.host": None,
    "segment.alias": "default",
    "gladly.url": None,
    "gladly.agent_email": None,
    "gladly.requests_per_second": 3,
    "gladly.poll": None,  # true when a url is set
    "gladly.poll_seconds": 30,
    "gladly.lookup_give_up_minutes": 60,
    "mapping.opened_when": "assigned",
    "mapping.names": "segment-catalog",
    "mapping.user_id": "gladly",
    "mapping.identify": False,
    "mapping.merges": False,
    "mapping.drop": (),
    "mapping.hash": (),
    "delivery.batch_events": 100,
    "delivery.linger_ms": 200,
    "delivery.give_up_days": 7,
    "delivery.workers": 2,
    "store.url": None,
    "retention.payload_days": 30,
    "retention.metadata_days": 180,
    "confirm.echo": False,
    "confirm.public_api": False,
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(path=tmp_path)


def written(home: Home, text: str) -> Home:
    """The home with this settings file."""
    home.settings_file.write_text(text, "utf-8")
    return home


def value_of(tree: Settings, name: str) -> object:
    section, key = name.split(".")
    return getattr(getattr(tree, section), key)


def variable(name: str) -> str:
    return "GLADLY_SOURCE_" + name.upper().replace(".", "__")


# --- values and where they come from


@pytest.mark.parametrize("name", CONTRACT)
def test_every_key_of_the_contract_has_its_default(home: Home, name: str) -> None:
    loaded = load(home, {})

    assert value_of(loaded.settings, name) == CONTRACT[name]
    assert loaded.origin[name] == "default"


def test_the_environment_overrides_the_file_which_overrides_the_default(home: Home) -> None:
    written(home, '[listener]\nport = 1111\nhost = "127.0.0.2"\n')

    loaded = load(home, {"GLADLY_SOURCE_LISTENER__PORT": "2222"})

    assert loaded.settings.listener.port == 2222
    assert loaded.settings.listener.host == "127.0.0.2"
    assert loaded.settings.listener.username == "gladly"
    assert loaded.origin["listener.port"] == "GLADLY_SOURCE_LISTENER__PORT"
    assert loaded.origin["listener.host"] == "settings.toml"
    assert loaded.origin["listener.username"] == "default"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("listener.enabled", "false", False),
        ("listener.enabled", "0", False),
        ("mapping.identify", "true", True),
        ("mapping.identify", "1", True),
        ("mapping.merges", "true", True),
        ("listener.port", "0", 0),
        ("gladly.requests_per_second", "5", 5),
        ("gladly.poll", "false", False),
        ("gladly.poll", "", None),
        ("mapping.drop", "email, phone", ("email", "phone")),
        ("mapping.drop", "", ()),
        ("segment.host", "", None),
        ("segment.host", "http://127.0.0.1:9/x", "http://127.0.0.1:9/x"),
        ("store.url", "postgresql://app@db/x", "postgresql://app@db/x"),
        ("listener.username", "123", "123"),
    ],
)
def test_every_kind_of_value_can_be_given_in_the_environment(
    home: Home, name: str, text: str, expected: object
) -> None:
    loaded = load(home, {variable(name): text})

    assert value_of(loaded.settings, name) == expected
    assert loaded.origin[name] == variable(name)


def test_other_variables_are_not_settings(home: Home) -> None:
    environ = {
        "GLADLY_SOURCE_HOME": "/x",
        "GLADLY_SOURCE_WRITE_KEY": "secret",
        "GLADLY_SOURCE_WRITE_KEY_FILE": "/secret",
        "OTHER__PORT": "x",
    }

    assert load(home, environ).settings == Settings()


@pytest.mark.parametrize("text", ["", "# nothing\n", "[listener]\n"])
def test_a_file_without_keys_means_the_defaults(home: Home, text: str) -> None:
    assert load(written(home, text), {}).settings == Settings()


def test_the_home_is_the_option_then_the_variable_then_the_platforms(tmp_path: Path) -> None:
    environ = {"GLADLY_SOURCE_HOME": str(tmp_path / "b")}

    assert find_home(str(tmp_path / "a"), environ).path == tmp_path / "a"
    assert find_home(None, environ).path == tmp_path / "b"
    assert find_home(None, {}).path.is_absolute()
    assert find_home("relative", {}).path.is_absolute()
    assert "~" not in str(find_home("~/x", {}).path)


# --- what is refused


BAD = [
    ("listener.enabled", '"maybe"', "maybe", "allowed are true and false"),
    ("listener.port", "65536", "65536", "whole number from 0 to 65535"),
    ("listener.port", "-1", "-1", "whole number from 0 to 65535"),
    ("listener.port", '"8377"', "8377", "whole number"),
    ("listener.port", "true", "True", "whole number"),
    ("listener.port", "1.5", "1.5", "whole number"),
    ("listener.host", '""', "''", "allowed is text"),
    ("listener.path", '"webhook"', "webhook", "text of the form"),
    ("listener.auth", '"digest"', "digest", "allowed are basic, both, header, none"),
    ("listener.username", '"a:b"', "a:b", "text of the form"),
    ("listener.header", '"X Y"', "X Y", "text of the form"),
    ("listener.max_body_bytes", "5", "5", "whole number from 1024 to"),
    ("listener.public_url", '"http://example.com"', "http://example.com", "an https address"),
    ("listener.public_url", '"example.com"', "example.com", "an https address"),
    ("segment.region", '"mars"', "mars", "allowed are eu, us"),
    ("segment.host", '"http://example.com"', "http://example.com", "http on loopback"),
    ("segment.host", '"https://"', "https://", "an https address"),
    ("segment.host", '"https://x:port"', "https://x:port", "an https address"),
    ("segment.host", '"ftp://127.0.0.1"', "ftp://127.0.0.1", "an https address"),
    ("segment.alias", '"a b"', "a b", "text of the form"),
    ("segment.alias", "5", "5", "text of the form"),
    ("gladly.url", '"http://example.com"', "http://example.com", "an https address"),
    ("gladly.requests_per_second", "2.5", "2.5", "whole number from 1"),
    ("gladly.requests_per_second", "11", "11", "to 10"),
    ("gladly.requests_per_second", "0", "0", "whole number from 1"),
    ("gladly.poll", "3", "3", "allowed are true and false"),
    ("mapping.opened_when", '"later"', "later", "allowed are assigned, created"),
    ("mapping.names", '"x"', "'x'", "gladly-toolkit, live-chat, segment-catalog"),
    ("mapping.user_id", '"x"', "'x'", "email-sha256, external, gladly"),
    ("mapping.merges", '"x"', "'x'", "allowed are true and false"),
    ("mapping.drop", '"email"', "email", "a list of texts"),
    ("mapping.drop", "[1]", "[1]", "a list of texts"),
    ("delivery.batch_events", "101", "101", "whole number from 1 to 100"),
    ("delivery.give_up_days", "0", "0", "number from more than 0"),
    ("delivery.give_up_days", "nan", "nan", "number from more than 0"),
    ("delivery.give_up_days", "inf", "inf", "number from more than 0"),
    ("retention.payload_days", "-1", "-1", "a number from"),
    ("store.url", '"mysql://x"', "mysql://x", "text of the form"),
    ("confirm.echo", '"yes"', "yes", "allowed are true and false"),
]


@pytest.mark.parametrize(("name", "toml", "shown", "allowed"), BAD)
def test_a_bad_value_in_the_file_is_named_with_what_is_allowed(
    home: Home, name: str, toml: str, shown: str, allowed: str
) -> None:
    section, key = name.split(".")

    with pytest.raises(SettingsInvalid) as caught:
        load(written(home, f"[{section}]\n{key} = {toml}\n"), {})

    assert f"{name} = " in caught.value.title
    assert shown in caught.value.title
    assert allowed in caught.value.title
    assert caught.value.hint
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("listener.port", "http", "whole number from 0 to 65535"),
        ("listener.port", "", "whole number from 0 to 65535"),
        ("listener.enabled", "maybe", "allowed are true and false"),
        ("gladly.requests_per_second", "many", "number from 1"),
        ("gladly.requests_per_second", "nan", "number from 1"),
        ("listener.auth", "", "allowed are basic"),
        ("segment.region", "US ", "allowed are eu, us"),
    ],
)
def test_a_bad_value_in_the_environment_is_named_with_what_is_allowed(
    home: Home, name: str, text: str, allowed: str
) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(home, {variable(name): text})

    assert f"{name} = {text!r}" in caught.value.title
    assert allowed in caught.value.title


@pytest.mark.parametrize(
    ("toml", "environ", "named", "known"),
    [
        ("[listener]\nprot = 1\n", {}, "listener.prot", "listener.port"),
        ("[lisener]\nport = 1\n", {}, "lisener", "listener"),
        ("port = 1\n", {}, "port", "listener"),
        ("", {"GLADLY_SOURCE_X__Y": "1"}, "x.y", "listener"),
        ("", {"GLADLY_SOURCE_LISTENER__PROT": "1"}, "listener.prot", "listener.port"),
        ("[listener.port]\nx = 1\n", {}, "listener.port", "whole number"),
        ("listener = 5\n", {}, "listener = 5", "section"),
        ("[[listener]]\nport = 1\n", {}, "listener", "section"),
    ],
)
def test_an_unknown_name_is_said_with_the_known_ones(
    home: Home, toml: str, environ: dict[str, str], named: str, known: str
) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(written(home, toml), environ)

    assert named in caught.value.title
    assert known in str(caught.value)


@pytest.mark.parametrize(
    "toml",
    [
        '[segment]\nwrite_key = "PLANTED"\n',
        '[gladly]\napi_token = "PLANTED"\n',
        '[listener]\npassword = "PLANTED"\n',
        'write_key = "PLANTED"\n',
        '[secrets]\nwrite-key = "PLANTED"\n',
        '[segment.secrets]\nkey = "PLANTED"\n',
        'secret = "PLANTED"\n',
    ],
)
def test_secrets_in_the_file_are_refused_without_being_shown(home: Home, toml: str) -> None:
    with pytest.raises(SettingsInvalid, match="secrets never stand in the file") as caught:
        load(written(home, toml), {})

    assert "PLANTED" not in str(caught.value)
    assert "secret set" in caught.value.hint


@pytest.mark.parametrize("name", ["segment.host", "gladly.url", "listener.public_url", "store.url"])
@pytest.mark.parametrize(
    "credentials", ["user:PLANTED@", ":PLANTED@", "PLANTED@", "user:%50LANTED@"]
)
def test_addresses_with_credentials_are_refused_without_being_shown(
    home: Home, name: str, credentials: str
) -> None:
    if name == "store.url" and ":" not in credentials:
        return  # a database needs a user name; it is no secret
    scheme = "postgresql" if name == "store.url" else "https"
    section, key = name.split(".")
    toml = f'[{section}]\n{key} = "{scheme}://{credentials}example.com/x"\n'

    with pytest.raises(SettingsInvalid) as caught:
        load(written(home, toml), {})

    assert name in caught.value.title
    assert "LANTED" not in str(caught.value)


def test_a_database_password_as_a_parameter_is_refused_as_well(home: Home) -> None:
    with pytest.raises(SettingsInvalid, match=r"store\.url") as caught:
        load(written(home, '[store]\nurl = "postgresql://app@db/x?password=PLANTED"\n'), {})

    assert "PLANTED" not in str(caught.value)


def test_a_database_password_is_refused_whatever_characters_it_has(home: Home) -> None:
    """PostgreSQL's library takes all up to `@`, where other readers of addresses stop before."""
    with pytest.raises(SettingsInvalid, match="it holds a password"):
        load(written(home, '[store]\nurl = "postgresql://app:PLAN#TED@db/x"\n'), {})


def test_a_database_password_may_come_from_the_environment_and_is_never_saved(
    home: Home,
) -> None:
    url = "postgresql://app:PLANTED@db/x"

    loaded = load(home, {"GLADLY_SOURCE_STORE__URL": url})
    save(loaded.settings, home)

    assert loaded.settings.store.url == url
    assert "PLANTED" not in home.settings_file.read_text()
    assert load(home, {}).settings.store.url is None


def test_without_credentials_only_loopback_is_listened_on(home: Home) -> None:
    with pytest.raises(SettingsInvalid, match=r"listener\.auth = 'none'.*0\.0\.0\.0") as caught:
        load(written(home, '[listener]\nauth = "none"\nhost = "0.0.0.0"\n'), {})

    assert "loopback" in caught.value.title
    for host in ("127.0.0.1", "localhost", "::1", "127.8.8.8"):
        load(written(home, f'[listener]\nauth = "none"\nhost = "{host}"\n'), {})


@pytest.mark.parametrize("host", ["127.0.0.1.example.com", "127.example.com", "localhost.example"])
def test_a_name_that_only_looks_like_loopback_is_none(home: Home, host: str) -> None:
    with pytest.raises(SettingsInvalid):
        load(written(home, f'[listener]\nauth = "none"\nhost = "{host}"\n'), {})
    with pytest.raises(SettingsInvalid):
        load(written(home, f'[segment]\nhost = "http://{host}/"\n'), {})


def test_look_ups_need_an_address_and_an_agent(home: Home) -> None:
    with pytest.raises(SettingsInvalid, match=r"gladly\.agent_email is missing"):
        load(written(home, '[gladly]\nurl = "https://x.gladly.com"\n'), {})


def test_a_property_is_dropped_or_hashed_not_both(home: Home) -> None:
    with pytest.raises(SettingsInvalid, match=r"mapping\.drop and mapping\.hash both name 'email'"):
        load(written(home, '[mapping]\ndrop = ["email"]\nhash = ["email"]\n'), {})


@pytest.mark.parametrize("user_id", ["external", "email-sha256"])
def test_merges_are_sent_only_where_both_ids_are_known(home: Home, user_id: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"mapping\.merges is true"):
        load(written(home, f'[mapping]\nmerges = true\nuser_id = "{user_id}"\n'), {})


def test_what_is_no_toml_is_unreadable_and_names_the_line(home: Home) -> None:
    with pytest.raises(SettingsUnreadable, match="line 2") as caught:
        load(written(home, "[listener]\nport = = 1\n"), {})

    assert str(home.settings_file) in caught.value.title


def test_what_is_no_utf_8_is_unreadable(home: Home) -> None:
    home.settings_file.write_bytes(b'[segment]\nalias = "\xff"\n')

    with pytest.raises(SettingsUnreadable, match="not UTF-8"):
        load(home, {})


def test_a_byte_order_mark_of_a_windows_editor_does_no_harm(home: Home) -> None:
    home.settings_file.write_bytes(b"\xef\xbb\xbf[listener]\r\nport = 1\r\n")

    assert load(home, {}).settings.listener.port == 1


def test_a_settings_file_that_is_a_folder_is_unreadable(home: Home) -> None:
    home.settings_file.mkdir()

    with pytest.raises(SettingsUnreadable, match="Cannot read"):
        load(home, {})


@given(text=st.text(max_size=40))
@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
def test_whatever_stands_in_the_file_is_read_or_refused_with_a_reason(
    home: Home, text: str
) -> None:
    home.settings_file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        load(home, {"GLADLY_SOURCE_SEGMENT__ALIAS": text})
    except SettingsError as exc:
        assert exc.title  # noqa: PT017 - either is right


# --- saving


def test_saving_writes_only_what_differs_for_this_user_alone(home: Home) -> None:
    save(msgspec.structs.replace(Settings(), segment=settings.Segment(region="eu")), home)

    assert home.settings_file.read_text() == '[segment]\nregion = "eu"\n'
    if sys.platform != "win32":
        assert stat.S_IMODE(home.settings_file.stat().st_mode) == 0o600


def test_saving_creates_the_home_for_this_user_alone(tmp_path: Path) -> None:
    home = Home(path=tmp_path / "a" / "b")

    save(Settings(), home)

    assert load(home, {}).settings == Settings()
    if sys.platform != "win32":
        assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_a_failed_save_leaves_the_old_file_and_no_rest(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(home, "[listener]\nport = 1\n")

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(SettingsUnreadable, match="No space left"):
        save(Settings(), home)

    assert home.settings_file.read_text() == "[listener]\nport = 1\n"
    assert list(home.path.iterdir()) == [home.settings_file]


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
properties = st.lists(words, max_size=3, unique=True).map(tuple)
numbers = st.floats(0.001, 3000, allow_nan=False)
valid = st.builds(
    Settings,
    listener=st.builds(
        settings.Listener,
        enabled=st.booleans(),
        host=words,
        port=st.integers(0, 65535),
        path=st.from_regex(r"\A/[A-Za-z0-9._~/-]+\Z"),
        auth=st.sampled_from(["basic", "header", "both"]),
        username=words.filter(lambda text: ":" not in text),
        max_body_bytes=st.integers(1024, 16_777_216),
        public_url=st.sampled_from([None, "https://example.com/x?y=1", "http://127.0.0.1:9"]),
    ),
    segment=st.builds(
        settings.Segment,
        region=st.sampled_from(["us", "eu"]),
        alias=st.from_regex(r"\A[A-Za-z0-9._-]{1,64}\Z"),
        host=st.sampled_from([None, "https://example.com"]),
    ),
    gladly=st.builds(
        settings.Gladly,
        url=st.sampled_from([None, "https://x.gladly.com"]),
        agent_email=words,
        requests_per_second=st.integers(1, 10),
        poll=st.sampled_from([None, True, False]),
    ),
    mapping=st.builds(
        settings.Mapping_, identify=st.booleans(), merges=st.booleans(), drop=properties
    ),
    delivery=st.builds(settings.Delivery, give_up_days=st.floats(0.001, 365)),
    store=st.builds(settings.Store, url=st.sampled_from([None, "postgres://app@db:5432/x"])),
    retention=st.builds(settings.Retention, payload_days=numbers, metadata_days=numbers),
    confirm=st.builds(settings.Confirm, echo=st.booleans(), public_api=st.booleans()),
)


@given(tree=valid)
@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
def test_what_is_saved_is_read_back_the_same(home: Home, tree: Settings) -> None:
    save(tree, home)

    assert load(home, {}).settings == tree
    assert math.isfinite(tree.retention.payload_days)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/status", "/metrics", "/segment/echo"])
def test_the_webhook_cannot_take_the_path_of_another_answer(tmp_path: Path, path: str) -> None:
    with pytest.raises(SettingsInvalid, match=f"listener.path = '{path}'"):
        load(Home(path=tmp_path), {"GLADLY_SOURCE_LISTENER__PATH": path})
