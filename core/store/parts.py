"""What a filter consists of: for each of its members, the rows it leads to and how to check one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from core.model import Channel
from core.store.words import MESSAGE_PREFIX, composed, split, storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from core.store.base import Driver, Filter, Tx

#: so many names of events or codes are known at most
NAMES: Final = 500
ACCEPTED_CODE: Final = "segment.accepted"
#: as the index on codes has it: what stands almost everywhere is not in it
RARE_CODE: Final = f"d.last_code <> '' AND d.last_code <> '{ACCEPTED_CODE}'"
NOTHING: Final = "1 = 0"
_MESSAGE = re.compile(re.escape(MESSAGE_PREFIX) + "[0-9a-z-]*")


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a filter.

    `ids` are statements for the ids it leads to, `check` is the condition for rows that come
    another way. With an `index`, each of `runs` is in the order of ids.
    """

    ids: tuple[str, ...]
    check: str
    index: str = ""
    runs: tuple[str, ...] = ()


class Parts:
    """Takes a filter apart; collects the parameters of its statements.

    Args:
        driver: Knows the words of its dialect.
        tx: To look names up in.
        wanted: The filter.
    """

    def __init__(self, driver: Driver, tx: Tx, wanted: Filter) -> None:
        self._driver = driver
        self._tx = tx
        self._wanted = wanted
        self.parameters: dict[str, object] = {}
        words = split(wanted.search or "")
        #: the beginnings of messageIds among the free words
        self._messages = [word.lower() for word in words if _MESSAGE.fullmatch(word.lower())]
        self._free = [word for word in words if not _MESSAGE.fullmatch(word.lower())]

    def words(self) -> str:
        """What is searched for, in the language of the database; empty for nothing."""
        wanted = self._wanted
        fields = {"customer": wanted.customer, "agent": wanted.agent, "email": wanted.email}
        by_column = {name: split(text) for name, text in fields.items() if text}
        if not self._free and not any(by_column.values()):
            return ""
        return self._driver.search_query(self._free, by_column)

    def leading(self) -> Iterator[Part]:
        """The parts that may lead to rows, beginning with those that mostly lead to few."""
        wanted = self._wanted
        if wanted.ids:
            yield self._set(
                f"d.id IN ({', '.join(f'{one:d}' for one in dict.fromkeys(wanted.ids))})"
            )
        yield from self._messages_meant()
        if wanted.conversation is not None:
            yield self._runs("delivery_conversation", "conversation_id", [wanted.conversation])
        if wanted.replay:
            yield self._run("delivery_replay", "d.replay_of IS NOT NULL")
        if wanted.incomplete:
            yield self._run("delivery_incomplete", "d.incomplete <> 0")
        yield from self._kinds()
        if received := self._received():
            yield self._set(received, index="delivery_received")

    def _messages_meant(self) -> Iterator[Part]:
        if self._wanted.messages:
            yield self._set(f"d.message_id IN ({self._list(self._wanted.messages)})")
        for word in self._messages:
            yield self._set(self._begins(word))

    def _kinds(self) -> Iterator[Part]:
        """Columns that hold one of a few values."""
        codes = self._codes()
        if codes is not None and ACCEPTED_CODE not in codes:
            yield self._runs("delivery_code", "last_code", codes, RARE_CODE)
        if (channels := _channels(self._wanted)) is not None:
            yield self._runs("delivery_channel", "channel", channels)
        if self._wanted.statuses:
            yield self._runs("delivery_status", "status", self._wanted.statuses)
        further = [one for one in self._wanted.sources if one]
        if further and "" not in self._wanted.sources:
            yield self._runs("delivery_source", "source", further, "d.source <> ''")
        if (events := self._events()) is not None:
            yield self._runs("delivery_event", "event", events)

    def checks(self) -> Iterator[str]:
        """The conditions that lead nowhere: mostly everything passes."""
        wanted = self._wanted
        if wanted.replay is False:
            yield "d.replay_of IS NULL"
        if "" in wanted.sources:
            yield f"d.source IN ({self._list(wanted.sources)})"
        if wanted.incomplete is False:
            yield "d.incomplete = 0"
        codes = self._codes()
        if codes is not None and ACCEPTED_CODE in codes:
            yield f"d.last_code IN ({self._list(codes)})"
        if wanted.email and "@" in wanted.email:
            # The words of an address occur in other addresses, too.
            text = re.sub(r"([\\%_])", r"\\\1", composed(wanted.email).lower())
            yield (
                "EXISTS (SELECT 1 FROM delivery_content c WHERE c.delivery_id = d.id "  # noqa: S608
                rf"AND c.email LIKE {self._value(f'%{text}%')} ESCAPE '\')"
            )

    def _runs(self, index: str, column: str, values: Sequence[str], also: str = "1 = 1") -> Part:
        """One run a value."""
        if not values:
            return Part(ids=(), check=NOTHING)
        runs = [f"d.{column} = {self._value(one)} AND {also}" for one in dict.fromkeys(values)]
        return self._run(index, *runs, check=f"d.{column} IN ({self._list(values)})")

    def _run(self, index: str, *runs: str, check: str = "") -> Part:
        ids = tuple(self._ids(run, index) for run in runs)
        return Part(ids=ids, check=check or runs[0], index=index, runs=runs)

    def _set(self, condition: str, *, index: str = "") -> Part:
        return Part(ids=(self._ids(condition, index),), check=condition)

    def _ids(self, condition: str, index: str) -> str:
        hint = f" {self._driver.by_index(index)}" if index else ""
        return f"SELECT d.id FROM delivery d{hint} WHERE {condition}"  # noqa: S608 - composed here

    def _begins(self, word: str) -> str:
        """In the order of the alphabet, what begins so ends before the next letter."""
        end = word[:-1] + chr(ord(word[-1]) + 1)
        return f"d.message_id >= {self._value(word)} AND d.message_id < {self._value(end)}"

    def _received(self) -> str:
        since, until = self._wanted.since, self._wanted.until
        terms = [
            "" if since is None else f"d.received_at >= {self._value(since)}",
            "" if until is None else f"d.received_at < {self._value(until)}",
        ]
        return " AND ".join(filter(None, terms))

    def _events(self) -> list[str] | None:
        wanted = self._wanted
        if not wanted.events:
            return None if wanted.event is None else [wanted.event]
        known = [row[0] for row in self._tx.run("known_events", limit=NAMES)]
        found = _containing(known, wanted.events)
        return found if wanted.event is None else [one for one in found if one == wanted.event]

    def _codes(self) -> list[str] | None:
        if not self._wanted.codes:
            return None
        known = [row[0] for row in self._tx.run("known_codes", limit=NAMES)]
        return _containing([ACCEPTED_CODE, *known], self._wanted.codes)

    def _list(self, values: Iterable[object]) -> str:
        return ", ".join(self._value(one) for one in dict.fromkeys(values))

    def _value(self, value: object) -> str:
        """The place of a value in the statement."""
        name = f"v{len(self.parameters)}"
        self.parameters[name] = storable(value) if isinstance(value, str) else value
        return f":{name}"


def _containing(names: Iterable[str], parts: Iterable[str]) -> list[str]:
    """The names in which one of the parts occurs, in any case."""
    folded = [part.casefold() for part in parts]
    return [name for name in names if any(part in name.casefold() for part in folded)]


def _channels(wanted: Filter) -> list[str] | None:
    """The channels that pass; None for all."""
    if not wanted.channels and wanted.channel is None and wanted.test is None:
        return None
    return [
        str(one)
        for one in Channel
        if (not wanted.channels or one in wanted.channels)
        and wanted.channel in {None, one}
        and wanted.test in {None, one is Channel.TEST}
    ]
