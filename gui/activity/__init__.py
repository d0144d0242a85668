"""Activity: events, latency and backlog over the last hour, day or week."""

from __future__ import annotations
