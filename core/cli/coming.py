"""Verbs of the contract that a later version brings."""

from __future__ import annotations

import click

from core.cli.common import say

COMING = {
    "backfill": "Importing history from Gladly's export files",
}


def coming(name: str) -> click.Command:
    """A verb of the contract that a later version brings: says so, exit 2."""

    @click.pass_context
    def tell(ctx: click.Context) -> None:
        say(f"{COMING[name]} comes with a later version; see README, What is not there yet.")
        ctx.exit(2)

    return click.Command(
        name,
        callback=tell,
        help=f"{COMING[name]} (comes later).",
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
