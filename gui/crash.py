"""A mistake of ours: logged, told with a redacted report, and survived where that can be."""

from __future__ import annotations

import logging
import platform
import sys
import threading
import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, Qt, Signal, Slot, qVersion

from core import __version__
from gui.traces import causes, kind_of, log_mistake

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from core.doctor.cleaner import Cleaner

log = logging.getLogger(__name__)

#: their messages quote code, not what went through it
SPEAKING = (TypeError, AttributeError, NameError, ImportError, AssertionError, RuntimeError)
#: different mistakes that are told in one run; after that they are logged only
MOST = 20


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One mistake, as it may leave this computer; `key` is the same when it happens again."""

    key: str
    text: str
    times: int = 1


class CrashReporter(QObject):
    """Takes what nobody caught, from every thread; each mistake is told once.

    Args:
        clean: Takes out of text what must not leave this computer.

    Signals:
        reported: A Report; again with a higher count when the same happens again.
        interrupted: Ctrl-C came through as an exception.
    """

    reported = Signal(object)
    interrupted = Signal()
    _caught = Signal(object, bool)

    def __init__(self, clean: Cleaner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clean = clean
        self._reports: dict[str, Report] = {}
        self._reporting = False
        self._old: tuple[Any, Any] | None = None
        self._caught.connect(self._on_caught, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Become Python's hooks for what nobody caught."""
        self._old = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception

    def uninstall(self) -> None:
        """Put the old hooks back."""
        if self._old is not None:
            sys.excepthook, threading.excepthook = self._old
            self._old = None

    def report(self, error: BaseException) -> None:
        """Take one exception that nobody caught; from any thread, and never raises."""
        if isinstance(error, KeyboardInterrupt):
            self._emit(self.interrupted.emit)
            return
        self._emit(lambda: self._caught.emit(error, False))  # noqa: FBT003 - a signal's argument

    def take(self, error: BaseException) -> None:
        """Take one exception that whoever caught it has logged; from any thread."""
        self._emit(lambda: self._caught.emit(error, True))  # noqa: FBT003 - a signal's argument

    def _emit(self, call: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # Qt's half of this object is gone: the program ends
            call()

    def _on_exception(
        self,
        _: type[BaseException],
        error: BaseException,
        __: TracebackType | None = None,
    ) -> None:
        self.report(error)

    def _on_thread_exception(self, happened: threading.ExceptHookArgs) -> None:
        if happened.exc_value is not None:
            self.report(happened.exc_value)

    @Slot(object, bool)
    def _on_caught(self, error: BaseException, logged: bool) -> None:  # noqa: FBT001 - a slot
        """On Qt's thread, and not while the exception is on its way."""
        if self._reporting:
            return  # telling of a mistake made one: once is enough
        self._reporting = True
        try:
            self._tell(error, logged=logged)
        except Exception as exc:  # noqa: BLE001 - logged without what it says
            log_mistake(log, "a crash report failed", exc)
        finally:
            self._reporting = False

    def _tell(self, error: BaseException, *, logged: bool) -> None:
        key = key_of(error)
        known = self._reports.get(key)
        if known is None and not logged:
            log_mistake(log, "a mistake of ours", error)
        if known is None and len(self._reports) >= MOST:
            return
        if known is None:
            report = Report(key=key, text=describe(error, self._clean))
        else:
            report = msgspec.structs.replace(known, times=known.times + 1)
        self._reports[key] = report
        self.reported.emit(report)


def key_of(error: BaseException) -> str:
    """The same for the same mistake at the same place."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__qualname__} {place}"


def describe(error: BaseException, clean: Cleaner) -> str:
    """A report that may leave this computer: versions, where it happened, no data."""
    lines = [
        f"Gladly Source {__version__}",
        f"Python {platform.python_version()}, Qt {qVersion()}",
        f"{platform.system()} {platform.release()} {platform.machine()}",
        time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()),
        "",
        *_chain(error, clean),
    ]
    return "\n".join(lines)


def _chain(error: BaseException, clean: Cleaner) -> list[str]:
    """The frames and names of an exception, after those of what caused it."""
    lines: list[str] = []
    for one in reversed(causes(error)):
        frames = traceback.format_tb(one.__traceback__)
        # Of each frame the first line: source text may hold anything.
        lines += [clean(frame.splitlines()[0].strip()) for frame in frames]
        name = kind_of(one)
        said = str(one) if isinstance(one, SPEAKING) else ""
        lines += [f"{name}: {clean(said)}" if said else name, "", "and then", ""]
    return lines[:-3]
