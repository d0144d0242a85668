"""What the program promises."""

from __future__ import annotations
