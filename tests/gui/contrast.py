"""Contrast of two colours as WCAG 2 computes it."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QColor


def contrast(one: QColor | str, other: QColor | str) -> float:
    """1 (the same) to 21 (black on white)."""
    dark, light = sorted(_luminance(QColor(colour).rgb()) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


@cache
def _luminance(rgb: int) -> float:
    colour = QColor(rgb)

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(p) for p in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
