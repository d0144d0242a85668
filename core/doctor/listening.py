"""Checks of what runs here: is an engine up, is the listener's port free or rightly taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import msgspec

from core.control import ControlClient
from core.doctor.blocking import on_own_thread
from core.doctor.outcome import Findings
from core.doctor.owner import port_owner
from core.errors import ListenerError, OperationError, PortInUse, StoreInUse
from core.health import WELL, State
from core.ingest.server import bind
from core.model import DeliveryStatus
from core.pipeline.operations import Selection

if TYPE_CHECKING:
    from core.doctor.outcome import Outcome
    from core.doctor.subject import Subject
    from core.home import Home
    from core.settings import Listener, Settings

ANSWER_SECONDS = 3.0
_FAR_FUTURE = 32_503_680_000.0
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - told apart, not bound


class _Health(msgspec.Struct):
    """What /healthz of a Gladly Source says."""

    status: str
    version: str


async def engine(subject: Subject) -> Outcome:
    """Whether an engine runs on this home."""
    findings = Findings("engine")
    if await engine_answers(subject):
        unwell = [state for state in await _states(subject.home) if state.word not in WELL]
        if not unwell:
            return findings.ok("engine.running", "The engine runs on this home.")
        said = " ".join(f"{state.name}: {state.sentence}" for state in unwell)
        return findings.fail(
            "engine.unwell",
            f"The engine runs, but not all is well. {said}",
            "Mend what it says; nothing that was acknowledged is lost.",
        )
    return findings.warn(
        "engine.stopped",
        "No engine runs on this home: nothing is received and nothing is sent.",
        "Start `gladly-source serve`, or the desktop app.",
    )


async def engine_answers(subject: Subject) -> bool:
    """Whether an engine of this home is up; an address left behind by a dead one does not count."""
    return subject.engine_running or await _control_answers(subject.home)


async def _states(home: Home) -> tuple[State, ...]:
    client = await on_own_thread(lambda: ControlClient.find(home))
    if client is None:
        return ()
    try:
        return await client.health()
    except (StoreInUse, OperationError, msgspec.MsgspecError):
        return ()


async def _control_answers(home: Home) -> bool:
    client = await on_own_thread(lambda: ControlClient.find(home))
    if client is None:
        return False
    # What would a replay of nothing do? The cheapest question that changes nothing.
    nothing = Selection(statuses=(DeliveryStatus.SENDING,), since=_FAR_FUTURE)
    try:
        await client.preview(nothing)
    except (StoreInUse, OperationError, msgspec.MsgspecError):
        return False
    return True


async def port(subject: Subject, settings: Settings) -> Outcome:
    """Whether the listener's port is free, or held by our own engine."""
    findings = Findings("port")
    listener = settings.listener
    detail = {"host": listener.host, "port": str(listener.port)}
    if not listener.enabled:
        return findings.skip("port.off", "The listener is switched off: no port is needed.")
    try:
        await on_own_thread(lambda: bind(listener.host, listener.port).close())
    except PortInUse as exc:
        return await _taken(subject, listener, exc, detail)
    except ListenerError as exc:
        return findings.failed(exc, **detail)
    if listener.port == 0:
        return findings.ok("port.any", "Any free port is taken at start.", **detail)
    title = f"Port {listener.port} on {listener.host} is free."
    return findings.ok("port.free", title, **detail)


async def _taken(
    subject: Subject, listener: Listener, exc: PortInUse, detail: dict[str, str]
) -> Outcome:
    findings = Findings("port")
    health = await _ask_health(listener)
    if health is not None and await engine_answers(subject):
        detail |= {"status": health.status, "version": health.version}
        title = f"Port {listener.port} is held by the engine that runs on this home."
        if health.status == "ok":
            return findings.ok("port.ours", title, **detail)
        return findings.warn(
            "port.ours_degraded",
            f"{title[:-1]}, and it says that something wants attention.",
            "See the other checks, and the log.",
            **detail,
        )
    if health is not None:
        return findings.fail(
            exc.code,
            f"Port {listener.port} on {listener.host} is held by a Gladly Source of another home.",
            "Stop that one, or set listener.port to a free port (0 takes any).",
            **detail,
        )
    owner = await on_own_thread(lambda: port_owner(listener.port))
    if owner is None:
        return findings.failed(exc, **detail)
    title = f"Port {listener.port} on {listener.host} is in use by {owner}."
    return findings.fail(exc.code, title, exc.hint, owner=owner, **detail)


async def _ask_health(listener: Listener) -> _Health | None:
    host = _ANY_ADDRESS.get(listener.host, listener.host)
    shown = f"[{host}]" if ":" in host else host
    try:
        # No proxy of the environment stands between us and this computer.
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as client:
            response = await client.get(f"http://{shown}:{listener.port}/healthz")
        return msgspec.json.decode(response.content, type=_Health)
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.MsgspecError):
        return None
