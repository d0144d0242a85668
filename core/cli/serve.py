"""The verb serve: the engine without a window."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, cast

import click

from core import __version__, logs
from core.cli.common import Context, pass_context, verb
from core.engine import Engine, Role, gather_secrets
from core.health import WELL
from core.runner import EngineThread, raise_file_limit
from core.systemd import Notifier, SignsOfLife, watchdog_seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from core.health import Health

POLL_SECONDS = 0.5
FORCED = 130


@verb("serve")
@click.option(
    "--role",
    type=click.Choice(["receive", "forward", "all"]),
    default="all",
    show_default=True,
    help="Only take webhooks, only send to Segment, or both.",
)
@pass_context
def serve(context: Context, role: str) -> None:
    """Run the engine without a window until SIGINT or SIGTERM."""
    chosen = cast("Role", role)
    settings = context.load().settings
    secrets = gather_secrets(settings, context.secrets, chosen)
    context.redact.learn(secrets.all())
    logs.set_up(context.redact, json=not sys.stderr.isatty())
    raise_file_limit()
    thread = EngineThread(lambda: Engine(context.home, settings, secrets, role=chosen))
    notifier = Notifier(context.environ)
    stop_on_signals(thread, lambda: notifier.tell(STOPPING="1"))
    engine = thread.start()
    logs.add_file(context.redact, context.home.log_folder)
    click.echo(f"Gladly Source {__version__} runs on {context.home.path}.")
    if url := engine.webhook_url():
        click.echo(f"Listening for Gladly on {url}")
    click.echo(f"Sending to {settings.segment.url}" if role != "receive" else "Sending nothing.")
    sys.stdout.flush()
    notifier.tell(READY="1", STATUS=status_of(engine.health))
    attend(thread, engine.health, notifier, watchdog_seconds(context.environ))
    click.echo("Stopped.")


def attend(
    thread: EngineThread, health: Health, notifier: Notifier, watchdog: float | None
) -> None:
    """Wait for the engine's end, and tell systemd how it is until then.

    Args:
        thread: The engine's.
        health: The engine's.
        notifier: Tells systemd.
        watchdog: WatchdogSec, if there is one.
    """

    async def live() -> None:
        pass  # that the loop comes to this is the sign

    def ask() -> Future[None]:
        return thread.call(live())

    life = SignsOfLife(lambda: notifier.tell(WATCHDOG="1"), watchdog, ask)
    told = status_of(health)
    # A wait without end would not let signals through on every platform.
    while not thread.join(POLL_SECONDS):
        with contextlib.suppress(RuntimeError):  # the engine has just ended
            life.look()
        if (status := status_of(health)) != told:
            told = status
            notifier.tell(STATUS=status)


def status_of(health: Health) -> str:
    """The line that `systemctl status` shows: what is not well, in words; no ids, no names."""
    unwell = [f"{name}: {word}" for name, word in health.words().items() if word not in WELL]
    return f"Needs attention: {', '.join(unwell)}." if unwell else "All is well."


def stop_on_signals(thread: EngineThread, stopping: Callable[[], None] = lambda: None) -> None:
    """The first SIGINT or SIGTERM asks the engine to end; a second one forces it.

    Args:
        thread: The engine's.
        stopping: Called at the first.
    """
    asked = threading.Event()

    def ask(*_: object) -> None:
        if asked.is_set():
            os._exit(FORCED)  # safe: nothing acknowledged is only in memory
        asked.set()
        stopping()
        thread.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
