"""What does not go well, in words, and what a press mends; Health and Needs attention share it."""

from __future__ import annotations
