"""The secrets that an engine needs, by its settings, and where they are looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from core.credentials import WRITE_KEY, Secret, write_key_of
from core.ingest.auth import Gate, Keys

if TYPE_CHECKING:
    from core.credentials import Secrets
    from core.settings import Listener, Settings

Role = Literal["receive", "forward", "all"]


class EngineSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """The secrets an engine needs; None where its settings do not ask for them."""

    write_key: Secret | None = None
    #: the write keys of further sources, by alias
    source_keys: dict[str, Secret] = {}
    gladly_token: Secret | None = None
    webhook_password: Secret | None = None
    webhook_token: Secret | None = None
    #: made by a rotation that Gladly has not confirmed yet; right beside the other two
    next_password: Secret | None = None
    next_token: Secret | None = None
    echo_secret: Secret | None = None

    def all(self) -> list[Secret]:
        """Those that are set, for the log's redactor."""
        own = [one for one in msgspec.structs.astuple(self) if isinstance(one, Secret)]
        return [*own, *self.source_keys.values()]


def gather_secrets(settings: Settings, secrets: Secrets, role: Role = "all") -> EngineSecrets:
    """Look up what the settings and the role ask for.

    Raises:
        SecretMissing: Some are nowhere; it names all of them.
    """
    receives = role != "forward" and settings.listener.enabled
    auth = settings.listener.auth if receives else "none"
    wanted: list[str] = []
    if role != "receive":
        wanted = [WRITE_KEY, *map(write_key_of, settings.sources)]
        wanted += ["gladly-token"] if settings.gladly.url else []
    password = token = None
    if auth == "both":  # one of the two is enough
        password = secrets.obtain("webhook-password")
        token = secrets.obtain("webhook-token")
    if auth == "basic" or (auth == "both" and password is None and token is None):
        wanted.append("webhook-password")
    if auth == "header":
        wanted.append("webhook-token")
    if receives and settings.confirm.echo:
        wanted.append("echo-secret")
    found = secrets.require_all(wanted)
    password, token = found.get("webhook-password", password), found.get("webhook-token", token)
    return EngineSecrets(
        write_key=found.get(WRITE_KEY),
        source_keys={
            alias: found[write_key_of(alias)]
            for alias in settings.sources
            if write_key_of(alias) in found
        },
        gladly_token=found.get("gladly-token"),
        webhook_password=password,
        webhook_token=token,
        next_password=secrets.obtain_next("webhook-password") if password is not None else None,
        next_token=secrets.obtain_next("webhook-token") if token is not None else None,
        echo_secret=found.get("echo-secret"),
    )


def make_gate(listener: Listener, secrets: EngineSecrets) -> Gate:
    """Who may come in: the credentials of now, and those of a rotation under way."""
    gate = Gate(
        listener.auth,
        username=listener.username,
        password=secrets.webhook_password,
        header=listener.header,
        token=secrets.webhook_token,
    )
    if secrets.next_password is not None or secrets.next_token is not None:
        gate.accept(Keys(secrets.next_password, secrets.next_token))
    return gate
