"""Gladly and Segment as local servers with faults, for demo, drills and tests."""

from __future__ import annotations
