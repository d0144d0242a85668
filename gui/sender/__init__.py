"""The Test sender: events made as form or as JSON, sent and followed, and the fault drills."""

from __future__ import annotations
