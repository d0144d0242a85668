"""Everything the menus offer, with its keys; the menus, the shortcut list and the tray share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from gui.pages import ORDER
from gui.widgets.buttons import follow_icon

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow, QMenu, QMenuBar

    from gui.look import Look

SCHEMES = ("system", "light", "dark")


class Commands(QObject):
    """The actions by name; whoever owns the window connects them.

    Args:
        look: Icons.
        window: Where the keys work.
        demo: Whether the window shows the demo.
    """

    def __init__(self, look: Look, window: QMainWindow, *, demo: bool) -> None:
        super().__init__(window)
        self._look, self._window, self._demo = look, window, demo
        self.by_name: dict[str, QAction] = {}
        self.titles = {
            "events": self.tr("Events"),
            "attention": self.tr("Needs attention"),
            "activity": self.tr("Activity"),
            "sender": self.tr("Test sender"),
            "health": self.tr("Health"),
            "settings": self.tr("Settings"),
        }
        self._menus = self._fill(window.menuBar())

    def __getitem__(self, name: str) -> QAction:
        return self.by_name[name]

    def shortcut(self, name: str) -> str:
        """The keys of an action, as this platform writes them."""
        return self.by_name[name].shortcut().toString(QKeySequence.SequenceFormat.NativeText)

    def groups(self) -> list[tuple[str, list[QAction]]]:
        """The actions that have keys, by menu."""
        found = []
        for menu in self._menus:
            keyed = [one for one in menu.actions() if not one.shortcut().isEmpty()]
            found.append((menu.title().replace("&", ""), keyed))
        return [(title, actions) for title, actions in found if actions]

    def set_paused(self, *, paused: bool, possible: bool) -> None:
        """Offer to pause or to resume, whichever makes sense now."""
        action = self.by_name["pause"]
        action.setText(self.tr("&Resume sending") if paused else self.tr("&Pause sending"))
        follow_icon(self._look, action, "play" if paused else "pause")
        action.setEnabled(possible)

    def _fill(self, bar: QMenuBar) -> list[QMenu]:
        fillers = {
            self.tr("&File"): self._file_menu,
            self.tr("&Edit"): self._edit_menu,
            self.tr("&View"): self._view_menu,
            self.tr("E&ngine"): self._engine_menu,
            self.tr("&Help"): self._help_menu,
        }
        menus = []
        for title, fill in fillers.items():
            menus.append(bar.addMenu(title))
            fill(menus[-1])
        return menus

    def _file_menu(self, menu: QMenu) -> None:
        if self._demo:
            self._add(menu, "leave-demo", self.tr("&Leave the demo"), icon="close")
        else:
            self._add(menu, "set-up", self.tr("Set-&up…"), icon="welcome")
            self._add(menu, "demo", self.tr("Try the &demo"), icon="demo")
        menu.addSeparator()
        self._add(menu, "export", self.tr("E&xport…"), "Ctrl+E", icon="export")
        menu.addSeparator()
        self._add(menu, "close", self.tr("&Close the window"), "Ctrl+W")
        quit_action = self._add(menu, "quit", self.tr("&Quit"), "Ctrl+Q", icon="quit")
        quit_action.setMenuRole(QAction.MenuRole.QuitRole)

    def _edit_menu(self, menu: QMenu) -> None:
        # The fields and tables have these keys themselves; here they are shown, not taken.
        self._add(menu, "copy", self.tr("&Copy") + "\tCtrl+C", icon="copy")
        self._add(menu, "select-all", self.tr("Select &all") + "\tCtrl+A")

    def _view_menu(self, menu: QMenu) -> None:
        for place, key in enumerate(ORDER, start=1):
            self._add(menu, key, self.titles[key], f"Ctrl+{place}", icon=key)
        menu.addSeparator()
        colours = menu.addMenu(self.tr("&Colours"))
        group = QActionGroup(self)
        names = (self.tr("Like the &system"), self.tr("&Light"), self.tr("&Dark"))
        for scheme, text in zip(SCHEMES, names, strict=True):
            action = self._add(colours, scheme, text)
            action.setCheckable(True)
            group.addAction(action)
        full = self._add(menu, "full-screen", self.tr("&Full screen"), "F11")
        full.setCheckable(True)

    def _engine_menu(self, menu: QMenu) -> None:
        self._add(menu, "pause", self.tr("&Pause sending"), "Ctrl+Shift+P", icon="pause")
        self._add(menu, "restart", self.tr("&Restart the engine"), "Ctrl+Shift+R", icon="refresh")
        menu.addSeparator()
        snooze = self._add(menu, "snooze", self.tr("&Snooze notifications for an hour"))
        snooze.setCheckable(True)
        follow_icon(self._look, snooze, "snooze")

    def _help_menu(self, menu: QMenu) -> None:
        self._add(
            menu,
            "handbook",
            self.tr("&Handbook"),
            QKeySequence.StandardKey.HelpContents,
            icon="help",
        )
        self._add(menu, "shortcuts", self.tr("&Keyboard shortcuts"), "Ctrl+/", icon="info")
        menu.addSeparator()
        self._add(menu, "diagnostics", self.tr("Save &diagnostics…"), icon="bug")
        self._add(menu, "log", self.tr("Open the &log folder"), icon="log")
        menu.addSeparator()
        self._add(menu, "news", self.tr("&What's new"))
        about = self._add(menu, "about", self.tr("&About Gladly Source"))
        about.setMenuRole(QAction.MenuRole.AboutRole)

    def _add(
        self,
        menu: QMenu,
        name: str,
        text: str,
        keys: str | QKeySequence.StandardKey = "",
        *,
        icon: str = "",
    ) -> QAction:
        action = QAction(text, self._window)
        action.setObjectName(name)
        if keys:
            action.setShortcut(QKeySequence(keys))
        if icon:
            follow_icon(self._look, action, icon)
        menu.addAction(action)
        self.by_name[name] = action
        return action
