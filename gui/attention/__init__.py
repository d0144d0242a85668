"""Needs attention: what is undelivered, why, and when the next try is."""

from __future__ import annotations
