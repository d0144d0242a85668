"""The charts: the right numbers reach what is drawn, in the colours of the look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gui.activity import figures as figuring
from tests.gui.activity.conftest import NOW, activity

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.activity.figures import Figures
    from gui.look import Look

HOUR = figuring.ranges()[0]


def hour(**at: dict[str, object]) -> Figures:
    since, until = HOUR.window(NOW)
    return figuring.figures_of(HOUR, activity(since, until, HOUR.buckets, **at))


@pytest.fixture
def make(qtbot: QtBot, look: Look):
    """Builds a chart by name and shows it."""
    from gui.activity import charts  # noqa: PLC0415 - slow

    def build(name: str):
        chart = getattr(charts, name)(look)
        qtbot.addWidget(chart)
        chart.resize(600, 200)
        chart.show()
        return chart

    return build


def test_events_are_stacked_and_received_is_a_line(make) -> None:
    chart = make("EventsChart")
    figures = hour(_3={"received": 5, "accepted": 4, "dead": 2})

    chart.show_figures(figures)

    assert list(chart.accepted.opts["height"])[2:5] == [0, 4, 0]
    assert list(chart.dead.opts["height"])[3] == 2
    assert list(chart.dead.opts["y0"])[3] == 4
    assert list(chart.accepted.opts["x"]) == figures.middles
    edges, received = chart.received.getData()
    assert (len(edges), len(received)) == (61, 60)
    assert received[3] == 5
    assert chart.viewRange()[0] == pytest.approx([figures.since, figures.since + 3600])
    assert chart.viewRange()[1][1] > 6


def test_latency_has_gaps_where_nothing_was_accepted(make) -> None:
    chart = make("LatencyChart")
    figures = hour(
        _3={"p50": 0.5, "p95": 2.0}, _4={"p50": 0.6, "p95": 3.0}, _9={"p50": 0.7, "p95": 4.0}
    )

    chart.show_figures(figures)

    times, seconds = chart.p50.getData()
    assert list(times) == [figures.middles[place] for place in (3, 4, 9)]
    assert list(seconds) == [0.5, 0.6, 0.7]
    assert list(chart.p50.opts["connect"]) == [1, 0, 0]
    assert list(chart.p95.getData()[1]) == [2.0, 3.0, 4.0]


def test_the_backlog_is_an_area_from_zero(make) -> None:
    chart = make("BacklogChart")

    chart.show_figures(hour(_3={"backlog": 40}))

    assert chart.backlog.getData()[1][3] == 40
    assert chart.backlog.opts["fillLevel"] == 0


@pytest.mark.parametrize("name", ["EventsChart", "LatencyChart", "BacklogChart"])
def test_no_figures_are_drawn_without_complaint(qtbot: QtBot, make, name: str) -> None:
    chart = make(name)

    chart.show_figures(hour())
    chart.show_figures(figuring.Figures(HOUR, NOW))
    picture = chart.grab()

    assert not picture.isNull()


@pytest.mark.parametrize(
    ("name", "pens"),
    [
        ("EventsChart", lambda chart: chart.received.opts["pen"].color()),
        ("LatencyChart", lambda chart: chart.p50.opts["pen"].color()),
        ("BacklogChart", lambda chart: chart.backlog.opts["pen"].color()),
    ],
)
def test_colours_follow_the_look(make, look: Look, name: str, pens) -> None:
    chart = make(name)
    light = (pens(chart).name(), chart.backgroundBrush().color().name())

    look.force("dark")
    chart.dress()

    dark = (pens(chart).name(), chart.backgroundBrush().color().name())
    assert light != dark
    assert dark[1] == look.colour("raised").name()
