"""Connects what pages wish for to whoever can do it; a page knows neither shell nor other pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import SignalInstance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtCore import QObject


def connect_wishes(asker: QObject, answers: Mapping[str, Callable[..., object]]) -> list[str]:
    """Connect each answer to the signal of its name, where the asker has one.

    Returns:
        The names that were connected.
    """
    connected = []
    for name, answer in answers.items():
        signal = getattr(asker, name, None)
        if isinstance(signal, SignalInstance):
            signal.connect(answer)
            connected.append(name)
    return connected
