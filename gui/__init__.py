"""Desktop window of Gladly Source; the engine below it runs without."""

from __future__ import annotations
