"""Manages the webhook of one home in Gladly: settings, secrets, engine and Gladly in one step."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from core.doctor.blocking import on_own_thread
from core.errors import (
    GladlyError,
    GladlyRateLimited,
    GladlyRefused,
    GladlyUnavailable,
    OperationError,
    StoreInUse,
)
from core.gladly.answers import CHECK_URL
from core.gladly.budget import SystemClock
from core.gladly.client import connect
from core.gladly.webhooks import EVENTS, NAME, Create, address
from core.registration.keys import WebhookKeys, sent_with
from core.registration.peer import running_engine
from core.registration.registrar import Registrar, missing
from core.registration.report import Did, Report

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from core.control import ControlClient
    from core.credentials import Secrets
    from core.gladly.budget import Clock
    from core.gladly.webhooks import Step
    from core.home import Home
    from core.ingest.auth import Keys
    from core.settings import Settings

AGAIN = "Do it again when it is mended; nothing is made twice."


class _Desk(NamedTuple):
    """What one step works with."""

    registrar: Registrar
    url: str
    engine: ControlClient | None
    ping_before: float | None


class WebhookOffice:
    """Creates, looks at, switches, deletes and re-keys the webhook of one home.

    Every method raises GladlySourceError when it cannot be done, with what to do next.

    Args:
        home: Whose engine is told.
        settings: Say what Gladly is to call, and where Gladly is.
        secrets: Where its token is, and the webhook's credentials.
        transport: For tests; without one, the network.
        clock: Where waiting comes from.
    """

    def __init__(
        self,
        home: Home,
        settings: Settings,
        secrets: Secrets,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._home = home
        self._settings = settings
        self._secrets = secrets
        self._transport = transport
        self._clock = clock or SystemClock()
        self._keys = WebhookKeys(settings.listener, secrets)

    async def status(self) -> Report:
        """Look how it is."""
        async with self._open() as desk:
            return await self._report(desk, Did.FOUND)

    async def create(self) -> Report:
        """Make it and enable it; where it is there, set it right. Credentials are made if need be.

        A rotation that was cut off is finished by it.
        """
        async with self._open() as desk:
            await desk.registrar.check_room()
            keys = await on_own_thread(self._keys.obtain)
            if desk.engine is not None:
                await desk.engine.accept(keys)
            listener = self._settings.listener
            wanted = msgspec.structs.replace(
                sent_with(listener, keys), name=NAME, url=desk.url, events=EVENTS, enabled=True
            )
            steps = await desk.registrar.create(wanted)
            by_hand = await self._settle(keys) if await on_own_thread(self._is_pending) else ()
            return await self._report(desk, _done(steps), by_hand)

    async def enable(self) -> Report:
        """Switch it on; Gladly sends a PING first."""
        async with self._open() as desk:
            changed = await desk.registrar.switch(on=True)
            return await self._report(desk, Did.ENABLED if changed else Did.KEPT)

    async def disable(self) -> Report:
        """Switch it off."""
        async with self._open() as desk:
            changed = await desk.registrar.switch(on=False)
            return await self._report(desk, Did.DISABLED if changed else Did.KEPT)

    async def delete(self) -> Report:
        """Disable and delete it; the credentials stay in the secret store."""
        async with self._open() as desk:
            await desk.registrar.delete()
            return Report(did=Did.DELETED, url=desk.url)

    async def rotate(self) -> Report:
        """Give it new credentials; old and new are accepted until Gladly has confirmed them."""
        async with self._open() as desk:
            if (await desk.registrar.look()).ours is None:
                raise missing(desk.url)
            keys = await on_own_thread(self._keys.make_next)
            if desk.engine is not None:
                await desk.engine.accept(keys)
            try:
                await desk.registrar.change(sent_with(self._settings.listener, keys))
            except GladlyError as exc:
                raise type(exc)(
                    f"{exc.title} Gladly has not confirmed the new credentials.",
                    "Old and new are both accepted. `gladly-source webhook rotate` finishes it.",
                ) from exc
            return await self._report(desk, Did.ROTATED, await self._settle(keys))

    async def _settle(self, keys: Keys) -> tuple[str, ...]:
        """Gladly has these now: keep them, and have the engine take no others."""
        by_hand = await on_own_thread(self._keys.promote)
        try:
            engine = await running_engine(self._home)  # perhaps another one by now
            if engine is not None:
                await engine.accept_only(keys)
        except (OperationError, StoreInUse) as exc:
            raise OperationError(
                "Gladly has the new credentials, but the engine that runs could not be told to "
                "refuse the old ones.",
                "Restart it: then it takes the new ones only.",
            ) from exc
        return by_hand

    def _is_pending(self) -> bool:
        return self._keys.pending

    async def _report(self, desk: _Desk, did: Did, by_hand: tuple[str, ...] = ()) -> Report:
        ours, others = await desk.registrar.look()
        ping = await desk.engine.last_ping_at() if desk.engine is not None else None
        return Report(
            did=Did.MISSING if ours is None and did is Did.FOUND else did,
            url=desk.url,
            webhook=ours,
            others=others,
            pinged_at=None if ping == desk.ping_before else ping,
            pending=await on_own_thread(self._is_pending),
            by_hand=by_hand,
        )

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[_Desk]:
        gladly = self._settings.gladly
        if gladly.url is None or gladly.agent_email is None:
            raise OperationError(
                "gladly.url is not set: nobody knows where your Gladly is.",
                "Set gladly.url and gladly.agent_email, and keep the API token with "
                "`gladly-source secret set gladly-token`.",
            )
        url = address(self._settings)
        token = await on_own_thread(lambda: self._secrets.require("gladly-token"))
        engine = await running_engine(self._home)
        before = await engine.last_ping_at() if engine is not None else None
        async with connect(gladly, token, self._clock, self._transport) as client:
            try:
                yield _Desk(Registrar(client, url, self._clock), url, engine, before)
            except GladlyError as exc:
                raise _advised(exc, url, runs=engine is not None) from exc


def _done(steps: tuple[Step, ...]) -> Did:
    if any(isinstance(step, Create) for step in steps):
        return Did.CREATED
    return Did.CHANGED if steps else Did.KEPT


def _advised(exc: GladlyError, url: str, *, runs: bool) -> GladlyError:
    """The error with what to do about it here: nothing is tried again by itself."""
    match exc:
        case GladlyRefused() if not exc.hint:
            origin = url.partition("://")
            base = f"{origin[0]}://{origin[2].partition('/')[0]}/healthz"
            hint = (
                f"If it is the PING that got no answer: open {base} in a browser; anything that "
                "comes back must be this engine."
                if runs
                else "No engine runs on this home, so nobody answers Gladly's PING: start "
                "`gladly-source serve`, then do it again."
            )
        case GladlyUnavailable() if exc.hint != CHECK_URL and "rotate" not in exc.hint:
            hint = f"Check the network and gladly.url. {AGAIN}"
        case GladlyRateLimited() if "rotate" not in exc.hint:
            hint = f"Other integrations share the limit. {AGAIN}"
        case _:
            return exc
    return type(exc)(exc.title, hint)
