"""The Health page: live states, every check with its outcome, and presses that mend."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QScrollArea

from core.doctor.doctor import NAMES
from core.errors import OperationError
from core.health import State
from gui.health.page import HealthPage
from gui.run import Phase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from core.doctor.subject import Outside
    from gui.look import Look
    from gui.session import Session
    from tests.gui.conftest import MemoryPlace

    Make = Callable[..., Session]
    MakePage = Callable[..., HealthPage]

PATIENCE_MS = 20_000


@pytest.fixture
def make_page(qtbot: QtBot, look: Look, outside: Outside) -> MakePage:
    """Builds the page of a session and shows it."""

    def make(session: Session) -> HealthPage:
        page = HealthPage(session, look, outside=outside)
        qtbot.addWidget(page)
        page.resize(1000, 700)
        page.show()
        return page

    return make


def checked(qtbot: QtBot, page: HealthPage) -> None:
    with qtbot.waitSignal(page.rounds.finished, timeout=PATIENCE_MS):
        page.activate()


def test_nothing_is_asked_before_the_page_is_shown(make_page: MakePage, still: Make) -> None:
    page = make_page(still(Phase.STOPPED))

    assert not page.rounds.busy
    assert page.summary.text() == "Not everything was checked yet."


def test_all_checks_are_shown_with_failures_and_what_mends_them(
    qtbot: QtBot, make_page: MakePage, still: Make, place: MemoryPlace
) -> None:
    place.delete("webhook-password")
    page = make_page(still(Phase.STOPPED))

    checked(qtbot, page)

    shown = {name: row.status.text() for name, row in page.rows.items()}
    assert list(shown) == list(NAMES)
    assert "Not checked" not in {shown["settings"], shown["secrets"], shown["engine"]}
    assert (shown["settings"], shown["secrets"], shown["engine"]) == ("OK", "Failed", "Warning")
    assert page.summary.text().startswith(
        "1 check failed: Secrets. 2 checks want a look: Way in, Engine. Checked at "
    )
    with qtbot.waitSignal(page.open_card) as wish:
        page.rows["secrets"].buttons[0].click()
    assert wish.args == ["arrival"]


def test_a_running_engine_is_well(qtbot: QtBot, make_page: MakePage, make_session: Make) -> None:
    session = make_session()
    page = make_page(session)

    checked(qtbot, page)

    assert page.rows["engine"].sentence.text() == "The engine runs on this home."
    qtbot.waitUntil(lambda: len(page.components.tiles.tiles) >= 4)
    names = [tile.title.text() for tile in page.components.tiles.tiles]
    assert names[:2] == ["Listener", "Polling"]


def test_one_check_is_run_again_alone(qtbot: QtBot, make_page: MakePage, still: Make) -> None:
    page = make_page(still(Phase.STOPPED))
    checked(qtbot, page)
    begun: list[str] = []
    page.rounds.began.connect(begun.append)

    with qtbot.waitSignal(page.rounds.finished):
        page.rows["keyring"].again_button.click()

    assert begun == ["keyring"]


def test_the_page_shown_once_more_soon_checks_nothing(
    qtbot: QtBot, make_page: MakePage, still: Make
) -> None:
    page = make_page(still(Phase.STOPPED))
    checked(qtbot, page)

    page.deactivate()
    page.activate()

    assert not page.rounds.busy


def test_a_hidden_page_gives_up_what_it_began(
    qtbot: QtBot, make_page: MakePage, still: Make
) -> None:
    session = still(Phase.STOPPED)
    page = make_page(session)
    page.activate()

    page.deactivate()
    session.health_changed.emit(())

    assert not page.rounds.busy
    assert {row.status.text() for row in page.rows.values()} == {"Not checked"}
    assert page.all_button.isEnabled()


def test_states_are_shown_as_they_change(qtbot: QtBot, make_page: MakePage, still: Make) -> None:
    session = still(states=())
    page = make_page(session)
    page.rounds.run = lambda *_: None  # type: ignore[method-assign,assignment]
    page.activate()

    state = State(name="segment", word="refused", sentence="Segment refuses the key.", since=5.0)
    session.states = (state,)
    session.health_changed.emit(session.states)

    [line] = page.components.lines
    assert line.title.text() == "Segment"
    with qtbot.waitSignal(page.open_card) as wish:
        line.buttons[0].click()
    assert wish.args == ["segment"]


def test_after_a_restart_everything_is_checked_again(
    qtbot: QtBot, make_page: MakePage, still: Make
) -> None:
    session = still(Phase.STOPPED)
    page = make_page(session)
    checked(qtbot, page)

    with qtbot.waitSignal(page.rounds.finished, timeout=PATIENCE_MS):
        session.phase_changed.emit(Phase.FAILED)

    assert page.rows["settings"].status.text() == "OK"


def save_dialog(page: HealthPage) -> QFileDialog | None:
    return page.findChild(QFileDialog, "save-diagnostics")


def test_diagnostics_are_saved_without_any_secret(
    qtbot: QtBot,
    make_page: MakePage,
    still: Make,
    place: MemoryPlace,
    tmp_path: Path,
) -> None:
    secret = "planted-key-of-32-characters-0123"
    place.set("write-key", secret)
    page = make_page(still(Phase.STOPPED))
    checked(qtbot, page)
    target = tmp_path / "diagnostics.zip"

    qtbot.mouseClick(page.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: save_dialog(page) is not None)
    dialog = save_dialog(page)
    assert dialog is not None
    dialog.fileSelected.emit(str(target))
    dialog.reject()

    qtbot.waitUntil(lambda: page.notice.title.text() == f"Saved as {target}.", timeout=PATIENCE_MS)
    with zipfile.ZipFile(target) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert b"write_key" in content
    assert secret.encode() not in content


def test_a_place_that_cannot_be_written_is_told(
    qtbot: QtBot, make_page: MakePage, still: Make, tmp_path: Path
) -> None:
    page = make_page(still(Phase.STOPPED))
    checked(qtbot, page)

    page._on_file(str(tmp_path / "nowhere" / "diagnostics.zip"))

    qtbot.waitUntil(lambda: page.notice.property("notice") == "bad")
    assert "cannot be written" in page.notice.title.text()
    assert page.save_button.isEnabled()


def test_what_a_press_came_to_is_told_above(make_page: MakePage, still: Make) -> None:
    page = make_page(still(Phase.STOPPED))

    error = OperationError("It cannot be done.", "Do something else.")
    page.mender.told.emit("bad", error.title, error.hint)

    assert page.notice.isVisible()
    assert page.notice.hint.text() == "Do something else."


def test_light_and_dark_are_followed(
    qtbot: QtBot, make_page: MakePage, still: Make, look: Look
) -> None:
    page = make_page(still(states=()))
    before = page.grab().toImage().pixelColor(5, 5)

    look.force("dark")
    after = page.grab().toImage().pixelColor(5, 5)

    assert after.lightness() < before.lightness()


def test_the_page_scrolls_no_further_than_its_list(
    qtbot: QtBot, make_page: MakePage, make_session: Make
) -> None:
    page = make_page(make_session())
    page.resize(900, 400)
    checked(qtbot, page)
    area = page.findChild(QScrollArea)
    assert area is not None
    bar, view = area.verticalScrollBar(), area.viewport()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    last = page.rows[NAMES[-1]]

    def below() -> int:
        bar.setValue(bar.maximum())
        return view.height() - last.mapTo(view, last.rect().bottomLeft()).y()

    qtbot.waitUntil(lambda: 0 <= below() < last.height(), timeout=3000)
