"""Figures: what the charts show, in numbers and in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gui.activity import figures as figuring
from tests.gui.activity.conftest import NOW, activity

if TYPE_CHECKING:
    from collections.abc import Callable

    from gui.activity.figures import Figures

HOUR, DAY, WEEK = figuring.ranges()


def hour(**at: dict[str, object]) -> Figures:
    since, until = HOUR.window(NOW)
    return figuring.figures_of(HOUR, activity(since, until, HOUR.buckets, **at))


@pytest.mark.parametrize("span", figuring.ranges(), ids=lambda one: one.name)
def test_a_window_has_round_parts_and_now_in_the_last(span: figuring.Range) -> None:
    since, until = span.window(NOW)

    assert until - since == span.seconds
    assert until - span.width <= NOW < until
    assert since % span.width == 0


def test_counts_are_shown_per_minute() -> None:
    since, until = DAY.window(NOW)
    figures = figuring.figures_of(DAY, activity(since, until, DAY.buckets, _3={"accepted": 30}))

    assert figures.rates("accepted")[3] == 2.0  # thirty in fifteen minutes
    assert figures.total("accepted") == 30


def test_latency_is_known_only_where_something_was_accepted() -> None:
    figures = hour(_3={"p50": 0.5}, _7={"p50": 1.5})

    assert figures.known("p50") == ([3, 7], [0.5, 1.5])


def test_a_moment_lies_in_one_part() -> None:
    figures = hour()

    assert figures.at(figures.starts[7]) == 7
    assert figures.at(figures.starts[7] + 59.9) == 7
    assert figures.at(figures.since - 1) is None
    assert figures.at(figures.since + HOUR.seconds) is None
    assert figuring.Figures(HOUR, NOW).at(NOW) is None


def test_events_in_words() -> None:
    figures = hour(_3={"received": 1234, "accepted": 1200, "dead": 1}, _9={"accepted": 34})

    assert figuring.events_in_words(figures) == "Last hour: 1,234 received, 1,234 accepted, 1 dead."
    assert figuring.events_in_words(hour()) == "Nothing happened in the last hour."


def test_latency_in_words_weighs_parts_by_what_was_accepted() -> None:
    figures = hour(
        _3={"accepted": 1, "p50": 60.0, "p95": 90.0}, _4={"accepted": 99, "p50": 0.9, "p95": 2.0}
    )

    assert (
        figuring.latency_in_words(figures)
        == "Last hour: half accepted within about 0.9 s, 95 of 100 within about 2 s."
    )
    assert figuring.latency_in_words(hour()).startswith("Nothing was accepted")


def test_backlog_in_words(zone: Callable[[str], None]) -> None:
    zone("UTC")
    figures = hour(_3={"backlog": 40}, _59={"backlog": 2})

    text = figuring.backlog_in_words(figures)

    assert text.startswith("Last hour: 2 under way now, at most 40 at ")
    assert text.endswith("19:31.")
    assert figuring.backlog_in_words(hour()) == "Nothing waited."


def test_the_read_out_of_one_part(zone: Callable[[str], None]) -> None:
    zone("UTC")
    figures = hour(_3={"received": 2, "accepted": 1, "p50": 0.4, "p95": 3.0, "backlog": 5})

    assert figuring.part_in_words(figures, 3).endswith("19:30 to May 28 2026, 19:31") or (
        figuring.part_in_words(figures, 3).endswith("19:31")
    )
    assert figuring.events_at(figures, 3) == "2 received, 1 accepted, 0 dead"
    assert figuring.latency_at(figures, 3) == "half within 0.4 s, 95 of 100 within 3 s"
    assert figuring.latency_at(figures, 4) == "nothing accepted"
    assert figuring.backlog_at(figures, 3) == "5 under way"
