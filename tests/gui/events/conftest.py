"""A session that only looks."""

from __future__ import annotations

from tests.gui.viewer import filled, make_viewer

__all__ = ["filled", "make_viewer"]
