"""What every verb shares: the home, the secrets, errors as one line, times, a store to read."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from core import settings
from core.credentials import KeyringPlace, Secrets
from core.errors import StoreUnavailable
from core.home import find_home
from core.logs import Redactor
from core.model import DeliveryStatus
from core.runner import loop_factory
from core.search import parse
from core.store.opening import driver_for, is_current, is_there, url_for
from core.store.sql_store import SqlStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from core.store.base import Filter

T = TypeVar("T")

#: an id that begins with a hyphen, as one in 64 of Gladly's does; no option is so long, or so short
_ODD_ID = re.compile(r"-[A-Za-z0-9_][A-Za-z0-9_-]+|--[A-Za-z0-9_-]{16,}")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Context:
    """The home that a verb works on, and what it reads from the environment.

    Args:
        home_option: The value of `--home`, if given.
    """

    def __init__(self, home_option: str | None) -> None:
        self.environ = os.environ
        self.home = find_home(home_option, self.environ)
        self.redact = Redactor()

    @property
    def secrets(self) -> Secrets:
        """Where this home's secrets are looked up."""
        return Secrets(self.environ, KeyringPlace(self.home.path))

    @property
    def store_url(self) -> str | None:
        """Where the store is, unless in the home."""
        return url_for(self.home, self.environ)

    def load(self) -> settings.Loaded:
        """The settings of this home.

        Raises:
            SettingsError: They cannot be used.
        """
        return settings.load(self.home, self.environ)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqlStore | None]:
        """The store, to read; None when there is none yet.

        Raises:
            StoreError: It cannot be read, or not before an engine brought it up to date.
        """
        url = self.store_url
        if not is_there(self.home, url):
            yield None
            return
        store = SqlStore(driver_for(self.home, url, read_only=True))
        await store.open()
        try:
            if not is_current(self.home, url):
                raise StoreUnavailable(
                    "This store was written by an older version.",
                    "Start `gladly-source serve` once: it brings the store up to date.",
                )
            yield store
        finally:
            await store.close()


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a verb's coroutine."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(coroutine)


class Verb(click.Command):
    """A verb that takes `--home` behind its name, too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(*args, **kwargs)
        self.params.append(
            click.Option(
                ["--home"],
                help="Folder with settings, store and logs.",
                expose_value=False,
                callback=_take_home,
            )
        )


class RowVerb(Verb):
    """A verb whose arguments are ids: one that begins with a hyphen is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put such ids behind `--`, as who knows it would have typed them."""
        options = {
            name: one
            for one in self.get_params(ctx)
            if isinstance(one, click.Option)
            for name in one.opts
        }
        plain: list[str] = []
        ids: list[str] = []
        for place, text in enumerate(args):
            if text == "--":
                plain += args[place:]
                break
            before = options.get(args[place - 1]) if place else None
            is_value = before is not None and not before.is_flag
            looks_odd = _ODD_ID.fullmatch(text) is not None and text not in options
            (ids if looks_odd and not is_value else plain).append(text)
        if ids and "--" not in plain:
            plain.append("--")
        return super().parse_args(ctx, [*plain, *ids])


def _take_home(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.obj = Context(value)


class Moment(click.ParamType[float]):
    """A point in time: ISO 8601 (`2026-05-28T10:00Z`, local without zone) or ago (`90m`, `2d`)."""

    name = "time"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's own
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> float:
        """Epoch seconds."""
        if isinstance(value, float):
            return value
        if match := re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", value.strip()):
            return time.time() - float(match[1]) * UNITS[match[2]]
        try:
            return datetime.fromisoformat(value).astimezone(UTC).timestamp()
        except (ValueError, OverflowError):
            advice = "use 2026-05-28T10:00, or 90m, 24h, 7d for ago."
            self.fail(f"{value!r} is no time: {advice}", param, ctx)


class RowId(click.ParamType[int]):
    """A row: `d12` or `12` for a delivery."""

    name = "id"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's own
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """The number of the delivery."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"d?(\d{1,18})", value.strip())
        if match is None:
            self.fail(f"{value!r} is no delivery id: see `gladly-source events`.", param, ctx)
        return int(match[1])


def filter_of(*, search: str | None, status: str | None, **terms: Any) -> Filter:  # noqa: ANN401 - members of Filter
    """The filter that options say, `--search` being in the language of the filter bar.

    Raises:
        click.BadParameter: The search makes no sense.
    """
    query = parse(search or "")
    if query.problem:
        raise click.BadParameter(query.problem, param_hint="--search")
    terms = {name: term for name, term in terms.items() if term is not None}
    if query.filter.since is not None and {"since", "until"} & terms.keys():
        hint = "names a day, and so do --since and --until."
        raise click.BadParameter(hint, param_hint="--search")
    if status is None:
        return msgspec.structs.replace(query.filter, **terms)
    if query.filter.statuses:
        raise click.BadParameter("names a status, and so does --status.", param_hint="--search")
    return msgspec.structs.replace(query.filter, statuses=(DeliveryStatus(status),), **terms)


def say(line: str) -> None:
    """One line to stderr: what a person should know, not what a program reads."""
    click.echo(line, err=True)


def verb(name: str, kind: type[Verb] = Verb) -> Callable[[Callable[..., Any]], click.Command]:
    """A click command of this name that also takes `--home`."""
    return click.command(name, cls=kind)


def on_terminal() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty()


pass_context = click.make_pass_decorator(Context)
