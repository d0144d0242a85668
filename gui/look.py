"""How the window looks: colours, icons and fonts, following the system between light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPalette

from gui.icons import Icons, drawn
from gui.palettes import DARK, LIGHT
from gui.stylesheet import stylesheet

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon, QPixmap
    from PySide6.QtWidgets import QApplication

Scheme = Literal["dark", "light"]

#: size of a heading relative to the text around it, by level
HEADINGS = {1: 1.45, 2: 1.2, 3: 1.0}
MID_GREY = 128
#: logical pixels; what Qt asks for most, beside what goes with the text
ICON_SIZES = (16, 24, 32)
#: Phosphor's lines fall on whole pixels in sizes of so many
ICON_STEP = 4
#: what the system's palette said before the first look changed it; kept by the application
SYSTEM_DARK = "gladly-source-system-dark"

#: roles of Qt's palette by our colour names
ROLES = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "base",
    QPalette.ColorRole.AlternateBase: "window",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "bad",
    QPalette.ColorRole.Light: "hover",
    QPalette.ColorRole.Midlight: "line",
    QPalette.ColorRole.Mid: "line",
    QPalette.ColorRole.Dark: "edge",
    QPalette.ColorRole.Shadow: "line",
    QPalette.ColorRole.Highlight: "selection",
    QPalette.ColorRole.HighlightedText: "text",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
}
FADING = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
    QPalette.ColorRole.HighlightedText,
)


class Look(QObject):
    """The colours, icons and fonts of one application.

    Signals:
        changed: The system switched between light and dark: re-read colours and icons.

    Args:
        app: The application; its style, palette and stylesheet are set here and at each switch.
        dark: A fixed choice, for tests and screenshots; None follows the system.
    """

    changed = Signal()

    def __init__(self, app: QApplication, *, dark: bool | None = None) -> None:
        super().__init__()
        self._app = app
        self._forced = dark
        self._icons = Icons()
        self._made: dict[tuple[object, ...], QIcon] = {}
        self._hints = app.styleHints()
        if app.property(SYSTEM_DARK) is None:
            app.setProperty(SYSTEM_DARK, _is_dark(app.palette()))
            app.setStyle("Fusion")
        self.dark = self._wanted()
        self._hints.colorSchemeChanged.connect(self._on_scheme)
        self._dress()

    def force(self, scheme: Scheme | None) -> None:
        """Stay light or dark whatever the system says; None follows it again."""
        self._forced = None if scheme is None else scheme == "dark"
        self._switch()

    def colour(self, name: str) -> QColor:
        """The colour of this name.

        Raises:
            KeyError: No colour has this name.
        """
        return QColor((DARK if self.dark else LIGHT)[name])

    def icon(self, name: str, colour: str = "text") -> QIcon:
        """The icon of this meaning (`gui.icons.GLYPHS`), in a colour by name.

        Raises:
            KeyError: No icon has this meaning, or no colour has this name.
        """
        side, ratio = self.icon_size(), self._app.devicePixelRatio()
        key = (name, colour, side, ratio)
        if key not in self._made:
            inks = (self.colour(colour), self.colour("disabled"))
            sizes = dict.fromkeys((*ICON_SIZES, side, 2 * side))
            self._made[key] = self._icons.icon(name, inks, sizes, dict.fromkeys((ratio, 1.0)))
        return self._made[key]

    def pixmap(
        self, name: str, size: int, colour: str = "text", ratio: float | None = None
    ) -> QPixmap:
        """The icon of this meaning as a picture of `size` logical pixels, sharp on this screen.

        Args:
            name: The icon by meaning.
            size: Logical pixels.
            colour: A colour by name.
            ratio: Device pixels per logical pixel; the application's when left out.

        Raises:
            KeyError: No icon has this meaning, or no colour has this name.
        """
        sharp = self._app.devicePixelRatio() if ratio is None else ratio
        return self._icons.pixmap(name, size, self.colour(colour), sharp)

    def drawn(self, name: str) -> QIcon:
        """One of our own drawings, the same in light and dark: app, tray-well, tray-paused….

        Raises:
            KeyError: There is no such drawing.
        """
        return drawn(name)

    def icon_size(self, factor: float = 1.0) -> int:
        """Logical pixels of an icon that goes with the text, however large the text is."""
        side = int(QFontMetrics(self._app.font()).height() * factor)
        return max(ICON_SIZES[0], side - side % ICON_STEP)

    def mono(self) -> QFont:
        """The system's monospaced font, in the size of the text."""
        return _resized(
            QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont), self._app.font(), 1.0
        )

    def heading(self, level: int) -> QFont:
        """The font of a heading: 1 a page, 2 a section, 3 a card or group."""
        font = _resized(self._app.font(), self._app.font(), HEADINGS[level])
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def _wanted(self) -> bool:
        if self._forced is not None:
            return self._forced
        scheme = self._hints.colorScheme()
        if scheme is Qt.ColorScheme.Unknown:
            return bool(self._app.property(SYSTEM_DARK))
        return scheme is Qt.ColorScheme.Dark

    def _on_scheme(self) -> None:
        self._switch()

    def _switch(self) -> None:
        if self._wanted() == self.dark:
            return
        self.dark = not self.dark
        self._made.clear()
        self._dress()
        self.changed.emit()

    def _dress(self) -> None:
        self._app.setPalette(self._palette())
        sheet = stylesheet(DARK if self.dark else LIGHT, "dark" if self.dark else "light")
        if sheet != self._app.styleSheet():
            self._app.setStyleSheet(sheet)

    def _palette(self) -> QPalette:
        palette = QPalette()
        for role, name in ROLES.items():
            palette.setColor(role, self.colour(name))
        for role in FADING:
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour("disabled"))
        return palette


def _is_dark(palette: QPalette) -> bool:
    return palette.color(QPalette.ColorRole.Window).lightness() < MID_GREY


def _resized(font: QFont, like: QFont, factor: float) -> QFont:
    """A copy of `font`, `factor` times as large as `like`, whichever unit that is given in."""
    copy = QFont(font)
    if like.pointSizeF() > 0:
        copy.setPointSizeF(like.pointSizeF() * factor)
    else:
        copy.setPixelSize(max(1, round(like.pixelSize() * factor)))
    return copy
