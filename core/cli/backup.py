"""The verbs backup and restore: a copy of the store, and such a copy put in place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.cli import output
from core.cli.common import Context, pass_context, say, verb
from core.errors import OperationError
from core.store.backup import back_up, put_in_place

if TYPE_CHECKING:
    from core.store.backup import Copied

MEGABYTE = 1_000_000
_FILE = click.Path(dir_okay=False, path_type=Path)


@verb("backup")
@click.argument("target", type=_FILE, metavar="FILE")
@click.option("--replace", is_flag=True, help="Replace FILE if it is there.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@pass_context
def backup(context: Context, target: Path, *, replace: bool, as_json: bool) -> None:
    """Copy the store into FILE, also while the engine runs.

    The copy is one moment of the store, whole and looked through, and holds personal data: only
    you can read it. Settings and secrets are not in it.
    """
    _only_sqlite(context, "pg_dump")
    copied = back_up(context.home.store_file, target, replace=replace)
    _tell(f"Copied to {target}", target, copied, as_json=as_json)


@verb("restore")
@click.argument("copy", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace the store that is there, for good.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@pass_context
def restore(context: Context, copy: Path, *, replace: bool, as_json: bool) -> None:
    """Put a copy from `backup` in place of the store.

    No engine may be running on it. The next one reads from Gladly what happened since the copy, at
    most 24 hours.
    """
    _only_sqlite(context, "pg_restore")
    copied = put_in_place(copy, context.home.store_file, replace=replace)
    _tell(f"Restored from {copy}", context.home.store_file, copied, as_json=as_json)
    say("Start `gladly-source serve`. People erased since the copy want erasing again.")


def _only_sqlite(context: Context, instead: str) -> None:
    if context.store_url is not None:
        raise OperationError(
            "The store is on PostgreSQL, which has its own way.", f"Use {instead}; see README."
        )


def _tell(what: str, path: Path, copied: Copied, *, as_json: bool) -> None:
    if as_json:
        output.print_json(
            {"file": str(path), "bytes": copied.size}
            | {"webhooks": copied.webhooks, "deliveries": copied.deliveries}
        )
        return
    click.echo(
        f"{what}: {copied.webhooks} webhooks and {copied.deliveries} deliveries, "
        f"{copied.size / MEGABYTE:.1f} MB."
    )
