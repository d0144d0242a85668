"""The verb simulate: one simulator by itself, in the foreground."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

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
from core.simulator.traffic import make_history
from core.simulator.webhooks import WebhookRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.simulator.sender import WebhookSender


PASSWORD_VARIABLE = "GLADLY_SOURCE_WEBHOOK_PASSWORD"  # noqa: S105 - a name
#: failures are told no more often than so
QUIET_SECONDS = 5.0
LOOK_SECONDS = 0.25
#: conversations of an invented day
TALKS_A_DAY = 20


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
@click.option(
    "--webhook",
    metavar="URL",
    help="gladly: where conversations are reported, such as "
    "http://gladly:PASSWORD@127.0.0.1:8377/gladly/webhook. Better than in the URL stands the "
    f"password in {PASSWORD_VARIABLE}.",
)
@click.option("--echo", metavar="URL", help="segment: where accepted events are sent back.")
@click.option(
    "--rate",
    type=click.FloatRange(0.01, 1000),
    default=2.0,
    show_default=True,
    help="gladly: track events a second.",
)
@click.option(
    "--history",
    type=click.FloatRange(0, 14),
    default=0.0,
    metavar="DAYS",
    help="gladly: so many days have happened before, with export files; up to 14.",
)
def simulate(  # noqa: PLR0917 - click passes by name
    service: str,
    port: int,
    faults: tuple[str, ...],
    more_faults: tuple[str, ...],
    webhook: str | None,
    echo: str | None,
    rate: float,
    history: float,
) -> None:
    """Run a simulated Gladly or Segment in the foreground.

    Segment takes any write key of five characters or more. Gladly takes the agent e-mail and API
    token that it prints.
    """
    names = GLADLY_FAULTS if service == "gladly" else SEGMENT_FAULTS
    if "list" in (*faults, *more_faults):
        for name, line in describe(sorted(names)):
            click.echo(f"{name:14} {line}")
        return
    chosen = check_faults((*faults, *more_faults), names)
    if service == "segment":
        run(_foreground(_segment(chosen, echo), port))
    else:
        run(_simulate_gladly(port, chosen, webhook, rate, history))


async def _foreground(segment: SegmentSimulator, port: int) -> None:
    say("It takes any write key of five characters or more.")
    await serve_simulator(segment, port=port, stop=_until_told(), ready=_ready("Segment"))


def _until_told() -> asyncio.Event:
    """Set by Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    return stop


def _ready(name: str) -> Callable[[str], None]:
    def ready(url: str) -> None:
        click.echo(f"Simulated {name} on {url}")
        sys.stdout.flush()

    return ready


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


async def _simulate_gladly(
    port: int, faults: tuple[str, ...], webhook: str | None, rate: float, history: float
) -> None:
    stop = _until_told()
    gladly = GladlySimulator(faults=faults)
    say(f"Agent e-mail {DEMO_EMAIL}, API token {DEMO_TOKEN}")
    if history:
        talks = max(1, round(history * TALKS_A_DAY))
        past = make_history(gladly.world, ends_at=time.time(), conversations=talks, days=history)
        gladly.load(past)
        say(f"{talks} conversations happened in the last {history:g} days.")
    if webhook:
        _add_webhook(gladly, webhook)
    else:
        say("It calls nobody, for want of --webhook: what happens there can be polled.")
    async with asyncio.TaskGroup() as group:
        group.create_task(serve_simulator(gladly, port=port, stop=stop, ready=_ready("Gladly")))
        group.create_task(drive(gladly, rate=rate, count=None, stop=stop))
        if webhook:
            group.create_task(tell_failures(gladly.sender, stop))


def _add_webhook(gladly: GladlySimulator, webhook: str) -> None:
    """Have it report there, with credentials from the URL, or else from the environment."""
    url, user, password = split_credentials(webhook)
    if password is None:
        user = os.environ.get("GLADLY_SOURCE_LISTENER__USERNAME", "gladly")
        password = os.environ.get(PASSWORD_VARIABLE) or None
    try:
        gladly.add_webhook(url, username=None if password is None else user, password=password)
    except WebhookRefused as exc:
        raise click.BadParameter(str(exc), param_hint="--webhook") from exc
    how = (
        f"without credentials: give them as http://USER:PASSWORD@… or in {PASSWORD_VARIABLE}"
        if password is None
        else f"as the user {user}"
    )
    say(f"Reports to {url} {how}.")


def split_credentials(url: str) -> tuple[str, str, str | None]:
    """The URL without user and password, and those; None where it has no password."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        user, password = unquote(parts.username or ""), parts.password
    except ValueError:
        return url, "", None
    bare = urlunsplit(parts._replace(netloc=host))
    return bare, user, None if password is None else unquote(password)


async def tell_failures(
    sender: WebhookSender,
    stop: asyncio.Event,
    *,
    seconds: float = QUIET_SECONDS,
    tell: Callable[[str], None] = say,
) -> None:
    """Say that calls failed, and why the last of them; once in so many seconds at most."""
    told = 0
    while not stop.is_set():
        new = sender.failures - told
        if new:
            told += new
            calls = "A call" if new == 1 else f"{new} calls"
            tell(f"{calls} of the webhook failed: {sender.last_failure}.{_advice(sender)}")
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds if new else LOOK_SECONDS):
                await stop.wait()


def _advice(sender: WebhookSender) -> str:
    if sender.last_status != HTTPStatus.UNAUTHORIZED:
        return ""
    return f" Compare user and password: they come from --webhook, or from {PASSWORD_VARIABLE}."
