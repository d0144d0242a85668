"""The real pages in the real window: each opens, and every wish of a page has an answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import SignalInstance

from core.model import DeliveryStatus
from core.store.base import Filter
from gui.deliveries.export import ExportDialog
from gui.factories import PAGES, make_demo, make_window, make_wizard
from gui.pages import EVENTS, ORDER, SENDER, SETTINGS
from gui.visit import DemoVisit
from gui.window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from gui.bridge import Bridge
    from gui.look import Look
    from gui.session import Session

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
ROOT = Path(__file__).parents[2]
#: wishes that the shell answers (`Desktop`)
ANSWERED = {
    "open_page",
    "open_card",
    "open_delivery",
    "show_query",
    "send_test",
    "demo_wanted",
    "wizard_wanted",
    "autostart_wanted",
}
#: what the wizard says, and nobody but Qt has to hear
QT = {"destroyed", "objectNameChanged", "accepted", "rejected", "finished", "closed"}


@pytest.fixture
def window(qtbot: QtBot, look: Look, make_session: Callable[..., Session]) -> MainWindow:
    made = make_window(make_session(), look)
    qtbot.addWidget(made, before_close_func=MainWindow.let_go)
    return made


def wishes(widget: QWidget) -> set[str]:
    """The signals that a class of ours adds to Qt's."""
    own = {
        name
        for kind in type(widget).__mro__
        if kind.__module__.startswith("gui.")
        for name in vars(kind)
    }
    return {name for name in own if isinstance(getattr(widget, name), SignalInstance)}


@pytest.mark.parametrize("key", ORDER)
def test_every_page_opens_closes_and_has_its_wishes_answered(
    qtbot: QtBot, window: MainWindow, key: str
) -> None:
    with qtbot.waitExposed(window):
        window.show()
    page = window.open_page(key)

    assert page.isVisible()
    assert wishes(page) - QT - ANSWERED == set()
    window.hide()


@pytest.mark.parametrize("card", ["segment", "gladly", "arrival"])
def test_a_card_of_the_settings_is_opened_by_name(window: MainWindow, card: str) -> None:
    window.open_card(card)

    assert window.stack.key == SETTINGS
    assert window.stack.page(SETTINGS).card.name == card  # type: ignore[attr-defined]


def test_a_delivery_is_opened_in_events(window: MainWindow) -> None:
    window.open_delivery(1)

    assert window.stack.key == "events"


def test_the_wizard_stands_over_its_window_and_has_its_wishes_answered(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session]
) -> None:
    window = make_window(make_session(start=False), look)
    qtbot.addWidget(window, before_close_func=MainWindow.let_go)
    wizard = make_wizard(window, look, autostart=True)

    assert wizard.parent() is window
    assert wishes(wizard) - QT - ANSWERED == set()


@pytest.fixture
def visit(qtbot: QtBot, look: Look, bridge: Bridge) -> Iterator[DemoVisit]:
    made = DemoVisit(
        lambda: make_demo(bridge, rate=50),
        lambda host: make_window(host.session, look, host),
    )
    yield made
    if made.host is not None:
        with qtbot.waitSignal(made.ended, timeout=20_000):
            made.leave()


def test_the_demo_comes_with_drills_for_the_test_sender_and_leaves_nothing(
    qtbot: QtBot, visit: DemoVisit, window: MainWindow
) -> None:
    window.restore()
    visit.enter(window)
    qtbot.waitUntil(lambda: visit.window is not None, timeout=20_000)
    assert visit.window is not None
    assert visit.host is not None
    home = visit.host.session.home.path
    session = visit.host.session
    qtbot.waitUntil(
        lambda: session.counts is not None and session.counts.deliveries.get("accepted", 0) > 5,
        timeout=20_000,
    )
    page = visit.window.open_page(SENDER)
    assert page._drills_source is visit.host.drills  # type: ignore[attr-defined]

    with qtbot.waitSignal(visit.ended, timeout=10_000):
        visit.leave()
    assert not home.exists()
    assert window.isVisible()


def test_starting_loads_no_page_and_neither_pyqtgraph_nor_numpy() -> None:
    slow = {module for module, _ in PAGES.values()} | {"pyqtgraph", "numpy", "gui.setup.wizard"}
    code = f"import sys, gui.app; print(sorted({slow!r} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert result.stdout.strip() == "[]"


def test_the_file_menu_exports_everything_and_offers_what_the_filter_shows(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.open_page(EVENTS)
    window.show_query("status:dead")

    window.commands["export"].trigger()

    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    assert dialog.only.isVisible()
    assert dialog.order().wanted == Filter()
    assert dialog.order().redact
    qtbot.waitUntil(lambda: dialog.text.text() == "There is nothing to export.")
    dialog.only.click()
    assert dialog.order().wanted == Filter(statuses=(DeliveryStatus.DEAD,))
    dialog.reject()
