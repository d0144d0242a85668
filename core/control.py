"""What other programs of the same user may ask of a running engine, on loopback only.

The store has one writer; `replay`, `discard` and `erase` from a second process go through it.
Address and token stand in a file that only this user can read.
"""

from __future__ import annotations

import hmac
import os
import secrets
import time
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

from core.credentials import Secret
from core.errors import GladlySourceError, OperationError, StoreInUse
from core.health import Health, State
from core.home import write_private
from core.ingest.account import Account
from core.ingest.auth import Gate, Keys
from core.ingest.poller import CatchUp
from core.ingest.server import HttpServer
from core.pipeline.operations import Effect, Operations, Selection, Step, Watch, through, unwatched
from core.store.base import Erased

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from core.home import Home
    from core.ingest.backfills import Backfills

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_REQUEST = 1_000_000
CONNECT_SECONDS = 3.0
#: a replay of very many takes its time
ANSWER_SECONDS = 600.0
#: the verbs of an import: begin, look, end
BACKFILL, ACCOUNT, CANCEL = "backfill", "backfill-account", "backfill-cancel"
#: for what needs no work
LOOK_SECONDS = 5.0


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do."""

    verb: str
    selection: Selection = Selection()
    new_id: bool = False
    customer_id: str = ""
    #: where a step goes on; None at its beginning
    before: int | None = None
    #: from when on to catch up or import, epoch seconds; None since the last reading, or all
    since: float | None = None
    #: an import only counts
    dry_run: bool = False
    #: the webhook's credentials, for accept and accept-only
    password: str | None = None
    token: str | None = None

    @property
    def keys(self) -> Keys:
        """The credentials, masked."""
        return Keys(*(Secret(one) if one else None for one in (self.password, self.token)))


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a running engine is reached, and with what it was started.

    Args:
        url: Where it answers.
        token: What it wants to be shown.
        pid: Its process.
        listener: Its webhook's local address, if any.
        profile: The profile in its settings; empty where an older version wrote this.
        segment: Segment's address in its settings; empty likewise.
    """

    url: str
    token: str
    pid: int
    listener: str | None = None
    profile: str = ""
    segment: str = ""


class ControlServer:
    """Answers requests from `ControlClient`.

    Args:
        home: Where the address file goes.
        operations: What may be asked for.
        resume: Tries Segment now.
        pause: Sends nothing until resumed.
        last_ping_at: Says when Gladly last asked whether the webhook answers.
        listener: Says where the webhook is reached on this machine.
        health: The components' states.
        catch_up: Reads from Gladly what happened since then.
        backfills: Says who imports history; may raise OperationError.
        profile: The profile of its settings.
        segment: Segment's address in its settings.
        gate: Knows the webhook's credentials.
    """

    def __init__(
        self,
        home: Home,
        operations: Operations,
        resume: Callable[[], None],
        *,
        pause: Callable[[], None] = lambda: None,
        last_ping_at: Callable[[], float | None] = lambda: None,
        listener: Callable[[], str | None] = lambda: None,
        health: Health | None = None,
        catch_up: Callable[[float | None], Awaitable[CatchUp]] | None = None,
        backfills: Callable[[], Backfills] | None = None,
        profile: str = "",
        segment: str = "",
        gate: Gate | None = None,
    ) -> None:
        self._catch_up = catch_up
        self._backfills = backfills
        self._profile = profile
        self._segment = segment
        self._gate = gate or Gate("none")
        self._pause = pause
        self._last_ping_at = last_ping_at
        self._health = health or Health(time.time)
        self._home = home
        self._listener = listener
        self._operations = operations
        self._resume = resume
        self._token = secrets.token_urlsafe(32)
        self._server = HttpServer(self._app, host="127.0.0.1", port=0)

    async def run(self) -> None:
        """Answer until `stop()`."""
        self._server.open()
        address = Address(
            url=self._server.url,
            token=self._token,
            pid=os.getpid(),
            listener=self._listener(),
            profile=self._profile,
            segment=self._segment,
        )
        try:
            write_private(self._home.control_file, msgspec.json.encode(address))
            await self._server.run()
        finally:
            self._home.control_file.unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop answering."""
        self._server.stop()

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope["headers"]).get(b"authorization", b"")
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            await _answer(send, HTTPStatus.UNAUTHORIZED, b"{}")
            return
        body, more = b"", True
        while more:
            message = await receive()
            if len(body) <= MAX_REQUEST:
                body += message.get("body", b"")
            more = message.get("more_body", False)
        try:
            content = await self._do(_request(body))
            await _answer(send, HTTPStatus.OK, msgspec.json.encode(content))
        except GladlySourceError as exc:
            said = msgspec.json.encode({"title": exc.title, "hint": exc.hint})
            await _answer(send, HTTPStatus.CONFLICT, said)

    async def _do(self, request: Request) -> object:
        match request.verb:
            case "health":
                return self._health.states()
            case "last-ping":
                return self._last_ping_at()
            case "resume":
                self._resume()
                return True
            case "pause":
                self._pause()
                return True
            case "accept" | "accept-only":
                take = self._gate.accept if request.verb == "accept" else self._gate.only
                take(request.keys)
                return True
            case _:
                return await self._operate(request)

    async def _operate(self, request: Request) -> object:
        operations, selection = self._operations, request.selection
        new_id, before = request.new_id, request.before
        verbs: dict[str, Callable[[], Awaitable[object]]] = {
            "preview": lambda: operations.preview(selection),
            "replay": lambda: operations.replay(selection, new_id=new_id),
            "replay-step": lambda: operations.replay_step(selection, before, new_id=new_id),
            "discard": lambda: operations.discard(selection),
            "discard-step": lambda: operations.discard_step(selection, before),
            "erase": lambda: operations.erase(request.customer_id),
        }
        if self._backfills is not None:
            told = partial(_import, self._backfills, request)
            verbs |= dict.fromkeys((BACKFILL, ACCOUNT, CANCEL), told)
        if self._catch_up is not None:
            verbs["catch-up"] = partial(self._catch_up, request.since)
        if request.verb not in verbs:
            raise OperationError(f"The running engine does not know {request.verb!r}.")
        return await verbs[request.verb]()


async def _import(find: Callable[[], Backfills], request: Request) -> Account | None:
    """Begin or end an import; how far it is."""
    backfills = find()
    if request.verb == BACKFILL:
        return backfills.start(request.since, dry_run=request.dry_run)
    if request.verb == CANCEL:
        backfills.cancel()
    return backfills.account


def _request(body: bytes) -> Request:
    if len(body) > MAX_REQUEST:
        raise OperationError("That is too much at once.", "Name a status and times instead of ids.")
    try:
        return msgspec.json.decode(body, type=Request)
    except msgspec.DecodeError as exc:
        raise OperationError(
            "The running engine does not understand the request.",
            "Restart it with the version that asks.",
        ) from exc


class ControlClient:
    """Asks the engine that runs on a home; same methods as Operations."""

    def __init__(self, address: Address) -> None:
        self.address = address

    @classmethod
    def find(cls, home: Home) -> ControlClient | None:
        """The running engine of this home, or None when its address cannot be read."""
        try:
            content = home.control_file.read_bytes()
            return cls(msgspec.json.decode(content, type=Address))
        except (OSError, msgspec.DecodeError):
            return None

    async def preview(self, selection: Selection) -> Effect:
        """What a replay of the selection would do."""
        return msgspec.convert(await self._ask("preview", selection=selection), Effect)

    async def replay(
        self,
        selection: Selection,
        *,
        new_id: bool = False,
        progress: Watch = unwatched,
    ) -> int:
        """Put the selection back to pending; how many were. Cancelled, it ends after a page."""

        async def step(before: int | None) -> Step:
            found = await self._ask(
                "replay-step", selection=selection, before=before, new_id=new_id
            )
            return msgspec.convert(found, Step)

        return await through(step, progress)

    async def discard(self, selection: Selection, *, progress: Watch = unwatched) -> int:
        """Decide that the selection is not to be sent; how many were still to be."""

        async def step(before: int | None) -> Step:
            found = await self._ask("discard-step", selection=selection, before=before)
            return msgspec.convert(found, Step)

        return await through(step, progress)

    async def erase(self, customer_id: str) -> Erased:
        """Remove a person's data from the store."""
        return msgspec.convert(await self._ask("erase", customer_id=customer_id), Erased)

    async def health(self) -> tuple[State, ...]:
        """The state of every component of the running engine."""
        return msgspec.convert(await self._ask("health", LOOK_SECONDS), tuple[State, ...])

    async def resume(self) -> None:
        """Try Segment now."""
        await self._ask("resume")

    async def pause(self) -> None:
        """Send nothing to Segment until `resume()`."""
        await self._ask("pause")

    async def catch_up(self, since: float | None = None) -> CatchUp:
        """Read from Gladly what happened since then, or since the last reading."""
        return msgspec.convert(await self._ask("catch-up", since=since), CatchUp)

    async def backfill(self, since: float | None, *, dry_run: bool) -> Account:
        """Begin to import what happened since then from Gladly's export files."""
        begun = await self._ask(BACKFILL, LOOK_SECONDS, since=since, dry_run=dry_run)
        return msgspec.convert(begun, Account)

    async def backfill_account(self) -> Account | None:
        """How far the import is that runs, or what the last one came to."""
        found = await self._ask(ACCOUNT, LOOK_SECONDS)
        return msgspec.convert(found, Account | None)

    async def cancel_backfill(self) -> None:
        """End the import that runs."""
        await self._ask(CANCEL, LOOK_SECONDS)

    async def accept(self, keys: Keys) -> None:
        """Take the webhook's credentials for right, too."""
        await self._ask("accept", LOOK_SECONDS, **_revealed(keys))

    async def accept_only(self, keys: Keys) -> None:
        """Take these for right and, after what is under way, no others."""
        await self._ask("accept-only", LOOK_SECONDS, **_revealed(keys))

    async def last_ping_at(self) -> float | None:
        """When Gladly last asked whether the webhook answers (epoch seconds)."""
        return msgspec.convert(await self._ask("last-ping", LOOK_SECONDS), float | None)

    async def _ask(
        self,
        verb: str,
        seconds: float = ANSWER_SECONDS,
        **arguments: Any,  # noqa: ANN401 - JSON
    ) -> Any:  # noqa: ANN401
        request = Request(verb=verb, **arguments)
        timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS)
        try:
            async with httpx.AsyncClient(timeout=timeout, trust_env=False, verify=False) as client:  # noqa: S501 - plain http on loopback; certificates would only cost time
                response = await client.post(
                    self.address.url,
                    content=msgspec.json.encode(request),
                    headers={"Authorization": f"Bearer {self.address.token}"},
                )
            content = msgspec.json.decode(response.content)
        except (httpx.HTTPError, msgspec.DecodeError) as exc:
            raise StoreInUse(
                "Another Gladly Source holds this home but does not answer.",
                "Wait a moment, or stop it.",
            ) from exc
        if response.status_code == HTTPStatus.OK:
            return content
        if response.status_code == HTTPStatus.CONFLICT:
            raise OperationError(content["title"], content["hint"])
        raise OperationError("The running engine refused the request.", "Restart it.")


def _revealed(keys: Keys) -> dict[str, str | None]:
    return {name: one.reveal() if one else None for name, one in keys._asdict().items()}


async def _answer(send: Send, status: HTTPStatus, content: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(content)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": content})
