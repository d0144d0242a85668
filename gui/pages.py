"""The pages of the window: made when they are first wanted, told when they are seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

EVENTS = "events"
ATTENTION = "attention"
ACTIVITY = "activity"
SENDER = "sender"
HEALTH = "health"
SETTINGS = "settings"
ORDER = (EVENTS, ATTENTION, ACTIVITY, SENDER, HEALTH, SETTINGS)


class Page(Protocol):
    """What every page can do besides being a widget."""

    def activate(self) -> None:
        """It is shown now."""

    def deactivate(self) -> None:
        """It is hidden now: stop timers and reads."""


class PageStack(QStackedWidget):
    """One page at a time; a page costs nothing until it is opened.

    Signals:
        made_page: The key and the widget of a page that was just made.

    Args:
        factories: Makes each page by its key; the parent is given.
    """

    made_page = Signal(str, QWidget)

    def __init__(
        self, factories: Mapping[str, Callable[[QWidget], QWidget]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._factories = dict(factories)
        self._pages: dict[str, QWidget] = {}
        self._key = ""
        self._seen = False

    @property
    def key(self) -> str:
        """The page that is shown; "" before the first."""
        return self._key

    @property
    def keys(self) -> tuple[str, ...]:
        """Every page there is."""
        return tuple(self._factories)

    def page(self, key: str) -> QWidget:
        """The page, made now if it was not there."""
        if key not in self._pages:
            page = self._factories[key](self)
            self._pages[key] = page
            self.addWidget(page)
            self.made_page.emit(key, page)
        return self._pages[key]

    def made(self, key: str) -> QWidget | None:
        """The page, if it was ever opened."""
        return self._pages.get(key)

    def show_page(self, key: str) -> QWidget:
        """Show a page; the one before is told that it is hidden."""
        page = self.page(key)
        if key != self._key:
            seen = self._seen
            self.set_seen(seen=False)
            self._key = key
            self.setCurrentWidget(page)
            self.set_seen(seen=seen)
        return page

    def set_seen(self, *, seen: bool) -> None:
        """Say whether anybody can see the page: the window may be hidden."""
        if seen == self._seen:
            return
        self._seen = seen
        page = self._pages.get(self._key)
        if page is None:
            return
        if seen:
            _as_page(page).activate()
        else:
            _as_page(page).deactivate()


def _as_page(widget: QWidget) -> Page:
    return widget  # type: ignore[return-value]  # a factory's promise
