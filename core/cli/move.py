"""The verb move: takes a home's SQLite store to PostgreSQL, and says when it is safe to go on."""

from __future__ import annotations

import copy
import sys
import tomllib
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click
import tomli_w
from rich.progress import Progress

from core.addresses import without_password
from core.cli import output
from core.cli.common import Context, pass_context, run, say, verb
from core.control import ControlClient
from core.doctor.storage import in_words
from core.errors import OperationError, SettingsUnreadable, StoreInUse, StoreMoved
from core.home import Home, write_private
from core.store.moved import Mark
from core.store.moving import Moving
from core.store.opening import driver_for
from core.store.sqlite_move import SqliteSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.store.postgres_move import PostgresTarget
    from core.store.row_sums import TableSum

ADDRESS = "It begins with postgresql://, such as postgresql://user@host:5432/database."


@verb("move")
@click.option(
    "--to",
    "url",
    metavar="URL",
    required=True,
    envvar="GLADLY_SOURCE_STORE__URL",
    help="postgresql://user@host/database, empty; the password by PGPASSWORD or ~/.pgpass.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be copied.")
@click.option("--keep-settings", is_flag=True, help="Do not write store.url to settings.toml.")
@pass_context
def move(context: Context, url: str, *, dry_run: bool, keep_settings: bool) -> None:
    """Move the store to PostgreSQL.

    No engine may run on this home meanwhile. Copies every row with its id, compares both sides
    row by row, and only then names the database in the settings. Killed or interrupted, it goes
    on from there when run again.
    """
    shown = _address(url)
    _refuse_another(context, shown)
    driver_for(context.home, url, read_only=True)  # its packages are there
    from core.store.postgres_move import PostgresTarget  # noqa: PLC0415 - an extra

    target = PostgresTarget(url)
    if dry_run:
        _tell(context.home, target, shown)
        return
    run(_refuse_engine(context.home))
    try:
        _move(SqliteSource(context.home.store_file), target, shown)
    except KeyboardInterrupt:
        say("Interrupted: what is copied stays. Run it again: it goes on from there.")
        raise
    _switch(context, shown, keep_settings=keep_settings)
    if shown != url:
        say("The password is in no file of ours: set PGPASSWORD, or write it to ~/.pgpass.")
    click.echo(
        f"The old store stays in {context.home.store_file}, and every engine refuses it. It still "
        "holds everything, personal data as well: delete it once you are content."
    )


def _address(url: str) -> str:
    """The address as it may be shown."""
    try:
        shown = without_password(url)
    except ValueError:
        shown = ""
    if not shown.startswith(("postgresql://", "postgres://")):
        raise click.BadParameter(f"no address of a database. {ADDRESS}", param_hint="--to")
    return shown


def _refuse_another(context: Context, shown: str) -> None:
    now = context.load().settings.store.url
    if now is not None and without_password(now) != shown:
        raise OperationError(
            f"The store of this home is {without_password(now)} already: the file is not in use.",
            "Move from there with pg_dump, or take store.url out of the settings first.",
        )


async def _refuse_engine(home: Home) -> None:
    client = ControlClient.find(home)
    if client is None:
        return
    try:
        await client.health()
    except (StoreInUse, OperationError):
        return  # killed: it left its address behind
    raise StoreInUse(f"An engine works on {home.path}.", "Stop it, then run this again.")


def _tell(home: Home, target: PostgresTarget, shown: str) -> None:
    """What there is to copy, and whether it may go there; changes nothing."""
    source = SqliteSource(home.store_file)
    with closing(source), closing(target):
        source.look()
        if (elsewhere := source.moved_to()) is not None:
            raise StoreMoved(f"This store was moved to {elsewhere} already.", "Nothing is to do.")
        tables = source.tables()
        target.open(writing=False)
        found = target.mark(tables)
        made = output.table("table", "rows", "there already")
        for one in tables:
            there = target.count(one) if isinstance(found, Mark) else 0
            made.add_row(one.name, f"{source.count(one):,}", f"{there:,}")
        output.console().print(made)
        click.echo(
            f"{in_words(source.bytes)} in {home.store_file} would go to {shown}. "
            "Nothing was changed."
        )


def _move(source: SqliteSource, target: PostgresTarget, shown: str) -> None:
    with closing(source), closing(target):
        source.open()
        target.open()
        moving = Moving(source, target, shown)
        if moving.begin():
            _carry_out(moving, source)
        else:
            click.echo("All of it was copied and compared before.")
        moving.switch()


def _carry_out(moving: Moving, source: SqliteSource) -> None:
    total = sum(source.count(one) for one in moving.tables)
    there = sum(moving.copied().values())
    if there:
        say(f"Going on: {there:,} of {total:,} rows are there already.")
    with Progress(console=output.console(err=True), disable=not sys.stderr.isatty()) as bar:
        moving.copy(_advancing(bar, "Copying", total, there))
        moving.index(_advancing(bar, "Indexing", moving.indexes))
        compared = moving.compare(_advancing(bar, "Comparing", 2 * total))
    made = output.table("table", "rows", "checksum here and there")
    for one in compared:
        made.add_row(one.table, f"{one.here.rows:,}", _digest(one.here))
    output.console().print(made)


def _advancing(bar: Progress, what: str, total: int, done: int = 0) -> Callable[[str, int], None]:
    task = bar.add_task(what, total=total, completed=done)

    def report(table: str, rows: int) -> None:
        bar.update(task, description=f"{what} {table}", advance=rows)

    return report


def _digest(one: TableSum) -> str:
    return f"{one.digest:032x}"


def _switch(context: Context, shown: str, *, keep_settings: bool) -> None:
    """Name the database in the settings, unless the environment does."""
    loaded = context.load()
    if loaded.settings.store.url is not None:
        click.echo(f"store.url names {shown} ({loaded.origin['store.url']}).")
    elif keep_settings:
        click.echo(f'The settings are as before. Set store.url = "{shown}" to go on.')
    else:
        name_in_settings(context.home, shown)
        click.echo(f"store.url in {context.home.settings_file} names {shown} now.")


def name_in_settings(home: Home, url: str) -> None:
    """Set `store.url` in the settings file, and leave all else in it as it is.

    Raises:
        SettingsUnreadable: It cannot be read or written.
    """
    path = home.settings_file
    try:
        text = path.read_text("utf-8-sig") if path.exists() else ""
        tree = tomllib.loads(text)
        wanted: dict[str, Any] = copy.deepcopy(tree)
        wanted.setdefault("store", {})["url"] = url
        write_private(path, _with_url(text, url, wanted).encode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise SettingsUnreadable(
            f"Cannot write {path}: {getattr(exc, 'strerror', None) or 'it is not valid TOML'}. "
            "All rows are copied.",
            f'Set store.url = "{url}" there.',
        ) from exc


def _with_url(text: str, url: str, wanted: dict[str, Any]) -> str:
    """The file with one line more, comments and all; written anew where that does not do."""
    line = tomli_w.dumps({"url": url})
    lines = text.splitlines(keepends=True)
    places = [number for number, one in enumerate(lines, 1) if one.strip() == "[store]"]
    if places:
        edited = "".join([*lines[: places[0]], line, *lines[places[0] :]])
    else:
        gap = "\n" if text.endswith("\n") else "\n\n"
        edited = f"{text}{gap if text else ''}[store]\n{line}"
    try:
        return edited if tomllib.loads(edited) == wanted else tomli_w.dumps(wanted)
    except tomllib.TOMLDecodeError:
        return tomli_w.dumps(wanted)
