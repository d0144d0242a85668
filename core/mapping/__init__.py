"""From what Gladly says to what Segment gets; pure."""

from __future__ import annotations
