"""Icons by meaning: which glyph of the Phosphor font stands for what, and the pictures of it.

The font and its list of names come with QtAwesome; the pictures are drawn here. QtAwesome itself
is not imported: that takes 150 ms, alters Qt's classes (qtpy), and its icons, engines written in
Python, crash the interpreter when they are collected together with their font.
"""

from __future__ import annotations

import json
from importlib import resources, util
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QIcon, QPainter, QPainterPath, QPixmap, QRawFont

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from PySide6.QtGui import QColor

FONT = "phosphor-1.3.0.ttf"
CHARMAP = "phosphor-charmap-1.3.0.json"
#: Phosphor is drawn on squares of 256 units
GRID = 256

GLYPHS: Mapping[str, str] = MappingProxyType(
    {
        # pages
        "events": "list-dashes",
        "attention": "bell-ringing",
        "activity": "chart-line-up",
        "sender": "paper-plane-tilt",
        "health": "heartbeat",
        "settings": "gear-six",
        # components
        "listener": "broadcast",
        "coverage": "shield-check",
        "silence": "bell-slash",
        "gladly": "chat-circle-text",
        "segment": "share-network",
        "store": "database",
        "forwarder": "paper-plane-right",
        "resolver": "magnifying-glass-plus",
        "janitor": "paint-brush-household",
        "control": "terminal-window",
        "engine": "cpu",
        # statuses of deliveries
        "pending": "clock",
        "sending": "arrow-circle-up",
        "retrying": "arrow-clockwise-bold",
        "accepted": "check-circle-fill",
        "confirmed": "circle-wavy-check-fill",
        "dead": "x-circle-fill",
        "discarded": "prohibit-bold",
        # statuses of webhooks
        "received": "tray",
        "waiting": "hourglass-medium",
        "resolved": "check-circle-fill",
        "skipped": "skip-forward-circle",
        "unmappable": "warning-octagon-fill",
        # outcomes and tones
        "ok": "check-circle-fill",
        "warn": "warning-fill",
        "fail": "x-circle-fill",
        "skip": "minus-circle",
        "unknown": "question",
        "off": "power",
        "good": "check-circle-fill",
        "busy": "info-fill",
        "bad": "x-circle-fill",
        "idle": "info-fill",
        # doing
        "search": "magnifying-glass",
        "filter": "funnel",
        "close": "x",
        "copy": "copy",
        "copied": "check",
        "reveal": "eye",
        "hide": "eye-slash",
        "play": "play",
        "pause": "pause",
        "paused": "pause-circle-fill",
        "stop": "stop",
        "stopped": "stop-circle-fill",
        "replay": "arrow-counter-clockwise",
        "discard": "prohibit",
        "erase": "eraser",
        "link": "link",
        "add": "plus",
        "remove": "minus",
        "trash": "trash",
        "edit": "pencil-simple",
        "save": "floppy-disk",
        "saved": "bookmark-simple",
        "export": "export",
        "import": "download-simple",
        "refresh": "arrows-clockwise",
        "retry": "arrow-clockwise",
        "undo": "arrow-u-up-left",
        "mend": "wrench",
        "check": "check",
        "test": "flask",
        "drill": "lightning",
        "follow": "arrow-line-up",
        "columns": "columns",
        "sort": "arrows-down-up",
        "menu": "list",
        "more": "dots-three",
        "quit": "sign-out",
        "snooze": "bell-z",
        "bell": "bell",
        "muted": "bell-slash",
        # things
        "help": "question",
        "info": "info",
        "demo": "sparkle",
        "key": "key",
        "lock": "lock-simple",
        "shield": "shield-check",
        "webhook": "arrow-square-in",
        "gladly-webhook": "heartbeat",
        "poll": "arrows-clockwise",
        "both": "git-merge",
        "backfill": "clock-counter-clockwise",
        "clock": "clock",
        "calendar": "calendar-blank",
        "user": "user",
        "users": "users",
        "agent": "headset",
        "conversation": "chat-circle-dots",
        "customer": "user-circle",
        "topic": "tag",
        "json": "brackets-curly",
        "code": "code",
        "file": "file-text",
        "folder": "folder-open",
        "globe": "globe",
        "computer": "desktop",
        "tunnel": "path",
        "compare": "git-diff",
        "lookup": "magnifying-glass-plus",
        "attempt": "arrow-circle-up",
        "speed": "gauge",
        "backlog": "stack",
        "inbox": "tray",
        "outbox": "upload-simple",
        "tray": "app-window",
        "welcome": "hand-waving",
        "done": "flag",
        "profile": "stack",
        "privacy": "shield-check",
        "mapping": "flow-arrow",
        "log": "article",
        "bug": "bug",
        "disk": "hard-drives",
        "empty": "tray",
        "nothing": "magnifying-glass",
        # directions
        "next": "caret-right",
        "back": "caret-left",
        "up": "caret-up",
        "down": "caret-down",
        "first": "caret-double-up",
        "last": "caret-double-down",
        "arrow": "arrow-right",
    }
)

#: our own drawings in resources/icons: the application's, and what the tray says
DRAWINGS = (
    "app",
    "tray-well",
    "tray-working",
    "tray-attention",
    "tray-paused",
    "tray-stopped",
)


def drawn(name: str) -> QIcon:
    """The icon of one of our own drawings.

    Raises:
        KeyError: There is no such drawing.
    """
    if name not in DRAWINGS:
        raise KeyError(name)
    return QIcon(str(resources.files("resources").joinpath("icons", f"{name}.svg")))


class Icons:
    """Draws icons by meaning; reads the font when the first one is asked for."""

    def __init__(self) -> None:
        self._paths: dict[str, QPainterPath] = {}

    def pixmap(self, name: str, size: int, colour: QColor, ratio: float) -> QPixmap:
        """Draw one picture.

        Args:
            name: A meaning in `GLYPHS`.
            size: Logical pixels.
            colour: Of the glyph.
            ratio: Device pixels per logical pixel.

        Raises:
            KeyError: No icon has this meaning.
        """
        if not self._paths:
            self._paths = _read_paths()
        path = self._paths[name]  # an error while a painter is at work would crash Qt
        picture = QPixmap(QSize(size, size) * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(size / GRID, size / GRID)
        painter.translate(0, GRID)
        painter.fillPath(path, colour)
        painter.end()
        return picture

    def icon(
        self,
        name: str,
        colours: tuple[QColor, QColor],
        sizes: Iterable[int],
        ratios: Iterable[float],
    ) -> QIcon:
        """Make an icon of pictures.

        Args:
            name: A meaning in `GLYPHS`.
            colours: Of the glyph, as usual and on a control that is off.
            sizes: Logical pixels.
            ratios: Device pixels per logical pixel.

        Raises:
            KeyError: No icon has this meaning.
        """
        icon = QIcon()
        usual, off = colours
        for ratio in ratios:
            for size in sizes:
                picture = self.pixmap(name, size, usual, ratio)
                for mode in (QIcon.Mode.Normal, QIcon.Mode.Active, QIcon.Mode.Selected):
                    icon.addPixmap(picture, mode)
                icon.addPixmap(self.pixmap(name, size, off, ratio), QIcon.Mode.Disabled)
        return icon


def _read_paths() -> dict[str, QPainterPath]:
    """The outline of every glyph in `GLYPHS`, standing on a square of `GRID` units."""
    spec = util.find_spec("qtawesome")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("QtAwesome is not installed, and the icons come with it.")
    folder = Path(spec.submodule_search_locations[0]) / "fonts"
    codes = json.loads((folder / CHARMAP).read_text("utf-8"))
    hinting = QFont.HintingPreference.PreferNoHinting
    font = QRawFont((folder / FONT).read_bytes(), GRID, hinting)
    return {
        name: font.pathForGlyph(font.glyphIndexesForString(chr(int(codes[glyph], 16)))[0])
        for name, glyph in GLYPHS.items()
    }
