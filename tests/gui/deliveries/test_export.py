"""The export dialog: what is asked, what is said, and what is in the file."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from core import export
from core.model import DeliveryStatus
from core.store.base import Filter
from gui.deliveries.export import ExportDialog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from core.pipeline.operations import Step
    from gui.look import Look
    from tests.gui.viewer import Viewer

    Open = Callable[..., ExportDialog]

ROWS = 60
EVERYTHING = Filter()
ACCEPTED = Filter(statuses=(DeliveryStatus.ACCEPTED,))


@pytest.fixture
def open_dialog(qtbot: QtBot, look: Look, make_viewer: Callable[..., Viewer]) -> Open:
    """Opens a dialog on sixty deliveries, and waits until they are counted."""

    def make(shown: Filter = EVERYTHING, **how: bool) -> ExportDialog:
        window = QWidget()
        qtbot.addWidget(window)
        dialog = ExportDialog(make_viewer(ROWS), look, shown, window, **how)
        dialog.window_ = window
        dialog.start()
        qtbot.waitUntil(dialog.go.isEnabled)
        return dialog

    return make


def save(dialog: ExportDialog, target: Path) -> None:
    """Press the button, and choose this file."""
    dialog.go.click()
    chooser = dialog.findChild(QFileDialog, "export-to")
    assert chooser is not None
    chooser.fileSelected.emit(str(target))
    chooser.reject()


def test_nothing_of_a_person_is_in_the_file_unless_that_is_ticked(
    qtbot: QtBot, open_dialog: Open, tmp_path: Path
) -> None:
    dialog = open_dialog()
    target = tmp_path / "out.csv"

    assert dialog.go.text() == f"Export {ROWS}…"
    assert dialog.about.text().startswith("Without personal data")
    with qtbot.waitSignal(dialog.changed):
        save(dialog, target)

    lines = target.read_text("utf-8").splitlines()
    assert len(lines) == ROWS + 1
    assert all(",sha256:" in line for line in lines[1:])
    if os.name == "posix":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_it_ends_with_a_sentence_and_the_way_to_the_file(
    qtbot: QtBot, open_dialog: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: shown.append(url.toLocalFile()))
    dialog = open_dialog()
    with qtbot.waitSignal(dialog.changed):
        save(dialog, tmp_path / "out.csv")

    assert dialog.notice.title.text() == f"{ROWS} deliveries are exported."
    assert dialog.notice.hint.text() == f"Saved as {tmp_path / 'out.csv'}."
    dialog.notice.button.click()
    assert shown == [str(tmp_path)]


def test_personal_data_are_ticked_apart_with_a_warning(
    qtbot: QtBot, open_dialog: Open, tmp_path: Path
) -> None:
    dialog = open_dialog()

    assert not dialog.payloads.isEnabled()
    dialog.form.setCurrentIndex(dialog.form.findData("jsonl"))
    assert not dialog.payloads.isEnabled()
    dialog.ids.click()
    dialog.payloads.click()
    assert dialog.about.text().startswith("The file will hold personal data.")
    with qtbot.waitSignal(dialog.changed):
        save(dialog, tmp_path / "out.jsonl")

    assert (tmp_path / "out.jsonl").read_text("utf-8").count('"payload":{') > ROWS / 2


@pytest.mark.parametrize("undo", ["csv", "redacted"])
def test_what_a_table_cannot_hold_is_no_longer_ticked(open_dialog: Open, undo: str) -> None:
    dialog = open_dialog()
    dialog.form.setCurrentIndex(dialog.form.findData("jsonl"))
    dialog.ids.click()
    dialog.payloads.click()

    if undo == "csv":
        dialog.form.setCurrentIndex(dialog.form.findData("csv"))
    else:
        dialog.ids.click()

    assert not dialog.payloads.isChecked()
    assert not dialog.order().payloads


def test_of_a_filter_all_or_only_that(qtbot: QtBot, open_dialog: Open, tmp_path: Path) -> None:
    dialog = open_dialog(ACCEPTED, narrowed=True)
    some = int(dialog.go.text().split()[1].rstrip("…"))

    assert 0 < some < ROWS
    dialog.only.click()
    qtbot.waitUntil(lambda: dialog.go.text() == f"Export {ROWS}…")
    dialog.only.click()
    qtbot.waitUntil(dialog.go.isEnabled)
    with qtbot.waitSignal(dialog.changed):
        save(dialog, tmp_path / "out.csv")

    assert len((tmp_path / "out.csv").read_text("utf-8").splitlines()) == some + 1


def test_without_a_filter_there_is_no_such_choice(open_dialog: Open) -> None:
    assert not open_dialog().only.isVisible()


def test_it_can_be_stopped_and_leaves_no_file(
    qtbot: QtBot, open_dialog: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE", 10)
    dialog = open_dialog()
    with qtbot.waitSignal(dialog.changed):
        save(dialog, tmp_path / "out.csv")
        assert dialog.progress.isVisible()
        dialog.reject()

    assert dialog.notice.title.text() == "Stopped."
    assert dialog.notice.hint.text() == "No file was written."
    assert not (tmp_path / "out.csv").exists()


def test_progress_is_to_be_seen(
    qtbot: QtBot, open_dialog: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE", 10)
    dialog = open_dialog()
    told: list[Step] = []
    tell = dialog.deed
    monkeypatch.setattr(
        dialog, "deed", lambda: lambda watch: tell()(lambda step: told.append(step) or watch(step))
    )
    with qtbot.waitSignal(dialog.changed):
        save(dialog, tmp_path / "out.csv")

    assert [step.seen for step in told] == [10, 20, 30, 40, 50, 60] + [60] * (len(told) - 6)
    assert dialog.under_way(10, ROWS) == "10 of 60 written."


def test_what_cannot_be_written_is_said_and_may_go_elsewhere(
    qtbot: QtBot, open_dialog: Open, tmp_path: Path
) -> None:
    dialog = open_dialog()
    save(dialog, tmp_path / "gone" / "out.csv")
    qtbot.waitUntil(dialog.notice.isVisible)

    assert dialog.notice.title.text().startswith("Cannot write")
    assert dialog.form.isEnabled()
    with qtbot.waitSignal(dialog.changed):
        save(dialog, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").exists()


def test_of_nothing_there_is_nothing_to_export(
    qtbot: QtBot, look: Look, make_viewer: Callable[..., Viewer]
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    dialog = ExportDialog(make_viewer(0), look, Filter(), window)
    dialog.start()
    qtbot.waitUntil(lambda: bool(dialog.text.text()))

    assert dialog.text.text() == "There is nothing to export."
    assert not dialog.go.isEnabled()
