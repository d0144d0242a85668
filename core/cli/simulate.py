"""The verb simulate: one simulator by itself, in the foreground."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from core.cli.common import run, say, verb
from core.credentials import Secret
from core.simulator.driver import drive
from core.simulator.faults import GLADLY_FAULTS, SEGMENT_FAULTS, describe, parse_fault
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.runner import serve as serve_simulator
from core.simulator.segment import SegmentSimulator, only_source
from core.simulator.segment_echo import EchoDestination
from core.simulator.segment_public import DEMO_PUBLIC_TOKEN, PublicPages
from core.simulator.webhooks import WebhookRefused

if TYPE_CHECKING:
    from collections.abc import Callable


def check_faults(texts: tuple[str, ...], allowed: frozenset[str]) -> tuple[str, ...]:
    """Fault texts as given; a wrong one is a usage error that names the right ones."""
    for text in texts:
        try:
            parse_fault(text, allowed)
        except ValueError as exc:
            raise click.BadParameter(str(exc), param_hint="--faults") from exc
    return texts


@verb("simulate")
@click.argument("service", type=click.Choice(["gladly", "segment"]))
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes any free port.")
@click.option("--faults", multiple=True, metavar="NAME…", help="What goes wrong; `list` tells all.")
@click.argument("more_faults", nargs=-1, metavar="")
@click.option("--webhook", metavar="URL", help="gladly: where conversations are reported.")
@click.option("--echo", metavar="URL", help="segment: where accepted events are sent back.")
@click.option("--rate", type=click.FloatRange(0.01, 1000), default=2.0, show_default=True)
def simulate(  # noqa: PLR0917 - click passes by name
    service: str,
    port: int,
    faults: tuple[str, ...],
    more_faults: tuple[str, ...],
    webhook: str | None,
    echo: str | None,
    rate: float,
) -> None:
    """Run a simulated Gladly or Segment by itself, in the foreground."""
    names = GLADLY_FAULTS if service == "gladly" else SEGMENT_FAULTS
    if "list" in (*faults, *more_faults):
        for name, line in describe(sorted(names)):
            click.echo(f"{name:14} {line}")
        return
    chosen = check_faults((*faults, *more_faults), names)
    run(_simulate(service, port, chosen, webhook, rate, echo))


async def _simulate(  # noqa: PLR0917 - parts of one verb
    service: str,
    port: int,
    faults: tuple[str, ...],
    webhook: str | None,
    rate: float,
    echo: str | None,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)

    def ready(url: str) -> None:
        click.echo(f"Simulated {service.capitalize()} on {url}")
        sys.stdout.flush()

    if service == "segment":
        await serve_simulator(_segment(faults, echo), port=port, stop=stop, ready=ready)
        return
    await _simulate_gladly(port, faults, webhook, rate, stop, ready)


def _segment(faults: tuple[str, ...], echo: str | None) -> SegmentSimulator:
    """A simulated Segment with the secrets of the environment; it takes events of any key."""
    token = os.environ.get("GLADLY_SOURCE_PUBLIC_API_TOKEN")
    secret = os.environ.get("GLADLY_SOURCE_ECHO_SECRET")
    say(f"Public API token {'as in the environment' if token else DEMO_PUBLIC_TOKEN}")
    source = only_source(os.environ.get("GLADLY_SOURCE_WRITE_KEY"))
    return SegmentSimulator(
        faults=faults,
        echo=EchoDestination(echo, Secret(secret) if secret else None) if echo else None,
        public=PublicPages(token or DEMO_PUBLIC_TOKEN, (source,)),
    )


async def _simulate_gladly(  # noqa: PLR0917 - parts of one verb
    port: int,
    faults: tuple[str, ...],
    webhook: str | None,
    rate: float,
    stop: asyncio.Event,
    ready: Callable[[str], None],
) -> None:
    gladly = GladlySimulator(faults=faults)
    say(f"Agent e-mail {DEMO_EMAIL}, API token {DEMO_TOKEN}")
    if webhook:
        password = os.environ.get("GLADLY_SOURCE_WEBHOOK_PASSWORD")
        user = os.environ.get("GLADLY_SOURCE_LISTENER__USERNAME", "gladly")
        try:
            gladly.add_webhook(webhook, username=user if password else None, password=password)
        except WebhookRefused as exc:
            raise click.BadParameter(str(exc), param_hint="--webhook") from exc
    async with asyncio.TaskGroup() as group:
        group.create_task(serve_simulator(gladly, port=port, stop=stop, ready=ready))
        if webhook:
            group.create_task(drive(gladly, rate=rate, count=None, stop=stop))
