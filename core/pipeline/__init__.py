"""The workers between inbox and Segment, and what a person may ask of them."""

from __future__ import annotations
