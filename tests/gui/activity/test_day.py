"""The day of coverage: cells, gaps and countdowns in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.coverage import Cover, Covered, Fate, Gap
from core.ingest.poller import CatchUp
from gui.activity import day as telling
from gui.activity.day import Day, day_of

if TYPE_CHECKING:
    from collections.abc import Callable

#: 2026-05-28 20:30 UTC, the start of a cell
NOW = 1_780_000_200.0
HOUR = 3600.0


@pytest.fixture(autouse=True)
def _utc(zone: Callable[[str], None]) -> None:
    zone("UTC")


def covered(channel: str, since: float, until: float = 0.0) -> Covered:
    """A channel, from so many hours ago until so many hours ago."""
    return Covered(channel=channel, start=NOW - since * HOUR, end=NOW - until * HOUR)


def gap(since: float, until: float, **changes: object) -> Gap:
    """A gap from so many hours ago until so many hours ago."""
    ends = {"start": NOW - since * HOUR, "end": NOW - until * HOUR}
    return Gap(**{"reason": "The computer was asleep.", "id": 1, **ends, **changes})  # type: ignore[arg-type]


def day(*gaps: Gap, now: float = NOW + 60) -> Day:
    """Webhook for 20 hours but the last two, polling for ten but the last three."""
    spans = [covered("webhook", 20, 2), covered("poll", 10, 3), covered("webhook", 1)]
    return day_of(spans, gaps, NOW - 20 * HOUR, now, poll_seconds=30)


def test_a_cell_says_from_when_until_when_and_who() -> None:
    one = day()

    assert telling.cell_in_words(one, 287) == "20:30 to 20:35: webhook only"
    assert telling.cell_in_words(one, 287 - 5 * 12) == "15:30 to 15:35: webhook and polling"
    assert telling.cell_in_words(one, 287 - 18) == "19:00 to 19:05: nobody"
    assert telling.cell_in_words(one, 0) == "20:35 to 20:40: not known"


def test_a_cell_in_a_gap_says_why_and_what_became_of_it() -> None:
    one = day(gap(2, 1))

    assert telling.cell_in_words(one, 287 - 18) == (
        "19:00 to 19:05: nobody. In a gap: The computer was asleep. Open."
    )


def test_a_channel_that_goes_on_covers_the_newest_cell_before_it_has_noted_so() -> None:
    slow = day_of([covered("poll", 20, 0.1)], (), NOW - HOUR, NOW, poll_seconds=300)
    quick = day_of([covered("poll", 20, 0.1)], (), NOW - HOUR, NOW, poll_seconds=30)

    assert slow.cells[-2] is Cover.POLL
    assert quick.cells[-2] is Cover.NOBODY


def test_the_whole_day_is_one_sentence() -> None:
    assert telling.day_in_words(day()) == (
        "Last 24 hours: webhook and polling 7 h, webhook only 12 h 5 min, nobody 1 h, "
        "not known 3 h 55 min."
    )


def test_without_any_coverage_that_is_said() -> None:
    none = day_of((), (), None, NOW, poll_seconds=30)

    assert none.cells == ()
    assert telling.day_in_words(none).startswith("Nothing is known yet.")


def test_moments_and_cells_belong_together() -> None:
    one = day()

    assert one.window(287) == (NOW, NOW + 300)
    assert one.end == NOW + 300
    assert (one.at(NOW + 299), one.at(NOW + 300), one.at(one.start - 1)) == (287, None, None)


def test_cells_side_by_side_with_the_same_cover_are_one_stretch() -> None:
    covers = [cover for _, _, cover in day().stretches()]

    assert covers == [
        Cover.UNKNOWN,
        Cover.WEBHOOK,
        Cover.BOTH,
        Cover.WEBHOOK,
        Cover.NOBODY,
        Cover.WEBHOOK,
    ]


@pytest.mark.parametrize(
    ("ago", "said", "pill", "tone"),
    [
        (18.8, "Gladly tells of it for 5 h 12 min more.", "Open, 5 h 12 min left", "warn"),
        (
            24.5,
            "Gladly is forgetting it; the last of it is gone in 30 min.",
            "Open, being forgotten",
            "bad",
        ),
        (26.0, "Gladly has forgotten it.", "Open, being forgotten", "bad"),
    ],
)
def test_an_open_gap_counts_down(ago: float, said: str, pill: str, tone: str) -> None:
    one = gap(ago, ago - 1)

    assert telling.countdown(one, NOW) == said
    assert telling.gap_in_words(one, NOW)[::2] == (pill, tone)


@pytest.mark.parametrize(
    ("fate", "text"),
    [
        (Fate.HEALED, "Healed by polling"),
        (Fate.IMPORTED, "Healed from export"),
        (Fate.LOST, "Declared lost"),
    ],
)
def test_a_settled_gap_says_its_fate(fate: Fate, text: str) -> None:
    assert telling.gap_in_words(gap(5, 4, fate=fate), NOW).text == text


def test_of_several_open_gaps_the_first_to_be_forgotten_is_told() -> None:
    one = day(gap(2, 1), gap(10, 9), gap(5, 4, fate=Fate.HEALED))

    assert [round((NOW - each.start) / HOUR) for each in one.open_gaps] == [10, 2]
    said, more = telling.open_in_words(one.open_gaps, NOW)
    assert said.startswith("2 gaps are open, the first from ")
    assert more == "Gladly tells of it for 14 h more."
    assert telling.open_in_words(one.open_gaps[1:], NOW)[0].startswith("Nobody listened from ")


def test_the_end_of_a_gap_has_a_date_only_where_it_is_another_day() -> None:
    assert telling.between(gap(20, 19)) == ("May 28, 00:30", "01:30")
    assert telling.between(gap(21, 19)) == ("May 27, 23:30", "May 28, 01:30")


@pytest.mark.parametrize(
    ("read", "new", "said"),
    [
        (0, 0, "Read from 20:00 to 20:30: nothing had happened."),
        (1, 1, "Read from 20:00 to 20:30: 1 event, 1 of them new."),
        (1200, 7, "Read from 20:00 to 20:30: 1,200 events, 7 of them new."),
        (3, 0, "Read from 20:00 to 20:30: 3 events, none of them new."),
    ],
)
def test_what_a_reading_came_to_is_a_sentence(
    read: int, new: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.words.time.time", lambda: NOW)
    done = CatchUp(asked_since=NOW - 1800, since=NOW - 1800, until=NOW, read=read, new=new)

    assert telling.caught_up_in_words(done) == said
