"""Activity: events, latency and backlog over time, and who covered the last 24 hours."""

from __future__ import annotations
