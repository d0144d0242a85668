"""Secrets: masked wherever they are shown, looked up in one order, never kept in plain text."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import InitError, KeyringLocked

from core.credentials import NAMES, KeyringPlace, Secret, Secrets, canonical
from core.errors import SecretMissing, SecretStoreUnavailable
from tests.fakes import MemorySecrets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VARIABLE = "GLADLY_SOURCE_WRITE_KEY"


# --- masking


@given(text=st.text(min_size=4).filter(lambda text: text not in repr(Secret("x"))))
def test_a_secret_never_shows_itself(text: str) -> None:
    secret = Secret(text)

    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r}",
        "%s %r" % (secret, secret),  # noqa: UP031 - the old way must be masked, too
        "{} {!s}".format(secret, secret),  # noqa: UP032 - so must this one
        str([secret]),
        str({"key": secret}),
        logging.LogRecord("x", 20, "", 1, "%s", (secret,), None).getMessage(),
    ]

    assert all(text not in one for one in shown)
    assert secret.reveal() == text


def test_a_format_specification_does_not_unmask_a_secret() -> None:
    with pytest.raises(TypeError) as caught:
        f"{Secret('planted'):>20}"

    assert "planted" not in str(caught.value)


def test_secrets_are_compared_by_what_they_hide() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


# --- where they are looked for


def test_the_environment_comes_before_a_file_before_the_keyring(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from file\n")
    place = MemorySecrets({"write-key": "from keyring"})
    environ = {VARIABLE: " from environment ", VARIABLE + "_FILE": str(file)}

    first = Secrets(environ, place).find("write-key")
    second = Secrets({VARIABLE + "_FILE": str(file)}, place).find("write-key")
    third = Secrets({}, place).find("write-key")

    assert first == (Secret("from environment"), VARIABLE)
    assert second == (Secret("from file"), VARIABLE + "_FILE")
    assert third == (Secret("from keyring"), "OS keyring")
    assert Secrets({}, MemorySecrets()).find("write-key") is None


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    place = MemorySecrets({"write-key": "from keyring"})

    assert Secrets({VARIABLE: " "}, place).require("write-key").reveal() == "from keyring"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_in_the_environment_needs_no_keyring(name: str, tmp_path: Path) -> None:
    variable = "GLADLY_SOURCE_" + name.upper().replace("-", "_")
    file = tmp_path / "secret"
    file.write_text("ünï\n", "utf-8")
    place = MemorySecrets(available=False)

    assert Secrets({variable: "x"}, place).require(name).reveal() == "x"
    assert Secrets({variable + "_FILE": str(file)}, place).require(name).reveal() == "ünï"


@pytest.mark.parametrize("available", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_a_missing_secret_names_every_way_to_give_it(name: str, available: bool) -> None:
    variable = "GLADLY_SOURCE_" + name.upper().replace("-", "_")

    with pytest.raises(SecretMissing) as caught:
        Secrets({}, MemorySecrets(available=available)).require(name)

    assert f"secret set {name}" in caught.value.hint
    assert f"{variable} or {variable}_FILE" in caught.value.hint
    assert ("no usable OS keyring" in caught.value.title) is not available
    assert ("Keep it in the OS keyring" in caught.value.hint) is available
    assert caught.value.exit_code == 2


def test_all_secrets_that_are_missing_are_named_in_one_sentence() -> None:
    with pytest.raises(SecretMissing) as caught:
        Secrets({}, MemorySecrets(available=False)).require_all(("write-key", "webhook-password"))

    assert caught.value.title == (
        "The write key of the Segment source and the password that Gladly's webhook sends (basic) "
        "are missing, and there is no usable OS keyring here."
    )
    assert "GLADLY_SOURCE_WRITE_KEY and GLADLY_SOURCE_WEBHOOK_PASSWORD" in caught.value.hint
    assert isinstance(caught.value.__cause__, SecretStoreUnavailable)


def test_a_file_that_cannot_be_read_does_not_hide_what_is_missing_besides(tmp_path: Path) -> None:
    environ = {VARIABLE + "_FILE": str(tmp_path / "nowhere")}

    with pytest.raises(SecretMissing) as caught:
        Secrets(environ, MemorySecrets()).require_all(("write-key", "gladly-token"))

    assert "API token" in caught.value.title
    assert VARIABLE + "_FILE names a file" in caught.value.title


def test_all_that_are_there_are_given_by_name() -> None:
    found = Secrets({VARIABLE: "a"}, MemorySecrets({"gladly-token": "b"})).require_all(
        ("write-key", "gladly-token")
    )

    assert {name: one.reveal() for name, one in found.items()} == {
        "write-key": "a",
        "gladly-token": "b",
    }


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe\xfa"])
def test_a_secret_file_that_cannot_be_used_is_said(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SecretMissing, match=VARIABLE + "_FILE names"):
        Secrets({VARIABLE + "_FILE": str(file)}, MemorySecrets({"write-key": "x"})).require(
            "write-key"
        )


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("write-key", "write-key"),
        ("WRITE_KEY", "write-key"),
        ("GLADLY_SOURCE_WRITE_KEY", "write-key"),
        ("segment.write_key", "write-key"),
        (" Write-Key ", "write-key"),
        ("gladly_token", "gladly-token"),
        ("gladly.api_token", "gladly-token"),
        ("GLADLY_SOURCE_GLADLY_TOKEN", "gladly-token"),
        ("webhook.password", "webhook-password"),
        ("ECHO_SECRET", "echo-secret"),
        ("public_api_token", "public-api-token"),
        ("webhook-token", "webhook-token"),
    ],
)
def test_usual_spellings_are_understood(spelling: str, name: str) -> None:
    assert canonical(spelling) == name


@pytest.mark.parametrize("spelling", ["", "key", "write-key-2", "../write-key"])
def test_an_unknown_name_is_said_with_the_known_ones(spelling: str) -> None:
    with pytest.raises(SecretMissing) as caught:
        canonical(spelling)

    assert all(name in caught.value.hint for name in NAMES)


def test_memory_secrets_behave_like_a_keyring() -> None:
    place = MemorySecrets()

    place.set("write-key", "a")
    place.set("write-key", "b")

    assert place.get("write-key") == "b"
    assert place.delete("write-key")
    assert not place.delete("write-key")
    assert place.get("write-key") is None


# --- which keyrings are good enough


class Keeping(KeyringBackend):
    """Keeps passwords in memory; `priority` says how good it is."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class PlainText(Keeping):
    """As keyrings.alt's PlaintextKeyring rates itself."""

    priority = 0.5


class Failing(Keeping):
    """Fails as it is told."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error


class Unviable(Keeping):
    """Its service went away."""

    class _Priority:
        def __get__(self, *_: object) -> float:
            raise RuntimeError("no D-Bus")

    priority = _Priority()  # type: ignore[assignment]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Make this the keyring that was chosen."""
    yield lambda backend: monkeypatch.setattr(keyring.core, "_keyring_backend", backend)
    KeyringBackend._classes -= {Keeping, PlainText, Failing, Unviable}


def test_a_good_keyring_keeps_secrets_by_home(use, tmp_path: Path) -> None:
    use(Keeping())
    one, two = KeyringPlace(tmp_path / "one"), KeyringPlace(tmp_path / "two")

    one.set("write-key", "a")
    two.set("write-key", "b")

    assert (one.get("write-key"), two.get("write-key")) == ("a", "b")
    assert one.delete("write-key")
    assert not one.delete("write-key")
    assert (one.get("write-key"), two.get("write-key")) == (None, "b")


@pytest.mark.parametrize("backend", [PlainText, null.Keyring, fail.Keyring, Unviable])
def test_a_keyring_that_keeps_plain_text_or_nothing_is_none(use, backend, tmp_path: Path) -> None:
    chosen = backend()
    use(chosen)
    place = KeyringPlace(tmp_path)

    for attempt in (
        lambda: place.set("write-key", "planted"),
        lambda: place.get("write-key"),
        lambda: place.delete("write-key"),
    ):
        with pytest.raises(SecretStoreUnavailable, match="no usable OS keyring") as caught:
            attempt()
        assert "GLADLY_SOURCE_<NAME>" in caught.value.hint
        assert "_FILE" in caught.value.hint
    assert getattr(chosen, "kept", {}) == {}


def test_of_a_chain_only_the_first_good_keyring_is_used(
    use, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain, good = PlainText(), Keeping()
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [plain, good])
    use(chainer.ChainerBackend())

    KeyringPlace(tmp_path).set("write-key", "planted")

    assert plain.kept == {}
    assert list(good.kept.values()) == ["planted"]


def test_a_chain_of_nothing_good_is_none(
    use, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [PlainText(), PlainText()])
    use(chainer.ChainerBackend())

    with pytest.raises(SecretStoreUnavailable):
        KeyringPlace(tmp_path).set("write-key", "planted")


def test_a_configured_keyring_that_does_not_exist_is_said(
    use, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use(None)
    for name in ("no.such.Module", "keyring.backends.null.Nothing", "nonsense"):
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
        with pytest.raises(SecretStoreUnavailable):
            KeyringPlace(tmp_path).get("write-key")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyringLocked("no"), "locked"),
        (InitError("no"), "locked"),
        (RuntimeError("no"), "no usable"),
        (ConnectionRefusedError("no"), "no usable"),
    ],
)
def test_a_keyring_that_fails_is_unavailable_and_names_the_other_ways(
    use, error: Exception, said: str, tmp_path: Path
) -> None:
    use(Failing(error))
    place = KeyringPlace(tmp_path)

    for attempt in (lambda: place.get("x"), lambda: place.set("x", "planted")):
        with pytest.raises(SecretStoreUnavailable, match=said) as caught:
            attempt()
        assert "GLADLY_SOURCE_<NAME>" in str(caught.value)
        assert ("Unlock it" in caught.value.hint) is (said == "locked")
        assert "planted" not in str(caught.value)


# --- what systemd gives


def test_a_credential_of_systemd_comes_after_the_environment_and_before_the_keyring(
    tmp_path: Path,
) -> None:
    (tmp_path / "write-key").write_text("from systemd\n")
    (tmp_path / "file").write_text("from file")
    given = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    place = MemorySecrets({"write-key": "from keyring"})

    variable = Secrets({**given, VARIABLE: "from environment"}, place).find("write-key")
    file = Secrets({**given, f"{VARIABLE}_FILE": str(tmp_path / "file")}, place).find("write-key")
    systemd = Secrets(given, place).find("write-key")

    assert variable == (Secret("from environment"), VARIABLE)
    assert file == (Secret("from file"), f"{VARIABLE}_FILE")
    assert systemd == (Secret("from systemd"), "CREDENTIALS_DIRECTORY/write-key")


@pytest.mark.parametrize("name", NAMES)
def test_every_secret_may_be_a_credential(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("ünï")
    secrets = Secrets({"CREDENTIALS_DIRECTORY": str(tmp_path)}, MemorySecrets(available=False))

    assert secrets.is_given(name)
    assert secrets.require(name) == Secret("ünï")


def test_a_credential_that_systemd_does_not_give_is_looked_for_in_the_keyring(
    tmp_path: Path,
) -> None:
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    secrets = Secrets(environ, MemorySecrets({"write-key": "kept"}))

    assert secrets.find("write-key") == (Secret("kept"), "OS keyring")
    assert not secrets.is_given("write-key")


def test_an_empty_credential_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "gladly-token").write_text("\n")
    secrets = Secrets({"CREDENTIALS_DIRECTORY": str(tmp_path)}, MemorySecrets())

    with pytest.raises(SecretMissing, match=r"CREDENTIALS_DIRECTORY/gladly-token is an empty file"):
        secrets.require("gladly-token")


def test_beside_a_credential_its_successor_may_be_one_and_no_keyring_is_asked(
    tmp_path: Path,
) -> None:
    (tmp_path / "webhook-password").write_text("old")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    secrets = Secrets(environ, MemorySecrets({"webhook-password-next": "of another time"}))

    alone = secrets.obtain_next("webhook-password")
    (tmp_path / "webhook-password-next").write_text("new")
    both = secrets.obtain_next("webhook-password")

    assert (alone, both) == (None, Secret("new"))


def test_a_folder_of_credentials_that_cannot_be_looked_into_gives_none() -> None:
    environ = {"CREDENTIALS_DIRECTORY": "/" + "x" * 5000}

    assert Secrets(environ, MemorySecrets({"write-key": "kept"})).find("write-key") == (
        Secret("kept"),
        "OS keyring",
    )
