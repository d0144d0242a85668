"""The live event viewer: the page, its filter bar and the filters that are kept."""

from __future__ import annotations
