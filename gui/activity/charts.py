"""The three charts: events per minute, delivery latency, backlog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]
from PySide6.QtCore import QCoreApplication, Qt

from gui.activity.plot import BAR, ROW_MARKS, Plot

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from gui.activity.figures import Figures
    from gui.look import Look

LINE = 1.6
SYMBOL = 5
FILL_ALPHA = 60
BAR_ALPHA = 210

translate = QCoreApplication.translate


class EventsChart(Plot):
    """Events per minute: accepted and dead as stacked bars, received as a stepped line."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, translate("Activity", "Events per minute"), parent)
        self.accepted = pg.BarGraphItem(x=[], height=[], width=1)
        self.dead = pg.BarGraphItem(x=[], height=[], width=1)
        self.received = pg.PlotCurveItem(stepMode="center", x=[0, 0], y=[0])
        for item in (self.accepted, self.dead, self.received):
            self.addItem(item)
        self.dress()

    def dress(self) -> None:
        """Draw in the colours of now."""
        super().dress()
        self.accepted.setOpts(brush=self.colour("good", BAR_ALPHA), pen=pg.mkPen(None))
        self.dead.setOpts(brush=self.colour("bad", BAR_ALPHA), pen=pg.mkPen(None))
        self.received.setPen(pg.mkPen(self.colour("accent"), width=LINE))

    def show_figures(self, figures: Figures) -> None:
        """Draw these."""
        accepted, dead = figures.rates("accepted"), figures.rates("dead")
        received = figures.rates("received")
        width = BAR * figures.range.width
        self.accepted.setOpts(x=figures.middles, height=accepted, width=width)
        self.dead.setOpts(x=figures.middles, y0=accepted, height=dead, width=width)
        self.received.setData(x=_edges(figures), y=received, stepMode="center")
        stacked = [one + other for one, other in zip(accepted, dead, strict=True)]
        self.show_span(figures, max([*stacked, *received, 0]) or 1.0)


class LatencyChart(Plot):
    """Seconds from arrival until Segment accepted: half of the events, and 95 of 100."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, translate("Activity", "Delivery latency in seconds"), parent)
        self.p95 = pg.PlotDataItem(symbol="t1", symbolSize=SYMBOL + 1)
        self.p50 = pg.PlotDataItem(symbol="o", symbolSize=SYMBOL)
        for item in (self.p95, self.p50):
            self.addItem(item)
        self.dress()

    def dress(self) -> None:
        """Draw in the colours of now."""
        super().dress()
        dashed = Qt.PenStyle.DashLine
        for item, name, style in ((self.p50, "accent", None), (self.p95, "warn", dashed)):
            item.setPen(pg.mkPen(self.colour(name), width=LINE, style=style))
            item.setSymbolBrush(self.colour(name))
            item.setSymbolPen(pg.mkPen(None))

    def show_figures(self, figures: Figures) -> None:
        """Draw these."""
        highest = 0.0
        for item, member in ((self.p50, "p50"), (self.p95, "p95")):
            places, values = figures.known(member)
            joined = np.diff(places, append=-1) == 1
            middles = [figures.middles[place] for place in places]
            item.setData(middles, values, connect=joined.astype(np.int32))
            highest = max([highest, *values])
        self.show_span(figures, highest or 1.0)


class BacklogChart(Plot):
    """How many deliveries were under way."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, translate("Activity", "Backlog"), parent)
        self.backlog = pg.PlotCurveItem(stepMode="center", fillLevel=0, x=[0, 0], y=[0])
        self.addItem(self.backlog)
        self.dress()

    def dress(self) -> None:
        """Draw in the colours of now."""
        super().dress()
        self.backlog.setPen(pg.mkPen(self.colour("busy"), width=LINE))
        self.backlog.setBrush(self.colour("busy", FILL_ALPHA))

    def show_figures(self, figures: Figures) -> None:
        """Draw these."""
        self.backlog.setData(x=_edges(figures), y=figures.backlog, stepMode="center", fillLevel=0)
        self.show_span(figures, max([*figures.backlog, ROW_MARKS]))


def _edges(figures: Figures) -> list[float]:
    """Where the parts begin, and where the last one ends."""
    starts = figures.starts or [figures.since]
    return [*starts, starts[-1] + figures.range.width] if figures.buckets else [starts[0]]
