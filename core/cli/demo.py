"""The demo: engine, simulated Gladly and simulated Segment on loopback, in a throw-away home."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.cells import set_cell_size
from rich.text import Text

from core import logs
from core.cli import desktop, output
from core.cli.common import Verb, say
from core.cli.simulate import check_faults
from core.errors import OperationError
from core.home import Home
from core.runner import EngineThread, raise_file_limit
from core.sentences import duration
from core.simulator import leftovers
from core.simulator.demo import DEFAULT_RATE, DemoWorld
from core.simulator.faults import ALL_FAULTS

if TYPE_CHECKING:
    from rich.console import Console

    from core.simulator.tally import Figures

LOOK_SECONDS = 0.25
PATIENCE_SECONDS = 120.0


@click.command("demo", cls=Verb)
@click.option("--headless", is_flag=True, help="A live line per event, without a window.")
@click.option("--rate", type=click.FloatRange(0.1, 1000), default=DEFAULT_RATE, show_default=True)
@click.option("--count", type=click.IntRange(1, 1_000_000), help="End after so many events.")
@click.option("--faults", multiple=True, metavar="NAME…", help="Such as 500:count=3 lost-answer.")
@click.argument("more_faults", nargs=-1, metavar="")
def demo(
    *,
    headless: bool,
    rate: float,
    count: int | None,
    faults: tuple[str, ...],
    more_faults: tuple[str, ...],
) -> None:
    """Try everything on this machine, without an account.

    Nothing leaves it, and nothing is kept.
    """
    chosen = check_faults((*faults, *more_faults), ALL_FAULTS)
    if not headless and count is None and desktop.has_display(os.environ):
        try:
            app = desktop.load_app()
        except OperationError as exc:
            say(f"{exc.title} A live line per event instead.")
        else:
            sys.exit(app.run_demo(rate=rate, faults=chosen))
    raise_file_limit()
    logs.set_up(logs.Redactor(), level=logging.ERROR)
    leftovers.remove()
    with tempfile.TemporaryDirectory(prefix=leftovers.PREFIX) as folder:
        home = Home(path=Path(folder) / "home")
        Demo(DemoWorld(home, rate=rate, count=count, faults=chosen)).run()


class Demo:
    """One run of the demo.

    Args:
        world: Simulated Gladly and Segment, and what happens in them.
    """

    def __init__(self, world: DemoWorld) -> None:
        self._world = world
        self._stop = threading.Event()
        self._shown = 0
        self._people: dict[str, str] = {one.id: one.name for one in world.people.customers}
        self._console: Console = output.console()

    def run(self) -> None:
        """Run until everything arrived, or until Ctrl-C; then say what came of it."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stop.set())
        started = time.monotonic()
        with self._world:
            thread = EngineThread(self._world.engine)
            url = thread.start().webhook_url()
            if url is None:
                raise RuntimeError("the demo's engine has no listener")
            self._world.connect(url)
            say("Simulated Gladly → Gladly Source → simulated Segment. Ctrl-C ends it.\n")
            self._world.resume()
            try:
                self._watch()
            finally:
                self._world.pause()
                thread.stop()
                thread.join()
        self._summary(time.monotonic() - started)

    def _watch(self) -> None:
        """Print each event as it arrives; end when all have, or when told to."""
        patience = time.monotonic() + PATIENCE_SECONDS
        while not self._stop.is_set():
            before = self._shown
            self._world.segment.wait_until(self._is_over, LOOK_SECONDS)
            self._show_new()
            if self._is_over():
                return
            if self._shown != before:
                patience = time.monotonic() + PATIENCE_SECONDS
            elif self._world.count is not None and time.monotonic() > patience:
                say(f"Nothing new arrived for {PATIENCE_SECONDS:.0f} s: giving up.")
                return

    def _is_over(self) -> bool:
        if self._world.count is None or self._world.tally.caused < self._world.count:
            return False
        return len(self._world.tally.missing()) == 0

    def _show_new(self) -> None:
        for message in self._world.tally.messages(self._shown):
            self._shown += 1
            self._console.print(self._line(message))

    def _line(self, message: dict[str, Any]) -> Text:
        properties = message.get("properties", {})
        who = properties.get("customerName") or self._people.get(message.get("userId", ""), "")
        line = Text()
        line.append(time.strftime("%H:%M:%S  "), style="dim")
        line.append_text(output.status_text("accepted"))
        opened = message.get("event") == "Conversation Opened"
        line.append(f"  {message.get('event', ''):20}", style="" if opened else "dim")
        line.append(f"  {fitted(who or '(no name)', 24)}")
        line.append(f"  {fitted(properties.get('agentName') or '-', 20)}", style="dim")
        line.append(f"  {properties.get('conversationId', '')}", style="dim")
        return line

    def _summary(self, seconds: float) -> None:
        figures, missing = self._world.tally.figures(), self._world.tally.missing()
        over = self._world.count is not None and not self._interrupted()
        lost = len(missing) if over else 0
        console = self._console
        console.print()
        made = output.table("", "")
        made.show_header = False
        for name, number in summed_up(figures, over=over):
            made.add_row(name, str(number))
        console.print(made)
        say(
            f"In {duration(seconds)}; {figures.lookups} look-ups in Gladly, "
            f"{figures.rate_limited} refused for their rate; {figures.copies} repeated copies, "
            "dropped by messageId."
        )
        if lost or figures.twice:
            for kind, conversation, _ in sorted(missing)[:5]:
                say(f"missing: {kind} of {conversation}")
            sys.exit(1)

    def _interrupted(self) -> bool:
        return self._world.count is not None and self._world.tally.caused < self._world.count


def summed_up(figures: Figures, *, over: bool) -> list[tuple[str, int]]:
    """What the summary shows: what is missing is lost when all is over, else under way."""
    rows = [
        ("sent", figures.sent),
        ("accepted", figures.accepted),
        ("duplicates", figures.twice),
        ("lost", figures.missing if over else 0),
    ]
    if figures.missing and not over:
        rows.insert(2, ("under way", figures.missing))
    return rows


def fitted(text: str, width: int) -> str:
    """The text cut or filled to `width` terminal cells; names come in all scripts."""
    return set_cell_size(text, width)
