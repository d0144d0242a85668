"""Shows what Segment would get for a sample conversation, and the columns in a warehouse."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QTabWidget, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from gui.setup import preview
from gui.widgets.json_view import JsonView
from gui.widgets.notice import Notice

if TYPE_CHECKING:
    from core.settings import Settings
    from gui.look import Look
    from gui.session import Session
    from gui.setup.preview import Preview, Sample


class PreviewView(QWidget):
    """Tabs: one per event, and the warehouse; made anew with every change, newest wins.

    Args:
        session: Maps the sample away from Qt's thread.
        look: Colours and fonts.
    """

    def __init__(self, session: Session, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._look = look
        self._busy = False
        self._next: Settings | None = None
        self._views: dict[str, JsonView] = {}
        self.tabs = QTabWidget()
        self.tabs.setUsesScrollButtons(True)
        self.columns = QTreeWidget()
        self.columns.setAccessibleName(self.tr("Warehouse columns"))
        self.columns.setHeaderLabels([self.tr("Column"), self.tr("Type"), self.tr("Example")])
        self.columns.setRootIsDecorated(False)
        self.columns.setUniformRowHeights(True)
        self.columns.setTabKeyNavigation(False)
        self.tabs.addTab(self.columns, self.tr("Warehouse"))
        self.problem = Notice(look)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.problem)
        column.addWidget(self.tabs, 1)

    def show_settings(self, settings: Settings) -> None:
        """Show what these settings make."""
        if self._busy:
            self._next = settings
            return
        self._busy = True
        self._session.ask(
            lambda: asyncio.to_thread(preview.show, settings), owner=self, then=self._on_preview
        )

    def view(self, kind: str) -> JsonView:
        """The JSON under one tab."""
        return self._views[kind]

    def _on_preview(self, shown: Preview) -> None:
        self._busy = False
        later, self._next = self._next, None
        if later is not None:
            self.show_settings(later)
            return
        if shown.problem:
            self.problem.show_message("bad", shown.problem)
        else:
            self.problem.clear()
        self._show_samples(shown.samples)
        self._show_columns(shown.samples)

    def _show_samples(self, samples: tuple[Sample, ...]) -> None:
        kinds = [sample.kind for sample in samples]
        if kinds != list(self._views):
            self._make_tabs(kinds)
        for sample in samples:
            self._views[sample.kind].set_json(sample.message)

    def _make_tabs(self, kinds: list[str]) -> None:
        shown = self.tabs.currentWidget()
        chosen = next((kind for kind, view in self._views.items() if view is shown), None)
        at_end = bool(self._views) and chosen is None
        for view in self._views.values():
            self.tabs.removeTab(self.tabs.indexOf(view))
            view.deleteLater()
        self._views = {}
        for position, kind in enumerate(kinds):
            view = JsonView(self._look, kind)
            view.set_wrapped(wrapped=True)
            self._views[kind] = view
            self.tabs.insertTab(position, view, self._tab_text(kind))
        kept = kinds.index(chosen) if chosen in kinds else 0
        self.tabs.setCurrentIndex(len(kinds) if at_end else kept)

    def _tab_text(self, kind: str) -> str:
        return {"opened": self.tr("Opened"), "closed": self.tr("Closed")}.get(kind, kind)

    def _show_columns(self, samples: tuple[Sample, ...]) -> None:
        self.columns.clear()
        for sample in samples:
            table = QTreeWidgetItem([sample.table])
            font = self._look.heading(3)
            table.setFont(0, font)
            table.setFirstColumnSpanned(True)
            self.columns.addTopLevelItem(table)
            for column in sample.columns:
                item = QTreeWidgetItem([column.name, column.type, column.example])
                item.setToolTip(2, column.example)
                table.addChild(item)
            table.setExpanded(True)
            table.setFirstColumnSpanned(True)
        for number in range(2):
            self.columns.resizeColumnToContents(number)
