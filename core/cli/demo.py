"""The demo: engine, simulated Gladly and simulated Segment on loopback, in a throw-away home."""

from __future__ import annotations

import asyncio
import logging
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

from core import logs, settings
from core.cli import output
from core.cli.common import Verb, say
from core.cli.serve import raise_file_limit
from core.cli.simulate import check_faults
from core.credentials import Secret
from core.engine import Engine, EngineSecrets
from core.home import Home
from core.runner import EngineThread
from core.sentences import duration
from core.simulator.driver import Driver
from core.simulator.faults import ALL_FAULTS, GLADLY_FAULTS, SEGMENT_FAULTS
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator, arrived

if TYPE_CHECKING:
    from rich.console import Console

    from core.simulator.people import World

PASSWORD = "demo-password"  # noqa: S105 - of a throw-away listener on loopback
LOOK_SECONDS = 0.25
SETTLE_SECONDS = 1.0
PATIENCE_SECONDS = 120.0


@click.command("demo", cls=Verb)
@click.option("--headless", is_flag=True, help="Without a window: a live line per event.")
@click.option("--rate", type=click.FloatRange(0.1, 1000), default=8.0, show_default=True)
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
    """Try everything without an account: nothing leaves this machine, nothing is kept."""
    del headless  # there is no window yet: the demo is always a live line per event
    chosen = check_faults((*faults, *more_faults), ALL_FAULTS)
    raise_file_limit()
    logs.set_up(logs.Redactor(), level=logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="gladly-source-demo-") as folder:
        Demo(Home(path=Path(folder) / "home"), rate, count, chosen).run()


class Demo:
    """One run of the demo.

    Args:
        home: A throw-away home.
        rate: Track events per second.
        count: End after so many; None runs until Ctrl-C.
        faults: What goes wrong on purpose.
    """

    def __init__(self, home: Home, rate: float, count: int | None, faults: tuple[str, ...]) -> None:
        names = [fault.split(":")[0] for fault in faults]
        pairs = list(zip(names, faults, strict=True))
        self._segment = SegmentSimulator(
            faults=[fault for name, fault in pairs if name in SEGMENT_FAULTS]
        )
        only_gladly = GLADLY_FAULTS - SEGMENT_FAULTS
        self._gladly = GladlySimulator(
            faults=[fault for name, fault in pairs if name in only_gladly]
        )
        self._home = home
        self._driver = Driver(self._gladly, rate=rate, count=count)
        self._count = count
        self._stop = threading.Event()
        self._shown: set[str] = set()
        self._people: dict[str, str] = names_of(self._gladly.world)
        self._console: Console = output.console()

    def run(self) -> None:
        """Run until everything arrived, or until Ctrl-C; then say what came of it."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stop.set())
        started = time.monotonic()
        with SimulatorServer(self._segment) as segment, SimulatorServer(self._gladly) as gladly:
            thread = EngineThread(lambda: self._engine(segment.url, gladly.url))
            engine = thread.start()
            url = engine.webhook_url()
            if url is None:
                raise RuntimeError("the demo's engine has no listener")
            self._gladly.add_webhook(url, username="gladly", password=PASSWORD)
            say("Simulated Gladly → Gladly Source → simulated Segment. Ctrl-C ends it.\n")
            ended = threading.Event()
            gladly.submit(self._drive(ended))
            try:
                self._watch()
            finally:
                self._stop.set()
                ended.wait(LOOK_SECONDS * 8)
                thread.stop()
                thread.join()
        self._summary(time.monotonic() - started)

    async def _drive(self, ended: threading.Event) -> None:
        stop = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                watcher = group.create_task(self._tell(stop))
                await self._driver.run(stop)
                watcher.cancel()
        finally:
            ended.set()

    async def _tell(self, stop: asyncio.Event) -> None:
        """Carry the wish to stop over to the simulator's loop."""
        await asyncio.to_thread(self._stop.wait)
        stop.set()

    def _engine(self, segment_url: str, gladly_url: str) -> Engine:
        made = settings.Settings(
            listener=settings.Listener(port=0),
            segment=settings.Segment(host=segment_url, alias="demo"),
            gladly=settings.Gladly(url=gladly_url, agent_email=DEMO_EMAIL, requests_per_second=9),
            mapping=settings.Mapping_(settle_seconds=SETTLE_SECONDS),
        )
        secrets = EngineSecrets(
            write_key=Secret("demo" * 8),
            gladly_token=Secret(DEMO_TOKEN),
            webhook_password=Secret(PASSWORD),
        )
        return Engine(self._home, made, secrets)

    def _watch(self) -> None:
        """Print each event as it arrives; end when all have, or when told to."""
        patience = time.monotonic() + PATIENCE_SECONDS
        while not self._stop.is_set():
            before = len(self._shown)
            self._segment.wait_until(self._is_over, LOOK_SECONDS)
            self._show_new()
            if self._is_over():
                return
            if len(self._shown) != before:
                patience = time.monotonic() + PATIENCE_SECONDS
            elif self._count is not None and time.monotonic() > patience:
                say(f"Nothing new arrived for {PATIENCE_SECONDS:.0f} s: giving up.")
                return

    def _is_over(self) -> bool:
        if self._count is None or self._driver.caused < self._count:
            return False
        return len(self._missing()) == 0

    def _missing(self) -> set[tuple[str, str, int]]:
        accepted = list(self._segment.accepted.values())
        return self._driver.truth - arrived(accepted)

    def _show_new(self) -> None:
        for message_id, message in list(self._segment.accepted.items()):
            if message_id not in self._shown:
                self._shown.add(message_id)
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
        accepted = self._segment.accepted
        missing = self._missing()
        lost = len(missing) if self._count is not None and not self._interrupted() else 0
        extra = len(arrived(list(accepted.values())) - self._driver.truth)
        twice = len(accepted) - len(arrived(list(accepted.values())))
        console = self._console
        console.print()
        made = output.table("", "")
        made.show_header = False
        sent = len(self._driver.truth)
        for name, number in (
            ("sent", sent),
            ("accepted", len(accepted)),
            ("duplicates", twice + extra),
            ("lost", lost),
        ):
            made.add_row(name, str(number))
        console.print(made)
        looked_up = sum(self._gladly.lookups.values())
        copies = self._segment.duplicates
        say(
            f"In {duration(seconds)}; {looked_up} look-ups in Gladly, "
            f"{self._gladly.rate_limited} refused for their rate; {copies} repeated copies, "
            "dropped by messageId."
        )
        if lost or twice or extra:
            for kind, conversation, _ in sorted(missing)[:5]:
                say(f"missing: {kind} of {conversation}")
            sys.exit(1)

    def _interrupted(self) -> bool:
        return self._count is not None and self._driver.caused < self._count


def names_of(world: World) -> dict[str, str]:
    """Customer names by id."""
    return {one["id"]: one.get("name") or "" for one in world.customers}


def fitted(text: str, width: int) -> str:
    """The text cut or filled to `width` terminal cells; names come in all scripts."""
    return set_cell_size(text, width)
