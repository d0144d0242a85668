"""What the engine asks the secret store for: also the credentials that are to follow."""

from __future__ import annotations

from typing import Any

import pytest

from core.credentials import Secret, Secrets
from core.engine_secrets import EngineSecrets, gather_secrets
from core.errors import SecretStoreUnavailable
from core.settings import Listener, Settings
from tests.fakes import MemorySecrets


class Counting(MemorySecrets):
    """Notes what it is asked for."""

    def __init__(self, values: dict[str, str] | None = None) -> None:
        super().__init__(values)
        self.asked: list[str] = []

    def get(self, name: str) -> str | None:
        self.asked.append(name)
        return super().get(name)


def settings(auth: Any = "basic") -> Settings:
    return Settings(listener=Listener(auth=auth))


def test_a_rotation_that_was_cut_off_leaves_both_passwords_right():
    kept = MemorySecrets({"webhook-password": "old", "webhook-password-next": "new"})

    found = gather_secrets(settings(), Secrets({}, kept), "receive")

    assert found == EngineSecrets(webhook_password=Secret("old"), next_password=Secret("new"))
    assert Secret("new") in found.all()


def test_only_what_the_listener_asks_for_has_a_next():
    kept = MemorySecrets(
        {"webhook-token": "old", "webhook-token-next": "new", "webhook-password-next": "stray"}
    )

    found = gather_secrets(settings("header"), Secrets({}, kept), "receive")

    assert found == EngineSecrets(webhook_token=Secret("old"), next_token=Secret("new"))


def test_the_environment_may_give_the_next_one_too():
    environ = {
        "GLADLY_SOURCE_WEBHOOK_PASSWORD": "old",
        "GLADLY_SOURCE_WEBHOOK_PASSWORD_NEXT": "new",
    }

    found = gather_secrets(settings(), Secrets(environ, MemorySecrets(available=False)), "receive")

    assert found.next_password == Secret("new")


def test_a_password_of_the_environment_costs_no_look_into_the_keyring():
    kept = Counting()

    gather_secrets(settings(), Secrets({"GLADLY_SOURCE_WEBHOOK_PASSWORD": "old"}, kept), "receive")

    assert kept.asked == []


def test_a_keyring_that_locks_in_between_does_not_stop_the_start():
    class Locks(MemorySecrets):
        def get(self, name: str) -> str | None:
            if name.endswith("-next"):
                raise SecretStoreUnavailable("The OS keyring is locked.")
            return super().get(name)

    found = gather_secrets(settings(), Secrets({}, Locks({"webhook-password": "p"})), "receive")

    assert found.next_password is None


@pytest.mark.parametrize("role", ["forward"])
def test_who_does_not_receive_needs_no_next(role: Any):
    kept = Counting({"write-key": "k", "webhook-password-next": "new"})

    assert gather_secrets(settings(), Secrets({}, kept), role).next_password is None
    assert kept.asked == ["write-key"]
