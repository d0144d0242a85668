"""Verbs for looking after an installation: secret, check, diagnostics."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from core.cli import output
from core.cli.common import Context, pass_context, run, verb
from core.credentials import NAMES, canonical, meant, write_key_of
from core.errors import OperationError, SecretStoreUnavailable, SettingsError

if TYPE_CHECKING:
    from core.doctor.outcome import Outcome


@verb("secret")
@click.argument("action", type=click.Choice(["set", "unset", "list"]))
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="list: one JSON object a line.")
@pass_context
def secret(context: Context, action: str, name: str | None, *, as_json: bool) -> None:
    """Keep, remove or list secrets in the OS keyring.

    `set` reads from a prompt or stdin, never from arguments.
    """
    if action == "list":
        _list(context, [canonical(name)] if name else _all(context), as_json=as_json)
        return
    if name is None:
        raise click.UsageError(f"Say which secret: {', '.join(NAMES)}.")
    known = canonical(name)
    if action == "unset":
        if not context.secrets.place.delete(known):
            raise OperationError(f"{known} is not in the OS keyring.", "See `secret list`.")
        click.echo(f"{known} removed from the OS keyring.")
        return
    value = _ask(known)
    context.secrets.place.set(known, value)
    click.echo(f"{known} kept in the OS keyring.")


def _all(context: Context) -> list[str]:
    """Every secret there may be, with the write keys of the sources in the settings."""
    try:
        sources = context.load().settings.sources
    except SettingsError:
        return list(NAMES)
    return [*NAMES, *map(write_key_of, sources)]


def _ask(name: str) -> str:
    if sys.stdin.isatty():
        value = click.prompt(f"{name} ({meant(name)})", hide_input=True, err=True)
    else:
        value = sys.stdin.readline()
    value = value.strip().strip("\"'").strip()
    if not value:
        raise OperationError("Nothing was given.", "Type or pipe the secret in.")
    return str(value)


def _list(context: Context, names: list[str], *, as_json: bool) -> None:
    made = output.table("name", "where", "what for")
    for name in names:
        try:
            found = context.secrets.find(name)
            where = found[1] if found else None
        except SecretStoreUnavailable:
            where = None
        if as_json:
            output.print_json({"name": name, "found": where is not None, "where": where})
        made.add_row(name, where or "(not set)", meant(name))
    if not as_json:
        output.console().print(made)


@verb("check")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pass_context
def check(context: Context, names: tuple[str, ...], *, as_json: bool) -> None:
    """Run the doctor: every check, with outcome and advice.

    Exit 1 if any fails.
    """
    failed = run(_check(context, names, as_json=as_json))
    if failed:
        raise OperationError(
            f"{failed} {'check fails' if failed == 1 else 'checks fail'}.",
            "Do what the lines above say, then check again.",
        )


async def _check(context: Context, names: tuple[str, ...], *, as_json: bool) -> int:
    from core.doctor.doctor import Doctor  # noqa: PLC0415 - other verbs need not load it

    doctor = Doctor(context.home, context.environ, context.secrets)
    console = output.console()
    failed = 0
    async for outcome in doctor.run(names):
        failed += outcome.verdict == "fail"
        if as_json:
            output.print_json(msgspec.structs.asdict(outcome))
            continue
        line = output.status_text(outcome.verdict)
        line.pad_right(max(0, 8 - len(line)))
        line.append(f"{outcome.name:10} ", style="bold")
        line.append(outcome.title, style="")
        console.print(line)
        if outcome.hint:
            console.print(" " * 19 + outcome.hint, markup=False, style="dim")
    return failed


@verb("diagnostics")
@click.option("--output", "target", type=click.Path(dir_okay=False, path_type=Path), required=True)
@pass_context
def diagnostics(context: Context, target: Path) -> None:
    """Write a redacted zip for support.

    It holds no payloads, no secrets and no personal data.
    """
    run(_diagnostics(context, target))
    click.echo(f"Written to {target}. Look into it before you send it.")


async def _diagnostics(context: Context, target: Path) -> None:
    from core import diagnostics as bundle  # noqa: PLC0415
    from core.doctor.doctor import Doctor  # noqa: PLC0415

    doctor = Doctor(context.home, context.environ, context.secrets)
    outcomes: list[Outcome] = [outcome async for outcome in doctor.run()]
    async with context.reading() as store:
        counts = await store.counts() if store is not None else None
    await bundle.write(
        target,
        context.home,
        context.environ,
        redact=context.redact,
        outcomes=outcomes,
        store_counts=counts,
    )
