"""A session that only looks."""

from __future__ import annotations

from tests.gui.viewer import make_viewer

__all__ = ["make_viewer"]
