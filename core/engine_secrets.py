"""The secrets that an engine needs, by its settings, and where they are looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from core.credentials import Secret

if TYPE_CHECKING:
    from core.credentials import Secrets
    from core.settings import Settings

Role = Literal["receive", "forward", "all"]


class EngineSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """The secrets an engine needs; None where its settings do not ask for them."""

    write_key: Secret | None = None
    gladly_token: Secret | None = None
    webhook_password: Secret | None = None
    webhook_token: Secret | None = None
    #: made by a rotation that Gladly has not confirmed yet; right beside the other two
    next_password: Secret | None = None
    next_token: Secret | None = None
    echo_secret: Secret | None = None

    def all(self) -> list[Secret]:
        """Those that are set, for the log's redactor."""
        return [secret for secret in msgspec.structs.astuple(self) if secret is not None]


def gather_secrets(settings: Settings, secrets: Secrets, role: Role = "all") -> EngineSecrets:
    """Look up what the settings and the role ask for.

    Raises:
        SecretMissing: One of them is nowhere.
    """
    listener = settings.listener
    receives = role != "forward" and listener.enabled
    password = token = None
    if receives and listener.auth == "basic":
        password = secrets.require("webhook-password")
    if receives and listener.auth == "header":
        token = secrets.require("webhook-token")
    if receives and listener.auth == "both":
        password = secrets.obtain("webhook-password")
        token = secrets.obtain("webhook-token")
        if password is None and token is None:
            password = secrets.require("webhook-password")
    return EngineSecrets(
        write_key=None if role == "receive" else secrets.require("write-key"),
        gladly_token=secrets.require("gladly-token")
        if settings.gladly.url and role != "receive"
        else None,
        webhook_password=password,
        webhook_token=token,
        next_password=secrets.obtain_next("webhook-password") if password is not None else None,
        next_token=secrets.obtain_next("webhook-token") if token is not None else None,
        echo_secret=secrets.require("echo-secret") if receives and settings.confirm.echo else None,
    )
