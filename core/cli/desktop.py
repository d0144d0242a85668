"""The way from the command line to the desktop app, which may not be there, nor its display."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from core.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Mapping

APP = "gui.app"
#: what the app needs and the engine does not
PACKAGES = frozenset({"gui", "PySide6", "shiboken6", "qtawesome", "qtpy", "pyqtgraph"})
WITHOUT = "Everything also works without a window: see `gladly-source --help`."
#: platforms of Qt that draw where nobody looks
UNSEEN = frozenset({"offscreen", "minimal", "minimalegl"})
ON_X11_OR_WAYLAND = frozenset({"", "xcb", "wayland", "wayland-egl", "wayland-brcm"})


def has_display(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a window could be seen."""
    if platform in {"win32", "darwin"}:
        return True
    named = environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if named in ON_X11_OR_WAYLAND | UNSEEN:
        return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
    return True  # such as eglfs or vnc, which bring their own


def load_app() -> Any:  # noqa: ANN401 - the engine knows no window, so it cannot name its type
    """The module that starts the desktop app.

    Raises:
        OperationError: It, or Qt, cannot be loaded here.
    """
    try:
        return importlib.import_module(APP)
    except ModuleNotFoundError as exc:
        missing = (exc.name or "").split(".")[0]
        if missing not in PACKAGES or (exc.name or "").startswith("gui."):
            raise  # a mistake of ours
        raise OperationError(
            f"The desktop app needs {missing}, which is not installed.",
            f"Install it with `pip install 'gladly-source[gui]'`. {WITHOUT}",
        ) from exc
    except ImportError as exc:
        if "shared object" not in str(exc) and "DLL" not in str(exc):
            raise
        raise OperationError(
            f"The desktop app cannot load Qt: {exc}.",
            "On Debian or Ubuntu install libegl1, libgl1, libxkbcommon0, libdbus-1-3 and "
            f"libfontconfig1. {WITHOUT}",
        ) from exc
