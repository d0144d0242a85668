"""The `gladly-source` command; contract.md lists its verbs."""

from __future__ import annotations

from core.cli.main import main

__all__ = ["main"]
