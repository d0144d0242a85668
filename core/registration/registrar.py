"""Carries changes of our webhook out in Gladly, and looks again where it is open what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from core.errors import (
    GladlyError,
    GladlyNotFound,
    GladlyRefused,
    GladlyUnavailable,
    OperationError,
)
from core.gladly.answers import CHECK_URL
from core.gladly.budget import SystemClock
from core.gladly.webhooks import (
    NAME,
    Change,
    Create,
    Delete,
    GladlyWebhook,
    WebhookChange,
    find,
    to_create,
    to_switch,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.gladly.budget import Clock
    from core.gladly.client import GladlyClient
    from core.gladly.webhooks import Step

#: how often a change is sent that nobody knows the end of
ROUNDS: Final = 3
PAUSE_SECONDS: Final = 1.0


class Found(NamedTuple):
    """Ours, None when it is not there, and what others of the same name call."""

    ours: GladlyWebhook | None
    others: tuple[str, ...]


class Registrar:
    """One webhook, known by its URL.

    Every method raises GladlyError when it cannot be done.

    Args:
        client: Gladly's API.
        url: What Gladly is to call.
        clock: Where waiting comes from.
    """

    def __init__(self, client: GladlyClient, url: str, clock: Clock | None = None) -> None:
        self._client = client
        self._url = url
        self._clock = clock or SystemClock()

    async def look(self) -> Found:
        """How it is now."""
        webhooks = await self._list()
        ours = find(webhooks, self._url)
        others = tuple(one.url for one in webhooks if one.name == NAME and one != ours)
        return Found(ours, others)

    async def check_room(self) -> None:
        """Look whether it is there, or may be made.

        Raises:
            OperationError: There are as many webhooks as Gladly allows.
        """
        to_create(await self._list(), WebhookChange(url=self._url))

    async def create(self, wanted: WebhookChange) -> tuple[Step, ...]:
        """Make it, or make it as it ought to be; what was sent, in order.

        Raises:
            OperationError: There are as many webhooks as Gladly allows.
        """
        return await self._carry_out(lambda webhooks: to_create(webhooks, wanted))

    async def change(self, change: WebhookChange) -> None:
        """Set what `change` says.

        Raises:
            OperationError: It is not there.
        """
        await self._carry_out(lambda webhooks: Change(self._ours(webhooks).id, change))

    async def switch(self, *, on: bool) -> bool:
        """Enable or disable it; whether it was not so already.

        Raises:
            OperationError: It is not there.
        """
        return bool(await self._carry_out(lambda all_: to_switch(self._ours(all_), on=on)))

    async def delete(self) -> None:
        """Disable it, as Gladly wants it, and delete it.

        Raises:
            OperationError: It is not there.
        """
        await self.switch(on=False)
        await self._carry_out(self._to_delete)

    def _to_delete(self, webhooks: tuple[GladlyWebhook, ...]) -> Delete | None:
        found = find(webhooks, self._url)
        return None if found is None else Delete(found.id)

    def _ours(self, webhooks: tuple[GladlyWebhook, ...]) -> GladlyWebhook:
        found = find(webhooks, self._url)
        if found is None:
            raise missing(self._url)
        return found

    async def _carry_out(
        self, decide: Callable[[tuple[GladlyWebhook, ...]], Step | None]
    ) -> tuple[Step, ...]:
        """Look, do what is to be done, and look again when it stays open whether it was done."""
        sent: list[Step] = []
        error: GladlyError | None = None
        while True:
            step = decide(await self._list())
            if step is None:
                return tuple(sent)
            refused = isinstance(error, GladlyRefused) and step == sent[-1]
            if error is not None and (refused or len(sent) == ROUNDS):
                raise error
            sent.append(step)
            try:
                await self._do(step)
            except (GladlyRefused, GladlyUnavailable, GladlyNotFound) as exc:
                error = exc
                if not isinstance(exc, GladlyRefused):
                    await self._clock.sleep(PAUSE_SECONDS)
            else:
                return tuple(sent)

    async def _do(self, step: Step) -> None:
        match step:
            case Create(change):
                await self._client.create_webhook(change)
            case Change(webhook_id, change):
                await self._client.change_webhook(webhook_id, change)
            case Delete(webhook_id):
                await self._client.delete_webhook(webhook_id)

    async def _list(self) -> tuple[GladlyWebhook, ...]:
        try:
            return await self._client.webhooks()
        except GladlyNotFound as exc:
            raise GladlyUnavailable("There is no Gladly at gladly.url (404).", CHECK_URL) from exc


def missing(url: str) -> OperationError:
    """The error for a webhook that is not there."""
    return OperationError(
        f"There is no webhook in Gladly for {url}.",
        "Make it with `gladly-source webhook create`.",
    )
