"""The vocabulary of faults: how they are written, and which one strikes the next request.

A fault is written `name[:key=value,...]`. Every fault takes `count=N` (only the next N
requests), `rate=0.3` (that fraction of the requests, at random) and `path=TEXT` (only requests
whose path contains it). Faults of kind `Kind.SHAPE` change an answer and combine; of the rest,
the first that is still due answers.
"""

from __future__ import annotations

import random
import threading
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DEFAULT_HANG_SECONDS = 60.0
DEFAULT_SLOW_MS = 100.0
DEFAULT_TRICKLE_SECONDS = 1.0
DEFAULT_SKEW_SECONDS = -300.0
DEFAULT_CUT_BYTES = 100
COMMON_OPTIONS = frozenset({"count", "rate", "path"})


class Kind(Enum):
    """What a fault does to a request."""

    #: answers with a status of its own; the request has no effect
    STATUS = auto()
    #: answers in a way no API would, or not at all; the request has no effect
    BREAK = auto()
    #: the request takes effect, but its answer is lost
    LOSE = auto()
    #: changes how or when the true answer comes; combines with the others
    SHAPE = auto()
    #: strikes by what is in the body
    CONTENT = auto()


class _Spec(NamedTuple):
    kind: Kind
    summary: str
    options: frozenset[str] = frozenset()


_RETRY_AFTER = frozenset({"retry_after"})
_STATUS = {
    "400": "refuses the request as malformed",
    "401": "refuses the credentials",
    "403": "forbids the request",
    "404": "knows no such thing",
    "408": "gave up waiting for the request",
    "413": "finds the request too large",
    "429": "asks for fewer requests",
    "500": "fails inside",
    "502": "has no answer from behind the gateway",
    "503": "is down for maintenance",
    "504": "got no answer in time from behind the gateway",
}
_SPECS: dict[str, _Spec] = {
    **{name: _Spec(Kind.STATUS, text, _RETRY_AFTER) for name, text in _STATUS.items()},
    "reset": _Spec(Kind.BREAK, "reads the request, then resets the connection"),
    "hang": _Spec(Kind.BREAK, "reads the request and never answers", frozenset({"seconds"})),
    "html-200": _Spec(Kind.BREAK, "answers 200 with the page of a captive portal"),
    "bad-json-200": _Spec(Kind.BREAK, "answers 200 with JSON that is cut off"),
    "redirect": _Spec(Kind.BREAK, "answers 302 to somewhere else", frozenset({"to"})),
    "lost-answer": _Spec(Kind.LOSE, "does what was asked, then drops the connection"),
    "slow": _Spec(Kind.SHAPE, "answers late", frozenset({"ms"})),
    "trickle": _Spec(Kind.SHAPE, "answers a byte at a time", frozenset({"seconds"})),
    "cut": _Spec(
        Kind.SHAPE, "drops the connection in the middle of its answer", frozenset({"bytes"})
    ),
    "skew": _Spec(Kind.SHAPE, "has a wrong clock in its Date header", frozenset({"seconds"})),
    "errors-object": _Spec(Kind.SHAPE, "writes `errors` as an object instead of a list"),
    "poison-400": _Spec(Kind.CONTENT, "refuses batches with a certain event", frozenset({"event"})),
}
ALL_FAULTS = frozenset(_SPECS)
SEGMENT_FAULTS = ALL_FAULTS - {"errors-object"}
GLADLY_FAULTS = ALL_FAULTS - {"poison-400"}


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One fault as it was asked for."""

    name: str
    text: str
    count: int | None = None
    rate: float | None = None
    path: str | None = None
    seconds: float | None = None
    ms: float | None = None
    retry_after: float | None = None
    bytes: int | None = None
    to: str | None = None
    event: str | None = None

    @property
    def kind(self) -> Kind:
        """What this fault does to a request."""
        return _SPECS[self.name].kind


class Strike(NamedTuple):
    """What strikes one request: at most one fault that answers, and any number of shapes."""

    answer: Fault | None
    shapes: tuple[Fault, ...]

    def shape(self, name: str) -> Fault | None:
        """The shape of this name, if it strikes."""
        return next((fault for fault in self.shapes if fault.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all that strikes."""
        answer = () if self.answer is None else (self.answer.name,)
        return answer + tuple(fault.name for fault in self.shapes)


def describe(names: Iterable[str] = ALL_FAULTS) -> list[tuple[str, str]]:
    """Each fault with the line that explains it, sorted by name."""
    return [(name, _SPECS[name].summary) for name in sorted(names)]


def parse_fault(text: str, allowed: frozenset[str] = ALL_FAULTS) -> Fault:
    """Read one fault.

    Raises:
        ValueError: The name or an option is not known, or a value is not allowed.
    """
    name, _, rest = text.strip().partition(":")
    if name not in allowed:
        raise ValueError(f"Unknown fault {name!r}. Allowed: {', '.join(sorted(allowed))}.")
    options = dict(_option(part, name, text) for part in rest.split(",") if part.strip())
    try:
        fault = msgspec.convert(
            {"name": name, "text": text.strip(), **options}, Fault, strict=False
        )
    except msgspec.ValidationError as exc:
        raise ValueError(f"Fault {text!r}: {exc}.") from exc
    _check_ranges(fault)
    return fault


def _option(part: str, name: str, text: str) -> tuple[str, str]:
    key, equals, value = part.strip().partition("=")
    known = COMMON_OPTIONS | _SPECS[name].options
    if not equals or key not in known:
        raise ValueError(
            f"Fault {text!r}: {part.strip()!r} is not key=value with one of"
            f" {', '.join(sorted(known))}."
        )
    return key, value


def _check_ranges(fault: Fault) -> None:
    if fault.count is not None and fault.count < 1:
        raise ValueError(f"Fault {fault.text!r}: count must be 1 or more.")
    if fault.rate is not None and not 0 <= fault.rate <= 1:
        raise ValueError(f"Fault {fault.text!r}: rate must be from 0 to 1.")
    if fault.bytes is not None and fault.bytes < 0:
        raise ValueError(f"Fault {fault.text!r}: bytes must be 0 or more.")
    waits = (fault.ms, fault.retry_after, None if fault.name == "skew" else fault.seconds)
    if any(wait is not None and wait < 0 for wait in waits):
        raise ValueError(f"Fault {fault.text!r}: a wait cannot be negative.")


class FaultPlan:
    """The faults that are switched on, and how often each may still strike; thread-safe.

    Args:
        allowed: The names that make sense here.
        default_path: Where faults strike that name no path of their own.
        texts: Faults to begin with.
        seed: Of the dice behind `rate`.
    """

    def __init__(
        self,
        allowed: frozenset[str],
        *,
        default_path: str,
        texts: Iterable[str] = (),
        seed: int = 0,
    ) -> None:
        self._allowed = allowed
        self._default_path = default_path
        self._dice = random.Random(seed)  # noqa: S311 - drills must be repeatable
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._left: list[int | None] = []
        self.set(texts)

    def set(self, texts: Iterable[str]) -> None:
        """Switch exactly these faults on.

        Raises:
            ValueError: One of them cannot be read; then nothing changes.
        """
        faults = [parse_fault(text, self._allowed) for text in texts]
        with self._lock:
            self._faults = faults
            self._left = [fault.count for fault in faults]

    def clear(self) -> None:
        """Switch all faults off."""
        self.set(())

    def texts(self) -> list[str]:
        """The faults that may still strike, as they were written."""
        with self._lock:
            pairs = zip(self._faults, self._left, strict=True)
            return [fault.text for fault, left in pairs if left != 0]

    def strike(self, path: str) -> Strike:
        """What strikes a request to `path`, not looking at its body."""
        answer: Fault | None = None
        shapes: list[Fault] = []
        with self._lock:
            for index, fault in enumerate(self._faults):
                taken = fault.kind is Kind.CONTENT or (answer and fault.kind is not Kind.SHAPE)
                if taken or not self._due(index, path):
                    continue
                if fault.kind is Kind.SHAPE:
                    shapes.append(fault)
                else:
                    answer = fault
        return Strike(answer, tuple(shapes))

    def strike_content(self, path: str, matches: Callable[[Fault], bool]) -> Fault | None:
        """The first fault that strikes by content: `matches` says whether one would."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.kind is Kind.CONTENT and matches(fault) and self._due(index, path):
                    return fault
        return None

    def _due(self, index: int, path: str) -> bool:
        fault, left = self._faults[index], self._left[index]
        if left == 0 or (fault.path or self._default_path) not in path:
            return False
        if fault.rate is not None and self._dice.random() >= fault.rate:
            return False
        if left is not None:
            self._left[index] = left - 1
        return True
