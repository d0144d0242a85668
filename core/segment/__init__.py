"""Segment's tracking API: batches and uploads."""

from __future__ import annotations
