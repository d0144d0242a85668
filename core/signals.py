"""Typed, Qt-free notifications from the engine to whoever looks on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
log = logging.getLogger(__name__)


class Signal(Generic[T]):
    """Calls every receiver with each value, on the thread that emits.

    A receiver that raises is logged and does not keep the others from hearing.
    """

    def __init__(self) -> None:
        self._receivers: list[Callable[[T], None]] = []

    def connect(self, receiver: Callable[[T], None]) -> None:
        """Call `receiver` with every value from now on."""
        self._receivers.append(receiver)

    def disconnect(self, receiver: Callable[[T], None]) -> None:
        """Stop calling `receiver`; unknown ones are ignored."""
        if receiver in self._receivers:
            self._receivers.remove(receiver)

    def emit(self, value: T) -> None:
        """Tell every receiver."""
        for receiver in tuple(self._receivers):
            try:
                receiver(value)
            except Exception:
                log.exception("a receiver of a signal failed")
