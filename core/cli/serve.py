"""The verb serve: the engine without a window."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import cast

import click

from core import __version__, logs
from core.cli.common import Context, pass_context, verb
from core.engine import Engine, Role, gather_secrets
from core.runner import EngineThread, raise_file_limit

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
    stop_on_signals(thread)
    engine = thread.start()
    logs.add_file(context.redact, context.home.log_folder)
    click.echo(f"Gladly Source {__version__} runs on {context.home.path}.")
    if url := engine.webhook_url():
        click.echo(f"Listening for Gladly on {url}")
    click.echo(f"Sending to {settings.segment.url}" if role != "receive" else "Sending nothing.")
    sys.stdout.flush()
    while not thread.join(POLL_SECONDS):
        pass  # a wait without end would not let signals through on every platform
    click.echo("Stopped.")


def stop_on_signals(thread: EngineThread) -> None:
    """The first SIGINT or SIGTERM asks the engine to end; a second one forces it."""
    asked = threading.Event()

    def ask(*_: object) -> None:
        if asked.is_set():
            os._exit(FORCED)  # safe: nothing acknowledged is only in memory
        asked.set()
        thread.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
