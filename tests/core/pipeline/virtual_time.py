"""An event loop whose time passes only when nothing else is left to do.

Timers fire at once, in order and at their exact time, so that days of retries take a second and
nothing depends on the speed of the machine. Work on other threads is real and is waited for.
"""

from __future__ import annotations

import asyncio
import selectors

#: while another thread works, its result wakes the loop; this only guards against a lost wake-up
GUARD_SECONDS = 5.0


class VirtualTime:
    """Epoch seconds of a virtual loop; stands still inside `with time:`, while a thread works."""

    def __init__(self, now: float = 1_780_000_000.0) -> None:
        self.now = now
        self.busy = 0

    def __call__(self) -> float:
        return self.now

    def __enter__(self) -> None:
        self.busy += 1

    def __exit__(self, *_: object) -> None:
        self.busy -= 1


class _Selector(selectors.DefaultSelector):
    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time

    def select(self, timeout=None):
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        if self._time.busy:
            return super().select(GUARD_SECONDS)
        if found := super().select(0):
            return found
        self._time.now += timeout
        return []


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, time: VirtualTime) -> None:
        super().__init__(_Selector(time))
        self._time = time
        # Timers that are due exactly now must not be missed for a rounding error.
        self._clock_resolution = 1e-5

    def time(self) -> float:
        return self._time.now


class PatientDriver:
    """A store driver during whose work no virtual time passes."""

    def __init__(self, driver, time: VirtualTime) -> None:
        self._driver = driver
        self._time = time

    def __getattr__(self, name):
        return getattr(self._driver, name)

    async def open(self) -> None:
        with self._time:
            await self._driver.open()

    async def close(self) -> None:
        with self._time:
            await self._driver.close()

    async def write(self, work, *, simple=False):
        with self._time:
            return await self._driver.write(work, simple=simple)

    def submit(self, work, *, simple=False):
        future = self._driver.submit(work, simple=simple)
        self._time.__enter__()
        future.add_done_callback(self._time.__exit__)
        return future

    async def read(self, work):
        with self._time:
            return await self._driver.read(work)

    async def settled(self, table):
        with self._time:
            return await self._driver.settled(table)


class PatientUploader:
    """An uploader during whose work no virtual time passes."""

    def __init__(self, uploader, time: VirtualTime) -> None:
        self._uploader = uploader
        self._time = time

    async def upload(self, payloads, *, retry_count=0):
        with self._time:
            return await self._uploader.upload(payloads, retry_count=retry_count)


def run(scenario, time: VirtualTime):
    """Run a coroutine to its end in virtual time."""
    with asyncio.Runner(loop_factory=lambda: _Loop(time)) as runner:
        return runner.run(scenario)
