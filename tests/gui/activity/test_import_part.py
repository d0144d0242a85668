"""The way to an import: loud when something is lost, quiet else, and honest when it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.coverage import FILED_SECONDS, Fate
from core.settings import Gladly, Settings
from gui.activity.import_part import ImportPart
from gui.run import Phase
from tests.gui.activity.fake_imports import FakeImports
from tests.gui.activity.test_day import HOUR, NOW, gap

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from gui.session import Session

LOST = gap(40, 34, fate=Fate.LOST)
WITH_GLADLY = msgspec.structs.replace(Settings(), gladly=Gladly(url="https://acme.gladly.com"))


@pytest.fixture
def link() -> FakeImports:
    return FakeImports()


@pytest.fixture
def session(
    still: Callable[..., Session], link: FakeImports, monkeypatch: pytest.MonkeyPatch
) -> Session:
    """One with a Gladly, whose engine imports only in appearance."""
    made = still(settings=WITH_GLADLY)
    monkeypatch.setattr(type(made), "link", link)
    return made


@pytest.fixture
def part(qtbot: QtBot, look: Look, session: Session) -> ImportPart:
    """On a card of its own."""
    card = QWidget()
    qtbot.addWidget(card)
    made = ImportPart(session, look, card, clock=lambda: NOW)
    made.card_ = card  # type: ignore[attr-defined]
    column = QVBoxLayout(card)
    column.addWidget(made.button)
    column.addWidget(made.notice)
    card.show()
    return made


def test_without_a_lost_gap_there_is_a_quiet_button(part: ImportPart) -> None:
    part.show_gaps([gap(3, 2), gap(40, 34, fate=Fate.HEALED)])

    assert part.button.isVisible()
    assert part.button.isEnabled()
    assert not part.notice.isVisible()


def test_a_lost_gap_is_told_with_its_length(part: ImportPart) -> None:
    part.show_gaps([LOST])

    assert part.notice.title.text() == "1 gap of 6 h is lost for polling."
    assert part.notice.hint.text() == "Gladly's export files may still tell what happened."
    assert part.notice.button.text() == "Import from export files…"
    assert part.notice.button.isEnabled()
    assert not part.button.isVisible()


def test_several_are_told_together(part: ImportPart) -> None:
    part.show_gaps([LOST, gap(80, 78, fate=Fate.LOST)])

    assert part.notice.title.text() == "2 gaps, 8 h together, are lost for polling."


def test_what_export_files_no_longer_hold_is_not_offered(part: ImportPart) -> None:
    part.show_gaps([gap(20 * 24, 14 * 24, fate=Fate.LOST)])

    assert not part.notice.isVisible()
    assert part.button.isVisible()


@pytest.mark.parametrize(
    ("begins", "since"), [(40 * HOUR, NOW - 40 * HOUR), (400 * HOUR, NOW - FILED_SECONDS)]
)
def test_opened_from_a_lost_gap_it_looks_at_the_time_since_that(
    qtbot: QtBot, part: ImportPart, link: FakeImports, begins: float, since: float
) -> None:
    part.show_gaps([gap(26, 25, fate=Fate.LOST), gap(begins / HOUR, 34, fate=Fate.LOST)])

    part.notice.button.click()

    qtbot.waitUntil(lambda: link.begun == [(since, True)])


def test_opened_quietly_it_looks_at_all(qtbot: QtBot, part: ImportPart, link: FakeImports) -> None:
    part.button.click()

    qtbot.waitUntil(lambda: link.begun == [(None, True)])


@pytest.mark.parametrize(
    ("phase", "settings", "why"),
    [
        (Phase.STOPPED, WITH_GLADLY, "Start the engine to import from them."),
        (Phase.FAILED, WITH_GLADLY, "Start the engine to import from them."),
        (Phase.RUNNING, Settings(), "Set Gladly's address in Settings to import from them."),
    ],
)
def test_where_it_cannot_be_it_says_why(
    part: ImportPart, session: Session, phase: Phase, settings: Settings, why: str
) -> None:
    session.settings = settings
    session._on_phase(phase, None)

    assert not part.button.isEnabled()
    assert why in part.button.toolTip()
    assert why in part.button.accessibleDescription()
    part.show_gaps([LOST])
    assert not part.notice.button.isEnabled()
    assert part.notice.hint.text().endswith(why)


def test_as_soon_as_it_can_be_it_is_offered(part: ImportPart, session: Session) -> None:
    session._on_phase(Phase.STOPPED, None)
    part.show_gaps([LOST])

    session._on_phase(Phase.ATTACHED, None)

    assert part.notice.button.isEnabled()
    assert part.notice.hint.text() == "Gladly's export files may still tell what happened."


def test_once_imported_the_ledger_is_to_be_read(
    qtbot: QtBot, part: ImportPart, link: FakeImports
) -> None:
    link.finds = {"facts": 1, "closed": 1}
    part.button.click()
    dialog = part.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.go.isVisible)

    with qtbot.waitSignal(part.imported):
        dialog.go.click()
