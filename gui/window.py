"""The main window: navigation, status strip, banners and the page that is open."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QSize, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from core.errors import GladlySourceError
from core.model import DeliveryStatus, WebhookStatus
from gui.banners import Banners
from gui.commands import Commands
from gui.mood import is_paused
from gui.navigation import Navigation
from gui.pages import ATTENTION, EVENTS, HEALTH, ORDER, SETTINGS, PageStack
from gui.run import Phase
from gui.strip import StatusStrip
from gui.widgets.labels import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QCloseEvent, QHideEvent, QPaintEvent, QResizeEvent, QShowEvent

    from core.model import Counts
    from gui.look import Look
    from gui.session import Session

#: logical pixels, where the screen has them
WIDTH, HEIGHT = 1180, 760
#: narrower than so many heights of a line, the navigation shows icons only
NARROW_LINES = 42
GEOMETRY = "window.geometry"
PAGE = "window.page"


class MainWindow(QMainWindow):
    """One session on the screen.

    Args:
        session: What is shown.
        look: Colours and icons.
        factories: Makes each page by its key (`gui.pages.ORDER`), when it is first opened.

    Signals:
        close_wanted: A person closes the window; whoever owns it decides what that means.
        engine_wanted: `retry`, `file`, `set-up` or `settings`: what a stopped engine wants.
        page_made: The key and the widget of a page, once.
    """

    close_wanted = Signal()
    engine_wanted = Signal(str)
    page_made = Signal(str, QWidget)

    def __init__(
        self,
        session: Session,
        look: Look,
        factories: Mapping[str, Callable[[QWidget], QWidget]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session = session
        self._may_close = False
        self.commands = Commands(look, self, demo=session.profile == "demo")
        rows = [(key, key, self.commands.titles[key], self.commands.shortcut(key)) for key in ORDER]
        self.navigation = Navigation(look, rows, self)
        self.strip = StatusStrip(session, look, self)
        self.banners = Banners(session, look, self)
        self.stack = PageStack(factories, self)
        self._lay_out(look)
        self._connect()
        self._on_settings(session.settings)
        self._on_counted(session.counts)
        self._on_states()

    def restore(self) -> None:
        """Take the place, size and page of the last time."""
        memory = self.session.memory
        self.resize(self._fitting_size())
        text = memory.get(GEOMETRY, "")
        if isinstance(text, str) and text:
            self.restoreGeometry(QByteArray.fromBase64(text.encode("ascii", "replace")))
        page = memory.get(PAGE, EVENTS)
        self.open_page(page if page in self.stack.keys else EVENTS)

    def remember(self) -> None:
        """Keep place, size and page for the next time."""
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self.session.memory.set(GEOMETRY, geometry)
        self.session.memory.set(PAGE, self.stack.key)

    def open_page(self, key: str) -> QWidget:
        """Show a page; unknown ones are answered with the first."""
        known = key if key in self.stack.keys else EVENTS
        page = self.stack.show_page(known)
        self.navigation.show_page(known)
        return page

    def open_card(self, name: str) -> None:
        """Show one card of the settings."""
        page = self.open_page(SETTINGS)
        show = getattr(page, "show_card", None)
        if show is not None:
            show(name)

    def show_query(self, text: str) -> None:
        """Show in Events what passes this filter."""
        show = getattr(self.open_page(EVENTS), "show_query", None)
        if show is not None:
            show(text)

    def open_delivery(self, one: int) -> None:
        """Show one delivery in Events."""
        page = self.open_page(EVENTS)
        show = getattr(page, "show_delivery", None)
        if show is not None:
            show(one)

    def let_go(self) -> None:
        """Close for good, without asking."""
        self._may_close = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask whoever owns the window."""
        self.remember()
        if self._may_close:
            super().closeEvent(event)
            return
        event.ignore()
        self.close_wanted.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """The page is seen."""
        super().showEvent(event)
        self._look_seen()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees the page."""
        super().hideEvent(event)
        self._look_seen()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the page the room, where there is little for such large text."""
        super().resizeEvent(event)
        lines = self.width() / self.fontMetrics().height()
        self.navigation.set_compact(compact=lines < NARROW_LINES)

    def changeEvent(self, event: QEvent) -> None:
        """Minimised is not seen, either."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._look_seen()

    def _lay_out(self, look: Look) -> None:
        self.setObjectName("main-window")
        right = QWidget(self)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banners)
        column.addWidget(self.stack, 1)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.navigation)
        row.addWidget(_LineDown(look, self))
        row.addWidget(right, 1)
        centre = QWidget(self)
        outer = QVBoxLayout(centre)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.strip)
        outer.addWidget(Rule(centre))
        outer.addLayout(row, 1)
        self.setCentralWidget(centre)

    def _connect(self) -> None:
        session, commands = self.session, self.commands
        session.phase_changed.connect(self._on_states)
        session.phase_changed.connect(self._on_settings)
        session.health_changed.connect(self._on_states)
        session.counted.connect(self._on_counted)
        session.settings_changed.connect(self._on_settings)
        self.navigation.chosen.connect(self.open_page)
        self.strip.health_wanted.connect(lambda: self.open_page(HEALTH))
        self.banners.resume.connect(self._on_pause)
        self.banners.page_wanted.connect(self.open_page)
        self.banners.mend.connect(self.engine_wanted)
        self.stack.made_page.connect(self.page_made)
        for key in ORDER:
            commands[key].triggered.connect(lambda _=False, key=key: self.open_page(key))
        commands["pause"].triggered.connect(self._on_pause)
        commands["restart"].triggered.connect(lambda: self.engine_wanted.emit("retry"))
        commands["close"].triggered.connect(self.close)
        commands["full-screen"].toggled.connect(self._on_full_screen)
        for name in ("copy", "select-all"):
            commands[name].triggered.connect(lambda _=False, name=name: self._edit(name))

    def _fitting_size(self) -> QSize:
        return QSize(WIDTH, HEIGHT).boundedTo(self.screen().availableSize())

    def _look_seen(self) -> None:
        self.stack.set_seen(seen=self.isVisible() and not self.isMinimized())

    def _edit(self, name: str) -> None:
        """Do in the field or table that has the focus what its own keys do."""
        widget = self.focusWidget()
        method = getattr(widget, "copy" if name == "copy" else "selectAll", None)
        if callable(method):
            method()

    def _on_full_screen(self, full: bool) -> None:  # noqa: FBT001 - a signal's argument
        if full:
            self.showFullScreen()
        else:
            self.showNormal()

    def _on_settings(self, _: object) -> None:
        """Name the profile of the engine that runs, which may be another process's."""
        names = {
            "production": self.tr("production"),
            "sandbox": self.tr("sandbox"),
            "demo": self.tr("demo"),
        }
        source = self.session.source
        profile = self.session.profile if source is None else source.profile
        self.setWindowTitle(self.tr("Gladly Source — {0}").format(names.get(profile, profile)))

    def _on_counted(self, counts: Counts | None) -> None:
        if counts is None:
            return
        dead = counts.deliveries.get(DeliveryStatus.DEAD, 0)
        unmappable = counts.webhooks.get(WebhookStatus.UNMAPPABLE, 0)
        self.navigation.set_badge(ATTENTION, dead + unmappable, self.tr("need attention"))

    def _on_states(self, _: object = None) -> None:
        session = self.session
        running = session.phase in {Phase.RUNNING, Phase.ATTACHED}
        self.commands.set_paused(paused=is_paused(session.states), possible=running)
        self.commands["restart"].setEnabled(session.phase is not Phase.ATTACHED)

    def _on_pause(self) -> None:
        session = self.session
        with suppress(GladlySourceError):
            link = session.link
            wish = link.resume if is_paused(session.states) else link.pause
            session.ask(wish, owner=self, failed=self._on_refused)

    def _on_refused(self, error: GladlySourceError) -> None:
        self.banners.tell("bad", error.title, error.hint)


class _LineDown(QWidget):
    """A thin line between navigation and page."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.setFixedWidth(1)
        look.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        QPainter(self).fillRect(self.rect(), self._look.colour("line"))
