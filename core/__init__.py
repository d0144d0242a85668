"""Qt-free engine of Gladly Source."""

from __future__ import annotations

__version__ = "0.1.0"
