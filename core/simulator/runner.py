"""Runs a simulator on a thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Self, TypeVar

from core.errors import OperationError
from core.ingest.server import HttpServer
from core.simulator.base import Simulator
from core.simulator.driver import Driver, drive
from core.simulator.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Future
    from types import TracebackType

    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Driver", "SimulatorServer", "drive", "serve"]

T = TypeVar("T")
LOOPBACK = "127.0.0.1"
START_SECONDS = 10.0
STOP_SECONDS = 2.0


class _InFlight:
    """Knows the connections with a request in flight, so that stopping need not wait for them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._wires: set[Wire] = set()
        self._closing = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wire = Wire(receive, send)
        if self._closing:
            wire.abort()
            await wire.gone()
            return
        self._wires.add(wire)
        try:
            await self._app(scope, receive, send)
        finally:
            self._wires.discard(wire)

    def abort(self) -> None:
        """Cut what is in flight and whatever still comes."""
        self._closing = True
        for wire in tuple(self._wires):
            wire.abort()


class _Service:
    """One simulator on one socket, with what it does in the background."""

    def __init__(self, app_or_sim: ASGIApp | Simulator, host: str, port: int) -> None:
        self._simulator = app_or_sim if isinstance(app_or_sim, Simulator) else None
        app = app_or_sim.app if isinstance(app_or_sim, Simulator) else app_or_sim
        self._in_flight = _InFlight(app)
        self.http = HttpServer(self._in_flight, host=host, port=port)

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set."""
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(self._stop_when(stop))]
            if self._simulator is not None:
                beside.append(group.create_task(self._simulator.background()))
            await self.http.run()
            for task in beside:
                task.cancel()

    async def _stop_when(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self.http.stop()
        self._in_flight.abort()


class SimulatorServer:
    """A simulator on a thread with an event loop of its own.

    Stopping cuts requests in flight. Starting again takes the same port: that is an outage.

    Args:
        app_or_sim: A simulator, or any ASGI application.
        host: Address to listen on.
        port: Port to listen on; 0 takes any free one.
    """

    def __init__(
        self, app_or_sim: ASGIApp | Simulator, *, host: str = LOOPBACK, port: int = 0
    ) -> None:
        self._app_or_sim = app_or_sim
        self._host = host
        self._port = port
        self._service: _Service | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._running = threading.Event()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port that is, or will be, listened on."""
        return self._port

    @property
    def url(self) -> str:
        """`http://host:port`."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def start(self) -> Self:
        """Bind the socket and serve from a new thread.

        Raises:
            PortInUse: Another program listens there.
            BindRefused: The address or port may not be used.
        """
        service = _Service(self._app_or_sim, self._host, self._port)
        service.http.open()
        self._port = service.http.port
        self._service = service
        self._running.clear()
        self._thread = threading.Thread(
            target=self._main, args=(service,), name="simulator", daemon=True
        )
        self._thread.start()
        if not self._running.wait(START_SECONDS):
            raise OperationError("The simulator's thread did not start.")
        return self

    def stop(self) -> None:
        """Stop serving and join the thread; harmless when nothing runs.

        Raises:
            OperationError: The thread is still busy after 2 s.
        """
        thread, loop, stop = self._thread, self._loop, self._stop
        if thread is None or loop is None or stop is None:
            return
        self._thread = None
        if thread.is_alive():
            loop.call_soon_threadsafe(stop.set)
            thread.join(STOP_SECONDS)
        if thread.is_alive():
            raise OperationError(f"The simulator did not stop within {STOP_SECONDS:g} s.")

    def submit(self, coroutine: Coroutine[object, object, T]) -> Future[T]:
        """Run `coroutine` on the simulator's loop; safe from any other thread."""
        if self._thread is None or self._loop is None:
            coroutine.close()
            raise OperationError("The simulator is not running.", "Call start() first.")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def _main(self, service: _Service) -> None:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(self._serve(service))

    async def _serve(self, service: _Service) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._running.set()
        await service.run(self._stop)


async def serve(
    app_or_sim: ASGIApp | Simulator,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    stop: asyncio.Event | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until `stop` is set or this is cancelled; `ready` is told the URL.

    Still on a thread of its own: on the main thread uvicorn would take the signals for itself.

    Raises:
        PortInUse: Another program listens there.
        BindRefused: The address or port may not be used.
    """
    with SimulatorServer(app_or_sim, host=host, port=port) as server:
        if ready is not None:
            ready(server.url)
        await (stop or asyncio.Event()).wait()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - does not exist on Windows
    except ImportError:
        return None
    return uvloop.new_event_loop
