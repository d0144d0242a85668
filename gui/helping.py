"""What the Help menu opens: handbook, shortcuts, diagnostics, log folder, About."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from gui.about import README, AboutDialog, TextDialog
from gui.front import bring_up
from gui.pages import HEALTH
from gui.shortcuts import ShortcutsDialog, rows_in, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QDialog

    from gui.look import Look
    from gui.window import MainWindow


class HelpDesk(QObject):
    """Opens one dialog of each kind, and brings up the one that is open already.

    Args:
        window: Whose Help menu it is.
        look: Colours and icons.
    """

    def __init__(self, window: MainWindow, look: Look) -> None:
        super().__init__(window)
        self._window, self._look = window, look
        self._open: dict[str, QDialog] = {}
        for name, slot in {
            "handbook": self._on_handbook,
            "shortcuts": self._on_shortcuts,
            "diagnostics": self._on_diagnostics,
            "log": self._on_log,
            "news": self._on_news,
            "about": self._on_about,
        }.items():
            window.commands[name].triggered.connect(slot)

    def _show(self, name: str, make: Callable[[], QDialog]) -> None:
        dialog = self._open.get(name)
        if dialog is None:
            dialog = make()
            self._open[name] = dialog
            dialog.finished.connect(lambda _: self._open.pop(name, None))
        bring_up(dialog)

    def _on_handbook(self) -> None:
        window = self._window
        self._show(
            "handbook",
            lambda: TextDialog(window.session, self._look, README, self.tr("Handbook"), window),
        )

    def _on_shortcuts(self) -> None:
        window = self._window
        groups = [(title, rows_of(actions)) for title, actions in window.commands.groups()]
        page = window.stack.made(window.stack.key)
        if page is not None and (rows := rows_in(page)):
            groups.append((window.commands.titles[window.stack.key], rows))
        self._show("shortcuts", lambda: ShortcutsDialog(self._look, groups, window))

    def _on_diagnostics(self) -> None:
        page = self._window.open_page(HEALTH)
        save = getattr(page, "save_diagnostics", None)
        if save is not None:
            save()

    def _on_log(self) -> None:
        folder = self._window.session.home.log_folder
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _on_news(self) -> None:
        self._about(news=True)

    def _on_about(self) -> None:
        self._about(news=False)

    def _about(self, *, news: bool) -> None:
        window = self._window
        self._show("about", lambda: AboutDialog(window.session, self._look, parent=window))
        dialog = self._open["about"]
        if isinstance(dialog, AboutDialog):
            dialog.tabs.setCurrentIndex(int(news))
