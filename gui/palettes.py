"""The colours of the window by name: one light set, one dark."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TONES = ("good", "busy", "warn", "bad", "idle")

LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "window": "#f5f5f7",
        "base": "#ffffff",
        "raised": "#ffffff",
        "hover": "#ebecf0",
        "pressed": "#dfe1e7",
        "line": "#dfe0e5",
        "edge": "#878c98",
        "handle": "#c3c6cf",
        "text": "#1b1c21",
        "muted": "#5c606b",
        "disabled": "#9a9ea8",
        "accent": "#4351c5",
        "accent_hover": "#3744ae",
        "on_accent": "#ffffff",
        "selection": "#e1e5fa",
        "good": "#156a3b",
        "good_soft": "#e0f3e8",
        "busy": "#1d5ba6",
        "busy_soft": "#e2eefb",
        "warn": "#855000",
        "warn_soft": "#fcefd6",
        "bad": "#ac231c",
        "bad_soft": "#fde9e7",
        "idle": "#575b66",
        "idle_soft": "#ebecf0",
        "json_key": "#3744ae",
        "json_string": "#156a3b",
        "json_number": "#9c3a10",
        "json_word": "#86218f",
        "json_mark": "#5c606b",
    }
)

DARK: Mapping[str, str] = MappingProxyType(
    {
        "window": "#18191d",
        "base": "#1d1e23",
        "raised": "#212228",
        "hover": "#2a2b32",
        "pressed": "#34363e",
        "line": "#32343c",
        "edge": "#767b88",
        "handle": "#4b4e59",
        "text": "#e7e8ec",
        "muted": "#a3a7b3",
        "disabled": "#6b6f7a",
        "accent": "#9aa7fb",
        "accent_hover": "#b3bdfd",
        "on_accent": "#14162d",
        "selection": "#2d3359",
        "good": "#74d29d",
        "good_soft": "#193527",
        "busy": "#8bbdf8",
        "busy_soft": "#1b304d",
        "warn": "#efb95d",
        "warn_soft": "#3b2c12",
        "bad": "#ffa49b",
        "bad_soft": "#46221f",
        "idle": "#b0b4bf",
        "idle_soft": "#2d2f37",
        "json_key": "#a9b4fc",
        "json_string": "#83d6a7",
        "json_number": "#f3b083",
        "json_word": "#e0a3ea",
        "json_mark": "#a3a7b3",
    }
)
