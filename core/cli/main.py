"""The group of verbs, and the last place where an error can become one plain line."""

from __future__ import annotations

import importlib
import io
import os
import sys
import traceback
from typing import Any

import click

from core import __version__
from core.cli import desktop
from core.cli.common import Context, say
from core.errors import GladlySourceError

#: each verb and the module of this package that holds it
VERBS = {
    "demo": "demo",
    "serve": "serve",
    "send": "send",
    "events": "events",
    "show": "events",
    "replay": "replay",
    "export": "export",
    "backup": "backup",
    "restore": "backup",
    "webhook": "webhook",
    "status": "status",
    "check": "tools",
    "secret": "tools",
    "erase": "replay",
    "diagnostics": "tools",
    "simulate": "simulate",
    "catch-up": "heal",
    "backfill": "backfill",
    "coverage": "heal",
    "reconcile": "sums",
    "move": "move",
}
INTERRUPTED = 130
USAGE = 2


class VerbGroup(click.Group):
    """Loads a verb's module only when that verb is asked for: `events` need not load Starlette."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb's name."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb, loaded now."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"core.cli.{VERBS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command


@click.group(
    cls=VerbGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--home", help="Folder with settings, store and logs.", metavar="DIR")
@click.version_option(__version__, prog_name="gladly-source")
@click.pass_context
def cli(context: click.Context, home: str | None) -> None:
    """Gladly conversations into Twilio Segment, durably, and visible on the way.

    Without a command the desktop app opens. Try `gladly-source demo` first: it needs no account.
    """
    context.obj = Context(home)
    if context.invoked_subcommand is not None:
        return
    if desktop.has_display(os.environ):
        context.exit(desktop.load_app().run(context.obj.home, os.environ))
    click.echo(context.get_help())
    say(
        "There is no display for the desktop app: use `gladly-source serve`, or try "
        "`gladly-source demo --headless`."
    )
    context.exit(USAGE)


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code; never with a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Names come in all scripts; a redirected stream on Windows would refuse them.
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="replace")
    sys.exit(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    try:
        code: Any = cli.main(arguments, prog_name="gladly-source", standalone_mode=False)
    except click.ClickException as exc:
        exc.show()
        return exc.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except GladlySourceError as exc:
        say(f"gladly-source: {exc}")
        return exc.exit_code
    except BrokenPipeError:
        # Whoever read our output has enough, such as `head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as exc:  # noqa: BLE001 - the last place: a bug of ours, told in one line
        return _bug(exc)
    return code if isinstance(code, int) else 0


def _bug(exc: Exception) -> int:
    frame = traceback.extract_tb(exc.__traceback__)[-1]
    say(
        f"gladly-source: a mistake of ours: {type(exc).__name__} in {frame.name}, line "
        f"{frame.lineno} of {os.path.basename(frame.filename)}. "  # noqa: PTH119
        "Please report it with `gladly-source diagnostics`."
    )
    return 1
