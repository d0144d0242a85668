"""The test-event sender: through the listener, the whole way, or straight to Segment."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
import httpx

from core.cli import output
from core.cli.common import Context, pass_context, run, say, verb
from core.errors import OperationError
from core.sender.bodies import BodyMaker, Scenario, Subject
from core.sender.progress import Step
from core.sender.sending import Sender
from core.settings_rules import is_loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.sender.progress import Progress

KINDS = (Scenario.OPENED, Scenario.CLOSED)


@verb("send")
@click.argument("event", type=click.Choice([str(kind) for kind in KINDS]))
@click.option("--customer", help="Customer id; made up when left out.")
@click.option("--conversation", help="Conversation id; made up when left out.")
@click.option("--count", type=click.IntRange(1, 10_000), default=1, show_default=True)
@click.option("--direct", is_flag=True, help="Straight to Segment, past the listener.")
@click.option("--yes", is_flag=True, help="Do not ask before a real Segment source gets it.")
@pass_context
def send(
    context: Context,
    event: str,
    customer: str | None,
    conversation: str | None,
    count: int,
    *,
    direct: bool,
    yes: bool,
) -> None:
    """Send marked test events and tell what became of each."""
    settings = context.load().settings
    host = httpx.URL(settings.segment.url).host
    if not (yes or is_loopback(host)):
        if not sys.stdin.isatty():
            raise OperationError(
                f"This reaches the real Segment source behind {host}.", "Say so with --yes."
            )
        click.confirm(f"This reaches the Segment source behind {host}. Send it?", abort=True)
    maker = BodyMaker()
    subject = Subject(customer_id=customer, conversation_id=conversation)
    bodies = [
        one
        for number in range(count)
        for one in maker.repeat(
            maker.make(Scenario(event), subject), number, new_conversation=conversation is None
        )
    ]
    sender = Sender(context.home, settings, context.secrets, reading=context.reading)
    steps = sender.direct(bodies) if direct else sender.through(bodies)
    accepted = run(_tell(steps, direct=direct))
    if accepted < count:
        raise OperationError(
            f"{count - accepted} of {count} test events did not arrive.", "See the lines above."
        )


async def _tell(steps: AsyncIterator[Progress], *, direct: bool) -> int:
    """Print the outcome of each event as it comes; how many were accepted."""
    accepted, shown = 0, False
    async for progress in steps:
        accepted += progress.step is Step.ACCEPTED
        if direct:
            click.echo(f"{progress.event}  {progress.label}  {progress.sentence}")
        elif progress.step in {Step.ACCEPTED, Step.DEAD}:
            output.print_deliveries(progress.deliveries, header=not shown)
            shown = True
        elif progress.step in {Step.LATE, Step.SKIPPED, Step.UNMAPPABLE}:
            say(f"{progress.label}: {progress.sentence[0].lower()}{progress.sentence[1:]}")
            say(f"     `gladly-source show {progress.label}` tells more.")
    return accepted
