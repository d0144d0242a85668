"""The pages of Gladly's API that manage webhooks."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from core.simulator.base import BAD_REQUEST, json_response
from core.simulator.events import EventMaker
from core.simulator.gladly_gate import NOT_FOUND, errors_response
from core.simulator.timestamps import to_ns
from core.simulator.webhooks import Webhook, WebhookChange, WebhookRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from core.simulator.sender import WebhookSender
    from core.simulator.webhooks import WebhookRegistry

PATH = "/api/v1/webhooks"
_CREATED = 201
_NO_CONTENT = 204


class WebhookApi:
    """GET, POST, PATCH and DELETE of /api/v1/webhooks.

    Args:
        webhooks: The webhooks.
        sender: Sends the PING that must be answered before a webhook is saved.
        now: The clock.
        ping_credentials: Whether a PING carries the webhook's credentials and headers.
    """

    def __init__(
        self,
        webhooks: WebhookRegistry,
        sender: WebhookSender,
        *,
        now: Callable[[], float],
        ping_credentials: bool,
    ) -> None:
        self._webhooks = webhooks
        self._sender = sender
        self._now = now
        self._ping_credentials = ping_credentials
        self._maker = EventMaker(random.Random())  # noqa: S311 - ids, not secrets

    async def collection(self, request: Request) -> Response:
        """List all, or create one."""
        if request.method == "GET":
            return json_response([webhook.public() for webhook in self._webhooks.all()])
        try:
            webhook = self._webhooks.draft(await _change(request))
            if webhook.enabled:
                await self._ping(webhook)
        except WebhookRefused as exc:
            return _refused(request, exc)
        self._webhooks.save(webhook)
        location = f"{PATH}/{webhook.id}"
        return Response(status_code=_CREATED, headers={"Location": location})

    async def one(self, request: Request) -> Response:
        """Read, change or delete one."""
        webhook = self._webhooks.get(request.path_params["id"])
        if webhook is None:
            detail = "webhook does not exist"
            return errors_response(request, NOT_FOUND, code="not_exist", detail=detail)
        if request.method == "GET":
            return json_response(webhook.public())
        try:
            if request.method == "PATCH":
                await self._patch(webhook, await _change(request))
            else:
                self._webhooks.delete(webhook.id)
        except WebhookRefused as exc:
            return _refused(request, exc)
        return Response(status_code=_NO_CONTENT)

    async def _patch(self, webhook: Webhook, change: WebhookChange) -> None:
        changed = self._webhooks.changed(webhook, change)
        if changed.url != webhook.url or (changed.enabled and not webhook.enabled):
            await self._ping(changed)
        self._webhooks.save(changed)

    async def _ping(self, webhook: Webhook) -> None:
        body = msgspec.json.encode(self._maker.ping(to_ns(self._now())))
        if not await self._sender.ping(webhook, body, with_credentials=self._ping_credentials):
            raise WebhookRefused("url", "invalid", "the PING event was not answered with 2xx")


async def _change(request: Request) -> WebhookChange:
    try:
        return msgspec.json.decode(await request.body(), type=WebhookChange)
    except msgspec.DecodeError as exc:
        attr = str(exc).rpartition("$.")[2].rstrip("`") if "$." in str(exc) else "body"
        raise WebhookRefused(attr, "invalid", str(exc)) from exc


def _refused(request: Request, exc: WebhookRefused) -> Response:
    error = {"attr": exc.attr, "code": exc.code, "detail": exc.detail}
    return errors_response(request, BAD_REQUEST, **error)
