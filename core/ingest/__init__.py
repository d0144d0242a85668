"""Everything that comes in: the listener."""

from __future__ import annotations
