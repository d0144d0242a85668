"""The filter bar: text, chips, range and saved filters say the same."""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING

import pytest

from core.model import Channel, Counts, DeliveryStatus
from core.sums import start_of
from gui.deliveries.saved import Saved
from gui.events.filters import FilterBar, short

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from core.store.base import Filter
    from gui.look import Look
    from tests.gui.viewer import Viewer

COUNTS = Counts(webhooks={}, deliveries={"dead": 81, "accepted": 1_234_567}, oldest_pending_at=None)


@pytest.fixture
def bar(qtbot: QtBot, look: Look, make_viewer: Callable[..., Viewer]) -> FilterBar:
    """The bar on screen, with the names of the naming profile."""
    viewer = make_viewer()
    viewer.counts = COUNTS
    made = FilterBar(viewer, look)
    made.viewer = viewer
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    qtbot.waitUntil(lambda: "closed" in made.chips.keys())  # noqa: SIM118 - no mapping
    return made


def asked(qtbot: QtBot, bar: FilterBar, act: Callable[[], object]) -> Filter:
    """What is asked for after something was done."""
    with qtbot.waitSignal(bar.changed) as changed:
        act()
    return changed.args[0]


def test_a_text_is_understood_and_lights_the_chips(qtbot: QtBot, bar: FilterBar) -> None:
    wanted = asked(
        qtbot,
        bar,
        lambda: bar.set_query('status:dead,retrying event:"conversation closed" channel:poll ada'),
    )

    assert wanted.statuses == (DeliveryStatus.DEAD, DeliveryStatus.RETRYING)
    assert wanted.channels == (Channel.POLL,)
    assert wanted.search == "ada"
    assert bar.chips.checked() == {"dead", "retrying", "closed"}
    assert bar.channel.currentData() == "poll"


def test_chips_write_into_the_text(qtbot: QtBot, bar: FilterBar) -> None:
    bar.set_query("ada")
    wanted = asked(qtbot, bar, bar.chips.chip("dead").button.click)
    assert (bar.text, wanted.statuses) == ("status:dead ada", (DeliveryStatus.DEAD,))

    asked(qtbot, bar, bar.chips.chip("accepted").button.click)
    assert bar.text == "status:accepted,dead ada"
    asked(qtbot, bar, bar.chips.chip("dead").button.click)
    asked(qtbot, bar, bar.chips.chip("accepted").button.click)
    assert bar.text == "ada"


def test_the_chips_of_events_name_them_as_the_profile_does(qtbot: QtBot, bar: FilterBar) -> None:
    wanted = asked(qtbot, bar, bar.chips.chip("opened").button.click)
    assert wanted.events == ("Conversation Opened",)

    wanted = asked(qtbot, bar, bar.chips.chip("opened").button.click)
    assert wanted.events == ()


def test_the_channel_writes_into_the_text(qtbot: QtBot, bar: FilterBar) -> None:
    place = bar.channel.findData("backfill")
    wanted = asked(qtbot, bar, lambda: bar.channel.setCurrentIndex(place))

    assert wanted.channels == (Channel.BACKFILL,)
    assert bar.text == "channel:backfill"
    asked(qtbot, bar, lambda: bar.channel.setCurrentIndex(0))
    assert bar.text == ""


def test_the_range_reaches_back_from_now(qtbot: QtBot, bar: FilterBar) -> None:
    place = bar.range.findData(24)
    wanted = asked(qtbot, bar, lambda: bar.range.setCurrentIndex(place))

    assert wanted.since == pytest.approx(time.time() - 86_400, abs=5)
    assert not bar.is_clear()


def test_a_day_in_the_text_stays_whatever_the_range_is(qtbot: QtBot, bar: FilterBar) -> None:
    wanted = asked(qtbot, bar, lambda: bar.set_query("day:2026-05-28"))
    day = (start_of(date(2026, 5, 28), None), start_of(date(2026, 5, 29), None))
    assert (wanted.since, wanted.until) == day

    wanted = asked(qtbot, bar, lambda: bar.set_query("day:2026-05-28", 1))
    assert wanted.since == pytest.approx(max(day[0], time.time() - 3600), abs=5)
    assert wanted.until == day[1]


def test_a_problem_is_told_and_the_rest_still_filters(qtbot: QtBot, bar: FilterBar) -> None:
    wanted = asked(qtbot, bar, lambda: bar.set_query("status:deaf ada"))

    assert wanted.search == "ada"
    assert bar.problem.isVisible()
    assert bar.problem.text().startswith("There is no status deaf")
    bar.set_query("ada")
    assert not bar.problem.isVisible()


def test_clear_lets_everything_pass(qtbot: QtBot, bar: FilterBar) -> None:
    assert not bar.clear_button.isEnabled()
    bar.set_query("status:dead", 24)

    asked(qtbot, bar, bar.clear_button.click)

    assert bar.is_clear()
    assert bar.chips.checked() == set()
    assert bar.wanted().since is None


def test_a_saved_filter_brings_its_text_and_range_back(qtbot: QtBot, bar: FilterBar) -> None:
    bar.set_query("status:dead", 168)
    bar.saved.save("mine")
    bar.clear()

    asked(qtbot, bar, lambda: bar.saved.chosen.emit(bar.saved.all()[0]))

    assert bar.saved.all() == [Saved("mine", "status:dead", 168)]
    assert (bar.text, bar.hours) == ("status:dead", 168)


def test_chips_count(bar: FilterBar) -> None:
    assert bar.chips.chip("dead").text() == "Dead 81"
    assert bar.chips.chip("accepted").text() == "Accepted 1.2M"
    assert bar.chips.chip("accepted").toolTip() == "Accepted: 1,234,567"
    assert bar.chips.chip("pending").text() == "Pending"


def test_rare_chips_appear_when_they_count_something_and_stay(bar: FilterBar) -> None:
    assert bar.chips.chip("discarded").isHidden()

    bar.viewer.counts = Counts(webhooks={}, deliveries={"discarded": 1}, oldest_pending_at=None)
    bar.viewer.counted.emit(bar.viewer.counts)
    bar.viewer.counts = COUNTS
    bar.viewer.counted.emit(COUNTS)

    assert not bar.chips.chip("discarded").isHidden()
    bar.set_query("status:confirmed")
    assert not bar.chips.chip("confirmed").isHidden()


def test_nothing_is_asked_twice(qtbot: QtBot, bar: FilterBar) -> None:
    seen: list[Filter] = []
    bar.changed.connect(seen.append)

    bar.chips.chip("dead").button.click()
    bar.set_query("status:dead,pending channel:poll", 24)

    assert len(seen) == 2


def test_a_narrow_bar_has_its_controls_below_the_text(qtbot: QtBot, bar: FilterBar) -> None:
    bar.resize(1000, 100)
    qtbot.waitUntil(lambda: bar.range.mapTo(bar, bar.range.rect().center()).y() < 40)

    bar.resize(300, 300)

    qtbot.waitUntil(lambda: bar.range.mapTo(bar, bar.range.rect().center()).y() > 40)
    assert bar.minimumSizeHint().width() < 300


def test_every_control_has_a_name(bar: FilterBar) -> None:
    for control in (bar.field, bar.range, bar.channel, bar.saved):
        assert control.accessibleName()


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (9_999, "9,999"), (12_345, "12.3k"), (123_456, "123k"), (2_500_000, "2.5M")],
)
def test_counts_are_short(count: int, text: str) -> None:
    assert short(count) == text
