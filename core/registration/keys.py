"""The webhook's credentials in the secret store: what Gladly is to send, and what follows it.

A rotation keeps the new ones beside the old ones under names of their own until Gladly has
confirmed them. An engine that starts in between takes both for right, so that being cut off at
any point loses nothing. Everything here may wait for a keyring: call it on a thread of its own.
"""

from __future__ import annotations

import secrets as dice
from typing import TYPE_CHECKING

from core.credentials import Secret, variable_of
from core.errors import OperationError, SecretStoreUnavailable
from core.gladly.webhooks import Basic, WebhookChange
from core.ingest.auth import Keys

if TYPE_CHECKING:
    from core.credentials import Secrets
    from core.settings import Listener

PASSWORD, TOKEN = "webhook-password", "webhook-token"
NEXT = "-next"
RANDOM_BYTES = 24


def sent_with(listener: Listener, keys: Keys) -> WebhookChange:
    """What makes Gladly send these."""
    change: dict[str, object] = {}
    if keys.password is not None:
        change["credentials"] = Basic(listener.username, keys.password)
    if keys.token is not None:
        change["headers"] = {listener.header: keys.token}
    return WebhookChange(**change)  # type: ignore[arg-type]


class WebhookKeys:
    """What the secret store holds for the webhook.

    Args:
        listener: Says which credentials there are.
        secrets: Where they are kept.
    """

    def __init__(self, listener: Listener, secrets: Secrets) -> None:
        self._auth = listener.auth
        self._secrets = secrets

    def obtain(self) -> Keys:
        """What Gladly is to send: what a rotation left to confirm, else what is kept, else new.

        Raises:
            SecretError: There is none, and no place to keep a new one.
        """
        return self._keys({name: self._one(name) for name in self._names()})

    def make_next(self) -> Keys:
        """What is to follow; what an earlier rotation left to confirm stays as it is.

        Raises:
            OperationError: Nobody can change them from here.
            SecretError: There is no place to keep them.
        """
        names = self._names()
        if not names:
            raise OperationError(
                "listener.auth is none: there are no credentials to change.",
                "Set listener.auth to basic or header.",
            )
        found = {name: self._secrets.obtain_next(name) for name in names}
        for name in names:
            if found[name] is None and (by := self._secrets.given_by(name)):
                raise _given(name, by)
        return self._keys({name: one or self._make(name + NEXT) for name, one in found.items()})

    @property
    def pending(self) -> bool:
        """Whether a rotation waits for Gladly's confirmation."""
        return any(self._secrets.obtain_next(name) for name in self._names())

    def promote(self) -> tuple[str, ...]:
        """Gladly has confirmed what follows: it takes the place of the old.

        Returns:
            Variables, or credentials of systemd, that a person has to change, where those decide.
        """
        by_hand: list[str] = []
        for name in self._names():
            following = self._secrets.obtain_next(name)
            if following is None:
                continue
            if by := self._secrets.given_by(name):
                by_hand.append(by)
            else:
                self._secrets.place.set(name, following.reveal())
            if by := self._secrets.given_by(name + NEXT):
                by_hand.append(by)
            else:
                self._secrets.place.delete(name + NEXT)
        return tuple(by_hand)

    def _names(self) -> tuple[str, ...]:
        """The secrets in use; of two that are each enough, those that are there."""
        if self._auth == "both":
            both = tuple(name for name in (PASSWORD, TOKEN) if self._secrets.obtain(name))
            return both or (PASSWORD,)
        return {"basic": (PASSWORD,), "header": (TOKEN,)}.get(self._auth, ())

    def _one(self, name: str) -> Secret:
        following = self._secrets.obtain_next(name)
        if following is not None:
            return following
        try:
            found = self._secrets.find(name)
        except SecretStoreUnavailable:
            return self._secrets.require(name)  # says in which ways it can be given
        return found[0] if found is not None else self._make(name)

    def _make(self, name: str) -> Secret:
        made = dice.token_urlsafe(RANDOM_BYTES)
        self._secrets.place.set(name, made)
        return Secret(made)

    @staticmethod
    def _keys(found: dict[str, Secret]) -> Keys:
        return Keys(password=found.get(PASSWORD), token=found.get(TOKEN))


def _given(name: str, by: str) -> OperationError:
    following = variable_of(name + NEXT)
    way = f"Set {following} (or {following}_FILE) to the new one"
    if by != variable_of(name):
        way = f"Give the new one as the credential {name + NEXT} (LoadCredential)"
    return OperationError(
        f"{by} decides the {name}, which cannot be changed from here.",
        f"{way} and restart the engine, which then takes both; then rotate again.",
    )
