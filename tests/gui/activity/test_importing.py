"""The import dialog: says first, imports then, and whatever closes it ends what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from core.errors import OperationError, StoreInUse
from core.ingest.account import CANCELLED, FAILED, RUNNING, Account
from gui.activity import import_watch
from gui.activity.importing import ImportDialog
from gui.run import Phase
from tests.gui.activity.fake_imports import FakeImports
from tests.gui.activity.test_day import HOUR, NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from gui.session import Session

MISSING = {"facts": 30, "opened": 12, "closed": 18, "changes": 100, "known": 70}
DAY = 24 * HOUR


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks follow one another quickly."""
    monkeypatch.setattr(import_watch, "LOOK_SECONDS", 0.01)


@pytest.fixture
def link() -> FakeImports:
    return FakeImports(**MISSING)


@pytest.fixture
def session(
    still: Callable[..., Session], link: FakeImports, monkeypatch: pytest.MonkeyPatch
) -> Session:
    """One whose engine imports only in appearance."""
    made = still()
    monkeypatch.setattr(type(made), "link", link)
    return made


@pytest.fixture
def open_dialog(
    qtbot: QtBot, look: Look, session: Session, zone: Callable[[str], None]
) -> Callable[..., ImportDialog]:
    """Opens a dialog; with `wait`, until it has said what it found."""
    zone("UTC")

    def make(*, wait: bool = True, **how: Any) -> ImportDialog:
        window = QWidget()
        qtbot.addWidget(window)
        dialog = ImportDialog(session, look, window, clock=lambda: NOW, **how)
        dialog.window_ = window  # type: ignore[attr-defined]
        dialog.start()
        if wait:
            qtbot.waitUntil(lambda: not dialog.busy.isVisible())
        return dialog

    return make


def held(qtbot: QtBot, link: FakeImports, begun: int) -> None:
    """Until so many imports were begun; the last one runs."""
    qtbot.waitUntil(
        lambda: len(link.begun) == begun and link.account is not None and link.account.runs
    )


def test_it_says_what_it_is_about_and_how_far_it_is(
    qtbot: QtBot, open_dialog: Callable[..., ImportDialog], link: FakeImports
) -> None:
    link.holds = True
    dialog = open_dialog(wait=False)
    assert dialog.title.text() == "What Gladly's export files tell that nobody told us"
    assert dialog.busy.label.text() == "Asking Gladly for its export files…"
    held(qtbot, link, 1)
    assert link.account is not None

    link.account.jobs_read = 3

    qtbot.waitUntil(lambda: dialog.busy.label.text() == "3 of 14 export jobs read…")
    assert (dialog.progress.value(), dialog.progress.maximum()) == (3, 14)
    assert not dialog.go.isVisible()
    link.holds = False
    qtbot.waitUntil(dialog.go.isVisible)
    assert not dialog.progress.isVisible()


def test_first_only_what_would_be_imported_is_said(
    open_dialog: Callable[..., ImportDialog], link: FakeImports
) -> None:
    dialog = open_dialog()

    assert link.begun == [(None, True)]
    assert dialog.text.text().startswith("Nobody told of 12 Opened and 18 Closed.")
    assert dialog.go.text() == "Import 12 Opened and 18 Closed"
    assert dialog.go.isEnabled()
    assert dialog.close_button.text() == "Cancel"


def test_what_was_found_is_imported_when_asked_to(
    qtbot: QtBot, open_dialog: Callable[..., ImportDialog], link: FakeImports
) -> None:
    dialog = open_dialog()

    with qtbot.waitSignal(dialog.changed):
        dialog.go.click()

    assert [dry for _, dry in link.begun] == [True, False]
    assert dialog.notice.title.text() == (
        "Imported and on the way to Segment: 12 Opened and 18 Closed."
    )
    assert dialog.close_button.text() == "Close"
    assert not dialog.go.isVisible()
    assert not dialog.since.isVisible()
    assert link.cancels == 0


def test_where_nothing_was_missing_there_is_only_close(
    open_dialog: Callable[..., ImportDialog], link: FakeImports
) -> None:
    link.finds = {"changes": 70, "known": 70}

    dialog = open_dialog()

    assert dialog.text.text().startswith("Nothing was missing.")
    assert not dialog.go.isVisible()
    assert dialog.close_button.text() == "Close"


def test_a_gap_of_which_the_files_tell_that_nothing_was_missing_is_noted(
    qtbot: QtBot, open_dialog: Callable[..., ImportDialog], link: FakeImports
) -> None:
    link.finds = {"gaps": 1}
    dialog = open_dialog()
    assert dialog.go.text() == "Note it in the gap ledger"

    with qtbot.waitSignal(dialog.changed):
        dialog.go.click()

    assert dialog.notice.title.text() == "Nothing was missing."
    assert dialog.notice.hint.text() == "1 gap is “Healed from export” in the ledger."


def test_since_when_is_chosen_and_another_choice_is_looked_into_at_once(
    qtbot: QtBot, open_dialog: Callable[..., ImportDialog], link: FakeImports
) -> None:
    dialog = open_dialog(gap_start=NOW - 50 * HOUR)
    titles = [dialog.since.itemText(one) for one in range(dialog.since.count())]
    assert titles == [
        "Since the gap began: May 26, 18:30",
        "All that Gladly keeps: 14 days",
        "The last 7 days",
        "The last 3 days",
    ]

    dialog.since.setCurrentIndex(3)

    qtbot.waitUntil(lambda: len(link.begun) == 2 and not dialog.busy.isVisible())
    assert link.begun == [(NOW - 50 * HOUR, True), (NOW - 3 * DAY, True)]
    with qtbot.waitSignal(dialog.changed):
        dialog.go.click()
    assert link.begun[2] == (NOW - 3 * DAY, False)


def test_another_choice_amid_the_reading_ends_that_first(
    qtbot: QtBot, open_dialog: Callable[..., ImportDialog], link: FakeImports
) -> None:
    link.holds = True
    dialog = open_dialog(wait=False)
    held(qtbot, link, 1)

    dialog.since.setCurrentIndex(1)

    held(qtbot, link, 2)
    assert link.cancels == 1
    assert not dialog.notice.isVisible()
    link.holds = False
    qtbot.waitUntil(dialog.go.isVisible)


@pytest.mark.parametrize("how", ["escape", "button", "cross"])
def test_closing_amid_the_reading_ends_it(
    qtbot: QtBot, open_dialog: Callable[..., ImportDialog], link: FakeImports, how: str
) -> None:
    link.holds = True
    dialog = open_dialog(wait=False)
    held(qtbot, link, 1)

    close(qtbot, dialog, how)

    qtbot.waitUntil(lambda: link.account is not None and link.account.state == CANCELLED)
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))


def close(qtbot: QtBot, dialog: ImportDialog, how: str) -> None:
    """As a person would."""
    match how:
        case "escape":
            qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        case "button":
            dialog.close_button.click()
        case "cross":
            dialog.close()


@pytest.mark.parametrize("how", ["escape", "button", "cross"])
def test_cancelled_amid_the_import_it_ends_and_says_so(
    qtbot: QtBot, open_dialog: Callable[..., ImportDialog], link: FakeImports, how: str
) -> None:
    dialog = open_dialog()
    link.holds = True
    dialog.go.click()
    held(qtbot, link, 2)

    with qtbot.waitSignal(dialog.changed):
        close(qtbot, dialog, how)

    assert link.cancels == 1
    assert dialog.notice.title.text() == "The import was cancelled."
    assert "What was imported by then stays." in dialog.notice.hint.text()
    link.holds = False
    assert dialog.go.text() == "Look again"
    dialog.go.click()
    qtbot.waitUntil(lambda: dialog.go.text() == "Import 12 Opened and 18 Closed")
    assert [dry for _, dry in link.begun] == [True, False, True]


@pytest.mark.parametrize("how", ["escape", "button", "cross"])
def test_asked_to_close_twice_it_closes_and_ends_the_import_all_the_same(
    qtbot: QtBot, open_dialog: Callable[..., ImportDialog], link: FakeImports, how: str
) -> None:
    dialog = open_dialog()
    link.holds = True
    dialog.go.click()
    held(qtbot, link, 2)

    close(qtbot, dialog, how)
    close(qtbot, dialog, how)

    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))
    qtbot.waitUntil(lambda: link.account is not None and link.account.state == CANCELLED)


def test_when_its_window_goes_the_import_ends(
    qtbot: QtBot, open_dialog: Callable[..., ImportDialog], link: FakeImports
) -> None:
    dialog = open_dialog()
    link.holds = True
    dialog.go.click()
    held(qtbot, link, 2)

    shiboken6.delete(dialog)

    qtbot.waitUntil(lambda: link.account is not None and link.account.state == CANCELLED)


def test_files_that_cannot_be_read_are_told_and_looked_into_again(
    qtbot: QtBot, open_dialog: Callable[..., ImportDialog], link: FakeImports
) -> None:
    link.holds = True
    dialog = open_dialog(wait=False)
    held(qtbot, link, 1)

    link.end(FAILED, problem="Gladly is away. Try again later.")

    qtbot.waitUntil(dialog.notice.isVisible)
    assert dialog.notice.title.text() == "Gladly's export files could not be read to their end."
    assert dialog.notice.hint.text() == "Gladly is away. Try again later."
    assert dialog.go.text() == "Look again"
    link.holds = False
    dialog.go.click()
    qtbot.waitUntil(lambda: dialog.go.text() == "Import 12 Opened and 18 Closed")
    assert not dialog.notice.isVisible()


def test_an_import_that_fails_says_what_stays_and_how_to_go_on(
    qtbot: QtBot, open_dialog: Callable[..., ImportDialog], link: FakeImports
) -> None:
    dialog = open_dialog()
    link.holds = True
    dialog.go.click()
    held(qtbot, link, 2)

    with qtbot.waitSignal(dialog.changed):
        link.end(FAILED, jobs_read=3, problem="Gladly is away.")

    assert dialog.notice.title.text() == "Not everything was imported."
    assert dialog.notice.hint.text().startswith("Gladly is away. 3 of 14 export jobs were read.")
    assert dialog.go.text() == "Look again"


def test_an_import_that_somebody_else_runs_is_told_and_left_alone(
    open_dialog: Callable[..., ImportDialog], link: FakeImports
) -> None:
    link.holds = True
    link.account = Account(dry_run=False, since=0.0, until=99.0)

    dialog = open_dialog()

    assert dialog.notice.title.text() == "History is being imported already."
    assert dialog.go.text() == "Look again"
    dialog.close_button.click()
    assert link.cancels == 0
    assert link.account.state == RUNNING


def test_an_engine_that_no_longer_answers_is_told(
    qtbot: QtBot, open_dialog: Callable[..., ImportDialog], link: FakeImports
) -> None:
    dialog = open_dialog()
    link.refuses = StoreInUse("It does not answer.", "Wait a moment.")
    dialog.go.click()
    qtbot.waitUntil(dialog.notice.isVisible)

    assert dialog.notice.title.text() == "It does not answer."
    assert dialog.notice.hint.text() == "Wait a moment."


@pytest.mark.parametrize(
    ("imports", "title"),
    [
        (False, "The engine ended while it read the export files."),
        (True, "The engine ended while it imported."),
    ],
)
def test_an_engine_that_ends_meanwhile_is_told(
    qtbot: QtBot,
    open_dialog: Callable[..., ImportDialog],
    link: FakeImports,
    imports: bool,
    title: str,
) -> None:
    link.holds = not imports
    dialog = open_dialog(wait=imports)
    if imports:
        link.holds = True
        dialog.go.click()
    held(qtbot, link, 1 + imports)

    dialog._session.phase_changed.emit(Phase.STOPPING)

    assert dialog.notice.title.text() == title
    assert not dialog.busy.isVisible()
    assert not dialog.progress.isVisible()
    assert dialog.close_button.text() == "Close"
    assert dialog.go.text() == "Look again"
    dialog.close_button.click()
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))


def test_a_phase_that_concerns_nobody_changes_nothing(
    open_dialog: Callable[..., ImportDialog], session: Session
) -> None:
    dialog = open_dialog()

    session.phase_changed.emit(Phase.STOPPING)

    assert not dialog.notice.isVisible()


def test_without_an_engine_that_is_said(
    open_dialog: Callable[..., ImportDialog], link: FakeImports
) -> None:
    link.refuses = OperationError("The engine does not run.", "Start it, then try again.")

    dialog = open_dialog()

    assert dialog.notice.title.text() == "The engine does not run."


def test_it_is_driven_by_the_keyboard_alone(
    qtbot: QtBot, open_dialog: Callable[..., ImportDialog], link: FakeImports
) -> None:
    dialog = open_dialog()
    assert dialog.focusWidget() is dialog.go

    with qtbot.waitSignal(dialog.changed):
        qtbot.keyClick(dialog.go, Qt.Key.Key_Space)

    assert link.begun[-1] == (0.0, False)
    assert dialog.focusWidget() is dialog.close_button
    qtbot.keyClick(dialog.close_button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))
