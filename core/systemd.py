"""What systemd is told of a running service: ready, stopping, how it is, and that it lives.

The protocol is a datagram of `NAME=value` lines to the socket that `NOTIFY_SOCKET` names
(sd_notify(3)); where systemd did not start us, nothing is told.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

log = logging.getLogger(__name__)

#: systemd reads at once; who does not is not waited for
SEND_SECONDS = 1.0
#: signs of life in each WatchdogSec; systemd asks for two at least (sd_watchdog_enabled(3))
SIGNS = 3
MICROSECONDS = 1_000_000


class Notifier:
    """Tells systemd, where it listens.

    Args:
        environ: The process environment.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = address_of(environ)

    def tell(self, **state: str) -> None:
        """Tell the state in systemd's words, such as `READY="1"`; never raises for systemd."""
        if self._address is None:
            return
        message = "\n".join(f"{name}={_line(value)}" for name, value in state.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.settimeout(SEND_SECONDS)
                sock.sendto(message.encode(), self._address)
        except OSError as exc:
            log.warning("systemd cannot be told", extra={"error": exc.strerror or str(exc)})
            self._address = None  # once is enough


class SignsOfLife:
    """Asks, often enough for WatchdogSec, whether something lives, and tells systemd if it does.

    Args:
        tell: Tells systemd.
        seconds: WatchdogSec; None where systemd does not watch.
        ask: Begins to ask; what it returns is done once there is a sign of life.
        clock: Seconds that only go forward.
    """

    def __init__(
        self,
        tell: Callable[[], None],
        seconds: float | None,
        ask: Callable[[], Future[None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell = tell
        self._every = None if seconds is None else seconds / SIGNS
        self._ask = ask
        self._clock = clock
        self._asked_at = -float("inf")
        self._sign: Future[None] | None = None

    def look(self) -> None:
        """Tell of a sign that came, and ask for the next when it is time; returns at once."""
        if self._every is None:
            return
        if self._sign is not None and self._sign.done():
            if not self._sign.cancelled() and self._sign.exception() is None:
                self._tell()
            self._sign = None
        if self._sign is None and self._clock() - self._asked_at >= self._every:
            self._asked_at = self._clock()
            self._sign = self._ask()


def address_of(environ: Mapping[str, str]) -> str | None:
    """Where systemd listens, as a socket takes it; a leading `@` names an abstract socket."""
    named = environ.get("NOTIFY_SOCKET", "")
    if named.startswith("@"):
        return "\0" + named[1:]
    return named if named.startswith("/") else None


def watchdog_seconds(environ: Mapping[str, str], pid: int | None = None) -> float | None:
    """WatchdogSec, where it is set for this process; None else."""
    named = environ.get("WATCHDOG_PID", "")
    if named and named != str(os.getpid() if pid is None else pid):
        return None  # inherited from a parent that is watched itself
    text = environ.get("WATCHDOG_USEC", "")
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        return None
    return int(text) / MICROSECONDS


def _line(text: str) -> str:
    """Text that begins no further line of the datagram."""
    return " ".join(text.split())
