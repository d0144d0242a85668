"""Secrets: found and where, missing and how to give them; never their values."""

from __future__ import annotations

import msgspec

from core.doctor import vault

KEY = "planted-write-key-0123456789abcd"
ALL = {"write-key": KEY, "webhook-password": "planted-password"}


async def test_every_secret_that_is_needed_is_there_and_where(make_subject, settings, tmp_path):
    file = tmp_path / "token"
    file.write_text("planted-token")
    environ = {
        "GLADLY_SOURCE_WRITE_KEY": KEY,
        "GLADLY_SOURCE_GLADLY_TOKEN_FILE": str(file),
    }
    subject = make_subject(environ=environ, kept={"webhook-password": "planted-password"})
    wanted = settings(gladly={"url": "https://acme.gladly.com", "agent_email": "a@example.com"})

    outcome = await vault.secrets(subject, wanted)

    assert (outcome.verdict, outcome.code) == ("ok", "secrets.found")
    assert outcome.title == "All 3 secrets that are needed are there."
    assert outcome.detail == {
        "write-key": "GLADLY_SOURCE_WRITE_KEY",
        "gladly-token": "GLADLY_SOURCE_GLADLY_TOKEN_FILE",
        "webhook-password": "OS keyring",
    }
    assert b"planted" not in msgspec.json.encode(outcome)


async def test_one_needed_secret_is_said_as_one(make_subject, settings):
    subject = make_subject(kept=ALL)

    outcome = await vault.secrets(subject, settings(listener={"auth": "none"}))

    assert outcome.title == "The one secret that is needed is there."


async def test_missing_secrets_are_named_with_both_ways(make_subject, settings):
    outcome = await vault.secrets(make_subject(kept={}), settings())

    assert (outcome.verdict, outcome.code) == ("fail", "secrets.missing")
    assert "the write key of the Segment source" in outcome.title
    assert "the password that Gladly's webhook sends" in outcome.title
    assert "gladly-source secret set write-key" in outcome.hint
    assert "GLADLY_SOURCE_WRITE_KEY or GLADLY_SOURCE_WRITE_KEY_FILE" in outcome.hint
    assert outcome.detail == {"write-key": "missing", "webhook-password": "missing"}


async def test_without_a_keyring_a_missing_secret_says_so_once(make_subject, settings):
    outcome = await vault.secrets(make_subject(keyring=False), settings())

    assert outcome.verdict == "fail"
    assert outcome.title.count("There is no usable OS keyring here.") == 1
    assert "Keep it in the OS keyring" not in outcome.hint
    assert "GLADLY_SOURCE_WRITE_KEY or GLADLY_SOURCE_WRITE_KEY_FILE" in outcome.hint


async def test_a_secret_file_that_cannot_be_read_is_named(make_subject, settings, tmp_path):
    environ = {"GLADLY_SOURCE_WRITE_KEY_FILE": str(tmp_path / "gone")}

    outcome = await vault.secrets(make_subject(environ=environ, kept=ALL), settings())

    assert outcome.verdict == "fail"
    assert "GLADLY_SOURCE_WRITE_KEY_FILE names a file that cannot be read." in outcome.title


async def test_with_auth_both_one_of_two_is_enough(make_subject, settings):
    subject = make_subject(kept={"write-key": KEY, "webhook-token": "planted-token"})

    outcome = await vault.secrets(subject, settings(listener={"auth": "both"}))

    assert outcome.verdict == "ok"
    assert outcome.detail["webhook-password"] == "missing"


def test_settings_decide_which_secrets_are_needed(settings):
    everything = settings(
        listener={"auth": "header"},
        gladly={"url": "https://acme.gladly.com"},
        confirm={"echo": True, "public_api": True},
    )

    assert vault.needed(everything) == (
        ("write-key",),
        ("gladly-token",),
        ("webhook-token",),
        ("echo-secret",),
        ("public-api-token",),
    )
    assert vault.needed(settings(listener={"enabled": False})) == (("write-key",),)


async def test_a_keyring_that_answers_is_usable(make_subject):
    outcome = await vault.keyring(make_subject())

    assert (outcome.verdict, outcome.code, outcome.hint) == ("ok", "keyring.usable", "")


async def test_no_keyring_is_only_a_warning_while_no_secret_needs_it(make_subject, settings):
    environ = {
        "GLADLY_SOURCE_WRITE_KEY": KEY,
        "GLADLY_SOURCE_WEBHOOK_PASSWORD_FILE": "/run/secrets/password",
    }
    subject = make_subject(environ=environ, keyring=False, settings=settings())

    outcome = await vault.keyring(subject)

    assert (outcome.verdict, outcome.code) == ("warn", "keyring.unavailable")
    assert "GLADLY_SOURCE_<NAME>, or variables GLADLY_SOURCE_<NAME>_FILE" in outcome.hint


async def test_no_keyring_is_a_warning_while_settings_cannot_be_used(make_subject):
    outcome = await vault.keyring(make_subject(keyring=False))

    assert outcome.verdict == "warn"


async def test_no_keyring_fails_when_a_secret_needs_it(make_subject, settings):
    environ = {"GLADLY_SOURCE_WRITE_KEY": KEY}
    subject = make_subject(environ=environ, keyring=False, settings=settings())

    outcome = await vault.keyring(subject)

    assert (outcome.verdict, outcome.code) == ("fail", "keyring.needed")
    assert outcome.detail == {"secrets": "webhook-password"}
    assert outcome.title == (
        "There is no usable OS keyring here. "
        "No environment variable gives the password that Gladly's webhook sends (basic), either."
    )
    assert outcome.hint


class ForThisRun:
    """Holds secrets in memory, over a keyring that cannot."""

    def get(self, name):
        return "held"


async def test_secrets_that_are_held_in_memory_are_no_keyring(make_subject, settings):
    subject = make_subject(keyring=False, settings=settings())
    subject.secrets.place = ForThisRun()

    outcome = await vault.keyring(subject)

    assert (outcome.verdict, outcome.code) == ("warn", "keyring.for_now")
    assert "no usable OS keyring" in outcome.title
    assert "until the app is closed" in outcome.title


async def test_secrets_that_are_held_in_memory_are_not_said_to_be_in_the_keyring(
    make_subject, settings
):
    subject = make_subject(keyring=False, settings=settings())
    subject.secrets.place = ForThisRun()

    outcome = await vault.secrets(subject, settings())

    assert outcome.verdict == "ok"
    assert set(outcome.detail.values()) == {"memory, until the app is closed"}


async def test_a_credential_of_systemd_is_named_as_where_a_secret_is(
    make_subject, settings, tmp_path
):
    for name in ("write-key", "webhook-password"):
        (tmp_path / name).write_text(KEY)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    subject = make_subject(environ=environ, keyring=False, settings=settings())

    outcome = await vault.secrets(subject, settings())

    assert outcome.detail == {
        "write-key": "CREDENTIALS_DIRECTORY/write-key",
        "webhook-password": "CREDENTIALS_DIRECTORY/webhook-password",
    }
    assert (await vault.keyring(subject)).verdict == "warn"
    assert KEY.encode() not in msgspec.json.encode(outcome)
