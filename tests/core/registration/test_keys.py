"""The webhook's credentials: made once, kept, followed by new ones, and never lost in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.credentials import Secret, Secrets
from core.errors import OperationError, SecretStoreUnavailable
from core.gladly.webhooks import Basic, WebhookChange
from core.ingest.auth import Keys
from core.registration.keys import WebhookKeys, sent_with
from core.settings import Listener
from tests.fakes import MemorySecrets

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD, TOKEN = "webhook-password", "webhook-token"


def keys(place: MemorySecrets, auth: Any = "basic", **environ: str) -> WebhookKeys:
    return WebhookKeys(Listener(auth=auth), Secrets(environ, place))


@pytest.mark.parametrize(
    ("auth", "kept", "made"),
    [
        ("basic", {}, {PASSWORD}),
        ("header", {}, {TOKEN}),
        ("both", {}, {PASSWORD}),
        ("both", {TOKEN: "t"}, {TOKEN}),
        ("none", {}, set()),
    ],
)
def test_what_the_listener_asks_for_is_made_once(auth: str, kept: dict[str, str], made: set[str]):
    place = MemorySecrets(kept)

    first = keys(place, auth).obtain()

    assert set(place.values) == made
    assert keys(place, auth).obtain() == first
    assert {one.reveal() for one in first if one} == set(place.values.values())


def test_two_that_are_made_differ():
    assert keys(MemorySecrets()).obtain() != keys(MemorySecrets()).obtain()


def test_gladly_sends_what_the_listener_knows():
    listener = Listener(username="us", header="X-Ours")
    both = Keys(Secret("p"), Secret("t"))

    assert sent_with(listener, both) == WebhookChange(
        credentials=Basic("us", Secret("p")), headers={"X-Ours": Secret("t")}
    )
    assert sent_with(listener, Keys()) == WebhookChange()


def test_what_follows_is_kept_beside_the_old_until_it_is_promoted():
    place = MemorySecrets({PASSWORD: "old"})
    ours = keys(place)

    following = ours.make_next()

    assert following.password is not None
    new = following.password.reveal()
    assert place.values == {PASSWORD: "old", f"{PASSWORD}-next": new}
    assert ours.pending
    assert ours.promote() == ()
    assert place.values == {PASSWORD: new}
    assert not ours.pending


def test_a_second_start_of_a_rotation_goes_on_with_the_same():
    place = MemorySecrets({PASSWORD: "old"})

    assert keys(place).make_next() == keys(place).make_next() == keys(place).obtain()


def test_both_kinds_change_together():
    place = MemorySecrets({PASSWORD: "p", TOKEN: "t"})
    ours = keys(place, "both")

    ours.make_next()
    ours.promote()

    assert set(place.values) == {PASSWORD, TOKEN}
    assert {"p", "t"}.isdisjoint(place.values.values())


def test_what_the_environment_decides_is_not_made():
    place = MemorySecrets({PASSWORD: "kept"})
    given = keys(place, GLADLY_SOURCE_WEBHOOK_PASSWORD="given")

    with pytest.raises(OperationError, match="GLADLY_SOURCE_WEBHOOK_PASSWORD decides"):
        given.make_next()

    assert place.values == {PASSWORD: "kept"}
    assert given.obtain() == Keys(password=Secret("given"))


def test_of_two_kinds_none_is_made_when_the_environment_decides_one():
    place = MemorySecrets({PASSWORD: "kept", TOKEN: "t"})

    with pytest.raises(OperationError):
        keys(place, "both", GLADLY_SOURCE_WEBHOOK_TOKEN="given").make_next()

    assert set(place.values) == {PASSWORD, TOKEN}


def test_what_the_environment_says_a_person_has_to_change():
    place = MemorySecrets()
    environ = {
        "GLADLY_SOURCE_WEBHOOK_PASSWORD": "old",
        "GLADLY_SOURCE_WEBHOOK_PASSWORD_NEXT": "new",
    }
    given = keys(place, **environ)

    assert given.make_next() == Keys(password=Secret("new"))
    assert given.promote() == tuple(environ)
    assert place.values == {}


def test_without_a_place_to_keep_them_none_is_used():
    with pytest.raises(SecretStoreUnavailable):
        WebhookKeys(Listener(), Secrets({}, MemorySecrets(available=False))).make_next()


def test_a_rotation_with_systemd_s_credentials_names_what_to_change(tmp_path: Path):
    (tmp_path / PASSWORD).write_text("old")
    given = keys(MemorySecrets(available=False), CREDENTIALS_DIRECTORY=str(tmp_path))

    with pytest.raises(OperationError) as caught:
        given.make_next()
    (tmp_path / f"{PASSWORD}-next").write_text("new")
    after = keys(MemorySecrets(available=False), CREDENTIALS_DIRECTORY=str(tmp_path))

    assert "CREDENTIALS_DIRECTORY/webhook-password decides" in caught.value.title
    assert "LoadCredential" in caught.value.hint
    assert after.make_next() == Keys(password=Secret("new"))
    assert after.promote() == (
        "CREDENTIALS_DIRECTORY/webhook-password",
        "CREDENTIALS_DIRECTORY/webhook-password-next",
    )
