"""The verb webhook: the webhook in Gladly, by its API."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from core.cli import output
from core.cli.common import Context, pass_context, run, say, verb
from core.registration.office import WebhookOffice
from core.registration.report import Did

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractContextManager

    from core.registration.report import Report

ACTIONS = ("create", "status", "enable", "disable", "delete", "rotate")


@verb("webhook")
@click.argument("action", type=click.Choice(ACTIONS))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@pass_context
def webhook(context: Context, action: str, *, as_json: bool) -> None:
    """Manage the webhook in Gladly that calls listener.public_url.

    create makes it, or sets right the one that is there; status looks; enable and disable switch
    it; delete removes it; rotate gives it new credentials, and no event is refused meanwhile.
    """
    office = WebhookOffice(context.home, context.load().settings, context.secrets)
    steps: dict[str, Callable[[], Awaitable[Report]]] = {
        "create": office.create,
        "status": office.status,
        "enable": office.enable,
        "disable": office.disable,
        "delete": office.delete,
        "rotate": office.rotate,
    }
    with _waiting():
        report = run(_ask(steps[action]))
    if as_json:
        output.print_json(report.as_json())
        return
    _tell(report)


def _waiting() -> AbstractContextManager[object]:
    """Gladly may wait 15 s for the answer to its PING: on a terminal, show that something goes."""
    if not sys.stderr.isatty():
        return nullcontext()
    return output.console(err=True).status("Asking Gladly")


async def _ask(step: Callable[[], Awaitable[Report]]) -> Report:
    return await step()


def _tell(report: Report) -> None:
    click.echo(report.sentence)
    if report.did is Did.FOUND and report.webhook is not None:
        shown = output.table("", "")
        shown.show_header = False
        for name, value in _lines(report).items():
            shown.add_row(name, output.printable(value))
        output.console().print(shown)
    if report.hint:
        say(report.hint)


def _lines(report: Report) -> dict[str, str]:
    """What a person wants to see of it."""
    webhook = report.webhook
    if webhook is None:
        return {}
    sends = ["user and password"] if webhook.has_credentials else []
    sends += list(webhook.header_keys or ())
    return {
        "enabled": "yes" if webhook.enabled else "no",
        "reports": ", ".join(webhook.events or ()) or "nothing",
        "sends": ", ".join(sends) or "no credentials",
        "id": webhook.id,
    }
