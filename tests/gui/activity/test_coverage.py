"""The coverage card: read from the ledger, with a countdown and one thing to press."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec
import pytest

from core.coverage import Covered, Fate, Gap
from core.errors import GladlyUnavailable, StoreUnavailable
from core.ingest.poller import CatchUp
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.people import make_world
from core.simulator.runner import SimulatorServer
from core.simulator.traffic import make_history
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from gui.activity.coverage import MOST, STALE_SECONDS, CoverageCard
from gui.run import Phase
from tests.gui.activity.test_day import HOUR, NOW, covered, gap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytestqt.qtbot import QtBot

    from core.home import Home
    from gui.look import Look
    from gui.session import Session
    from tests.gui.conftest import MemoryPlace

PATIENCE_MS = 15_000
OPEN = gap(18.8, 17, id=7, reason="Gladly could not be read.")
HEALED = gap(3, 2, id=6, fate=Fate.HEALED, events=3)


class Clock:
    """Epoch seconds that stand still until told otherwise."""

    now = NOW

    def __call__(self) -> float:
        return self.now


class FakeLedger:
    """Tells spans and gaps made up; `reads` counts."""

    def __init__(self) -> None:
        self.first: float | None = NOW - 30 * HOUR
        self.all: Sequence[Gap] = (HEALED, OPEN)
        self.error: StoreUnavailable | None = None
        self.reads = 0

    async def first_covered_at(self) -> float | None:
        self.reads += 1
        if self.error is not None:
            raise self.error
        return self.first

    async def spans(self, _since: float) -> list[Covered]:
        return [covered("webhook", 30), covered("poll", 30)]

    async def gaps(self, _since: float, limit: int) -> list[Gap]:
        return list(self.all)[:limit]


class FakeLink:
    """Reads from a Gladly made up."""

    def __init__(self, ledger: FakeLedger) -> None:
        self.ledger = ledger
        self.asked: list[float | None] = []
        self.error: GladlyUnavailable | None = None
        self.hangs = False
        self.reaches = NOW - 24 * HOUR

    async def catch_up(self, since: float | None = None) -> CatchUp:
        self.asked.append(since)
        if self.hangs:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        assert since is not None
        healed = msgspec.structs.replace(OPEN, fate=Fate.HEALED, events=2)
        self.ledger.all = (HEALED, healed)
        start = max(since, self.reaches)
        return CatchUp(asked_since=since, since=start, until=NOW, read=5, new=2)


class FakeStore:
    """Has a ledger."""

    def __init__(self, ledger: FakeLedger) -> None:
        self.ledger = ledger


@pytest.fixture
def ledger() -> FakeLedger:
    return FakeLedger()


@pytest.fixture
def link(ledger: FakeLedger) -> FakeLink:
    return FakeLink(ledger)


@pytest.fixture
def session(
    still: Callable[..., Session],
    ledger: FakeLedger,
    link: FakeLink,
    monkeypatch: pytest.MonkeyPatch,
) -> Session:
    """Looks on at the ledger made up."""
    made = still()
    monkeypatch.setattr(type(made), "store", FakeStore(ledger))
    monkeypatch.setattr(type(made), "link", link)
    monkeypatch.setattr(type(made), "has_store", True)
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def card(
    qtbot: QtBot, look: Look, session: Session, clock: Clock, zone: Callable[[str], None]
) -> CoverageCard:
    zone("UTC")
    made = CoverageCard(session, look, clock=clock)
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    return made


def shown(qtbot: QtBot, card: CoverageCard) -> None:
    card.refresh()
    qtbot.waitUntil(lambda: card.day is not None)


def test_the_day_is_shown_in_a_bar_a_sentence_and_a_table(qtbot: QtBot, card: CoverageCard) -> None:
    shown(qtbot, card)

    assert card.bar.day is card.day
    assert card.summary.text() == "Last 24 hours: webhook and polling 23 h 55 min, not known 5 min."
    assert [one.id for one in card.model.gaps] == [6, 7]
    assert card.table.isVisible()
    assert not card.no_gaps.isVisible()


def test_an_open_gap_counts_down_and_can_be_read_now(
    qtbot: QtBot, card: CoverageCard, link: FakeLink
) -> None:
    shown(qtbot, card)
    assert card.open.hint.text() == "Gladly tells of it for 5 h 12 min more."

    card.open.button.click()

    assert not card.open.button.isEnabled()
    qtbot.waitUntil(lambda: card.outcome.isVisible() and not card.open.isVisible())
    assert link.asked == [OPEN.start]
    assert card.outcome.title.text().endswith(": 5 events, 2 of them new.")
    assert card.model.gaps[1].fate is Fate.HEALED
    assert card.open.button.isEnabled()
    assert not card.busy.isVisible()


def test_what_gladly_no_longer_tells_is_said(
    qtbot: QtBot, card: CoverageCard, link: FakeLink
) -> None:
    shown(qtbot, card)
    link.reaches = OPEN.start + HOUR

    card.catch_up()

    qtbot.waitUntil(card.outcome.isVisible)
    assert "24 hours only" in card.outcome.hint.text()
    assert "export files" in card.outcome.hint.text()


def test_when_gladly_cannot_be_read_that_is_said_with_what_to_do(
    qtbot: QtBot, card: CoverageCard, link: FakeLink
) -> None:
    link.error = GladlyUnavailable("Gladly does not answer.", "Check gladly.url.")
    shown(qtbot, card)

    card.open.button.click()

    qtbot.waitUntil(card.outcome.isVisible)
    assert card.outcome.title.text() == "Gladly does not answer."
    assert card.outcome.hint.text() == "Check gladly.url."
    assert card.open.isVisible()
    assert card.open.button.isEnabled()


def test_when_the_engine_ends_meanwhile_the_button_is_there_for_the_next(
    qtbot: QtBot, card: CoverageCard, link: FakeLink, session: Session
) -> None:
    link.hangs = True
    shown(qtbot, card)
    card.open.button.click()
    qtbot.waitUntil(lambda: link.asked == [OPEN.start])

    session.phase_changed.emit(Phase.STOPPING)

    assert card.open.button.isEnabled()
    assert not card.busy.isVisible()
    assert card.outcome.title.text() == "The engine ended while it read from Gladly."


def test_the_countdown_goes_on_without_any_change(
    qtbot: QtBot, card: CoverageCard, ledger: FakeLedger, clock: Clock
) -> None:
    shown(qtbot, card)
    clock.now += STALE_SECONDS - 1
    card.refresh()
    assert ledger.reads == 1

    clock.now += HOUR
    card.refresh()

    qtbot.waitUntil(lambda: card.open.hint.text() == "Gladly tells of it for 4 h 11 min more.")


def test_it_is_read_again_when_the_store_changed(
    qtbot: QtBot, card: CoverageCard, ledger: FakeLedger, session: Session
) -> None:
    shown(qtbot, card)
    ledger.all = ()

    session.changed.emit()
    card.refresh()

    qtbot.waitUntil(card.no_gaps.isVisible)
    assert card.no_gaps.text() == "No gaps are known."
    assert not card.table.isVisible()
    assert not card.open.isVisible()


def test_before_anything_is_known_one_sentence_says_so(
    qtbot: QtBot, card: CoverageCard, ledger: FakeLedger
) -> None:
    ledger.first, ledger.all = None, ()

    shown(qtbot, card)

    assert card.summary.text().startswith("Nothing is known yet.")
    assert not card.no_gaps.isVisible()
    assert not card.table.isVisible()


def test_of_very_many_gaps_the_newest_are_shown_and_that_is_said(
    qtbot: QtBot, card: CoverageCard, ledger: FakeLedger
) -> None:
    ledger.all = [gap(3, 2, id=1000 - one, fate=Fate.LOST) for one in range(MOST + 10)]

    shown(qtbot, card)

    assert card.model.rowCount() == MOST
    assert card.no_gaps.text() == "The newest 200 gaps are shown."


def test_a_ledger_that_cannot_be_read_is_told_until_it_can(
    qtbot: QtBot, card: CoverageCard, ledger: FakeLedger
) -> None:
    ledger.error = StoreUnavailable("The store cannot be read.", "Check the disk.")
    card.refresh()
    qtbot.waitUntil(lambda: card.summary.text() == "The store cannot be read. Check the disk.")

    ledger.error = None
    shown(qtbot, card)

    assert card.summary.text().startswith("Last 24 hours")


def test_a_hidden_card_waits_for_nothing_and_reads_anew(
    qtbot: QtBot, card: CoverageCard, ledger: FakeLedger
) -> None:
    card.refresh()
    card.drop()

    shown(qtbot, card)

    assert ledger.reads >= 1


def test_the_cursor_is_told_below_the_bar(qtbot: QtBot, card: CoverageCard) -> None:
    shown(qtbot, card)

    card.bar.pointed.emit(286)

    assert card.read_out.text() == "20:25 to 20:30: webhook and polling"
    card.bar.pointed.emit(-1)
    assert card.read_out.text().strip() == ""


@pytest.mark.parametrize("letters", [60, 200])
def test_reasons_are_read_whole_where_it_is_narrow_by_scrolling(
    qtbot: QtBot, card: CoverageCard, letters: int
) -> None:
    shown(qtbot, card)

    card.resize(letters * card.fontMetrics().averageCharWidth(), 600)

    table = card.table
    narrow = letters == 60
    qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() > 0 if narrow else True)
    assert table.horizontalHeader().stretchLastSection() is not narrow


async def _note(home: Home, spans: Sequence[Covered], one: Gap) -> None:
    store = SqlStore(SqliteDriver(home.store_file))
    await store.open()
    await store.ledger.cover(spans, tolerance=1.0)
    await store.ledger.add(one)
    await store.close()


@pytest.fixture
def missed(home: Home) -> Gap:
    """A gap of real time in the ledger of the home: hours in which the program did not run."""
    now = time.time()
    spans = [Covered(channel="webhook", start=now - 5 * HOUR, end=now - 3 * HOUR)]
    one = Gap(start=now - 3 * HOUR, end=now - 600, reason="Gladly Source was not running.")
    asyncio.run(_note(home, spans, one))
    return one


def test_a_lost_gap_points_to_the_export_files_beneath_the_bar(
    qtbot: QtBot, card: CoverageCard, ledger: FakeLedger
) -> None:
    ledger.all = [gap(60, 54, fate=Fate.LOST)]

    shown(qtbot, card)

    assert card.lost.notice.isVisible()
    assert card.lost.notice.title.text() == "1 gap of 6 h is lost for polling."
    assert not card.lost.button.isVisible()


def test_without_a_lost_gap_the_import_is_reached_from_the_card_quietly(
    qtbot: QtBot, card: CoverageCard
) -> None:
    shown(qtbot, card)

    assert card.lost.button.isVisible()
    assert not card.lost.notice.isVisible()


def test_after_an_import_the_ledger_is_read_again(
    qtbot: QtBot, card: CoverageCard, ledger: FakeLedger
) -> None:
    ledger.all = [gap(60, 54, fate=Fate.LOST)]
    shown(qtbot, card)
    ledger.all = [gap(60, 54, fate=Fate.IMPORTED, events=3)]

    card.lost.imported.emit()

    qtbot.waitUntil(lambda: not card.lost.notice.isVisible())
    assert card.model.gaps[0].fate is Fate.IMPORTED


@pytest.mark.logs_warnings
def test_a_real_lost_gap_is_imported_by_the_press_of_two_buttons(
    qtbot: QtBot,
    look: Look,
    home: Home,
    place: MemoryPlace,
    make_session: Callable[..., Session],
) -> None:
    now = time.time()
    spans = [Covered(channel="webhook", start=now - 300 * HOUR, end=now - 200 * HOUR)]
    lost = Gap(start=now - 200 * HOUR, end=now - 60 * HOUR, reason="Away.", fate=Fate.LOST)
    asyncio.run(_note(home, spans, lost))
    place.set("gladly-token", DEMO_TOKEN)
    gladly = GladlySimulator(make_world(7), requests_per_second=0)
    gladly.load(
        make_history(gladly.world, ends_at=now - 60 * HOUR, seed=3, conversations=4, days=5)
    )
    with SimulatorServer(gladly) as server:
        session = make_session(
            gladly__url=server.url,
            gladly__agent_email=DEMO_EMAIL,
            gladly__requests_per_second=10,
        )
        card = CoverageCard(session, look)
        qtbot.addWidget(card)
        card.show()
        shown(qtbot, card)
        card.lost.notice.button.click()
        dialog = card.lost.dialog
        assert dialog is not None
        qtbot.waitUntil(dialog.go.isVisible, timeout=PATIENCE_MS)
        assert dialog.go.text().startswith("Import ")

        with qtbot.waitSignal(dialog.changed, timeout=PATIENCE_MS):
            dialog.go.click()

        assert dialog.notice.title.text().startswith("Imported and on the way to Segment: ")

        def told() -> bool:
            card.refresh()
            return Fate.IMPORTED in {one.fate for one in card.model.gaps}

        qtbot.waitUntil(told, timeout=PATIENCE_MS)
        session.stop()
        qtbot.waitUntil(lambda: session.phase is Phase.STOPPED, timeout=PATIENCE_MS)


@pytest.mark.logs_warnings
def test_a_real_engine_without_gladly_says_what_is_missing(
    qtbot: QtBot, look: Look, missed: Gap, make_session: Callable[..., Session]
) -> None:
    card = CoverageCard(make_session(), look)
    qtbot.addWidget(card)
    card.show()
    shown(qtbot, card)
    assert [gap.start for gap in card.model.gaps] == [missed.start]

    card.open.button.click()

    qtbot.waitUntil(card.outcome.isVisible, timeout=PATIENCE_MS)
    assert card.outcome.title.text() == "The running engine has no Gladly to ask."
    assert "gladly.url" in card.outcome.hint.text()


@pytest.mark.logs_warnings
def test_a_real_gap_is_healed_by_the_press_of_a_button(
    qtbot: QtBot,
    look: Look,
    missed: Gap,
    place: MemoryPlace,
    make_session: Callable[..., Session],
) -> None:
    place.set("gladly-token", DEMO_TOKEN)
    with SimulatorServer(GladlySimulator()) as gladly:
        session = make_session(gladly__url=gladly.url, gladly__agent_email=DEMO_EMAIL)
        card = CoverageCard(session, look)
        qtbot.addWidget(card)
        card.show()
        shown(qtbot, card)
        assert card.open.isVisible()

        card.open.button.click()

        def healed() -> bool:
            card.refresh()
            return [gap.fate for gap in card.model.gaps] == [Fate.HEALED]

        qtbot.waitUntil(healed, timeout=PATIENCE_MS)
        assert card.outcome.title.text().endswith("nothing had happened.")
        assert not card.open.isVisible()
        session.stop()
        qtbot.waitUntil(lambda: session.phase is Phase.STOPPED, timeout=PATIENCE_MS)
