"""What Qt says: into our log; what keeps it from starting at all: one sentence, and the end."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QMessageLogContext, QtMsgType, qInstallMessageHandler

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("gui.qt")

LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
#: said by the offscreen platform at every window; it means nothing
IGNORED = ("This plugin does not support propagateSizeHints",)
DEBS = "libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libegl1 libgl1"


class QtMessages:
    """Receives Qt's messages from `install` until `uninstall`.

    Args:
        end: Ends the program; tests hand in another.
    """

    def __init__(self, end: Callable[[int], object] = os._exit) -> None:
        self._end = end
        self._said: list[str] = []
        self._starting = True

    def install(self) -> None:
        """Begin, before there is an application."""
        qInstallMessageHandler(self.receive)

    def uninstall(self) -> None:
        """Qt prints its messages itself again."""
        qInstallMessageHandler(None)

    def started(self) -> None:
        """There is an application: what was said before is logged, what comes is, too."""
        self._starting = False
        for text in self._said:
            log.warning("qt: %s", text)
        self._said.clear()

    def receive(self, kind: QtMsgType, _: QMessageLogContext, text: str) -> None:
        """Take one message, on whichever thread."""
        if text.startswith(IGNORED):
            return
        if kind is QtMsgType.QtFatalMsg:
            # Qt ends the process with an abort as soon as this returns.
            print(f"gladly-source: {why_not(self._said)}", file=sys.stderr, flush=True)  # noqa: T201 - the last words
            self._end(1)
        elif self._starting:
            self._said.append(text)
        else:
            log.log(LEVELS.get(kind, logging.WARNING), "qt: %s", text)


def why_not(said: list[str]) -> str:
    """Why Qt cannot open a window here, and what to do: one line."""
    other = "Without a window use `gladly-source serve`, or see `gladly-source --help`."
    for text in said:
        if "could not connect to display" in text or "Failed to create wl_display" in text:
            name = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or ""
            return f"The desktop app cannot connect to the display {name!r}. {other}"
    missing = missing_library()
    if missing:
        return (
            f"The desktop app cannot be shown: {missing}. On Debian or Ubuntu run "
            f"`apt-get install {DEBS}`. {other}"
        )
    detail = f" ({said[-1]})" if said else ""
    return f"The desktop app cannot be shown: Qt finds no platform to draw on{detail}. {other}"


def missing_library() -> str:
    """What the loader says of Qt's plugin for X11; "" when it loads."""
    folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms"
    plugin = folder / "libqxcb.so"
    if not plugin.exists():
        return ""
    try:
        ctypes.CDLL(str(plugin))
    except OSError as exc:
        return str(exc).split(": cannot open", maxsplit=1)[0] + " is missing"
    return ""
