"""Where an exception happened, in one line for the log: what it says may quote data."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging

#: a file is named by so many last parts of its path: enough to find it, no folder of a person's
PARTS = 2


def trace(error: BaseException) -> str:
    """Kinds and places of an exception and of what caused it; nothing of what they say."""
    return "; then ".join(_one(cause) for cause in reversed(causes(error)))


def log_mistake(log: logging.Logger, message: str, error: BaseException) -> None:
    """Log a mistake of ours with its trace, in place of `log.exception`, which tells its text."""
    log.error(message, extra={"trace": trace(error)})


def causes(error: BaseException) -> list[BaseException]:
    """An exception, its cause, that one's cause; an exception may be its own cause."""
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and not any(one is other for other in found):
        found.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return found


def kind_of(error: BaseException) -> str:
    """The name of its class, with the module where that is not Python's own."""
    kind = type(error)
    name = kind.__qualname__
    return name if kind.__module__ == "builtins" else f"{kind.__module__}.{name}"


def _one(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{_short(one.filename)}:{one.lineno} in {one.name}" for one in frames]
    return " > ".join([*places, kind_of(error)])


def _short(filename: str) -> str:
    return "/".join(Path(filename).parts[-PARTS:])
