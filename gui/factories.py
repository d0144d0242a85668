"""Makes windows, pages, wizard and demo; a page's module is loaded when it is first opened."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from core.store.base import Filter
from gui.helping import HelpDesk
from gui.pages import ACTIVITY, ATTENTION, EVENTS, HEALTH, ORDER, SENDER, SETTINGS
from gui.window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QDialog, QWidget

    from gui.bridge import Bridge
    from gui.look import Look
    from gui.session import Session
    from gui.visit import DemoHost

#: where each page is; named, so that starting the window loads none of them
PAGES = {
    EVENTS: ("gui.events.page", "EventsPage"),
    ATTENTION: ("gui.attention.page", "AttentionPage"),
    ACTIVITY: ("gui.activity.page", "ActivityPage"),
    SENDER: ("gui.sender.page", "SenderPage"),
    HEALTH: ("gui.health.page", "HealthPage"),
    SETTINGS: ("gui.setup.settings_page", "SettingsPage"),
}


def make_window(session: Session, look: Look, host: DemoHost | None = None) -> MainWindow:
    """The main window of a session; a demo hands its drills to the test sender."""
    more = {SENDER: {"drills": host.drills}} if host is not None else {}

    def factory(key: str) -> Callable[[QWidget], QWidget]:
        def make(parent: QWidget) -> QWidget:
            page: QWidget = load(*PAGES[key])(session, look, parent=parent, **more.get(key, {}))
            return page

        return make

    window = MainWindow(session, look, {key: factory(key) for key in ORDER})
    HelpDesk(window, look)
    window.commands["export"].triggered.connect(lambda: open_export(window, look))
    return window


def open_export(window: MainWindow, look: Look) -> QDialog:
    """The export of all deliveries, or of those that the filter in Events shows."""
    shown = getattr(window.stack.made(EVENTS), "wanted", Filter)()
    dialog = load("gui.deliveries.export", "ExportDialog")(window.session, look, shown, window)
    dialog.start()
    made: QDialog = dialog
    return made


def make_wizard(window: MainWindow, look: Look, *, autostart: bool | None) -> QDialog:
    """The set-up wizard, over its window."""
    made: QDialog = load("gui.setup.wizard", "SetupWizard")(
        window.session, look, autostart=autostart, parent=window
    )
    return made


def make_demo(bridge: Bridge, *, rate: float | None = None, faults: Sequence[str] = ()) -> DemoHost:
    """A demo that is not started yet."""
    chosen = {} if rate is None else {"rate": rate}
    host: DemoHost = load("gui.demo", "DemoHost")(bridge, faults=faults, **chosen)
    return host


def load(module: str, name: str) -> Any:  # noqa: ANN401 - whatever stands there
    """A class by name, its module loaded now."""
    return getattr(importlib.import_module(module), name)
