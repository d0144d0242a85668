"""Deliveries on screen, and what a person may do to them; Events and Needs attention share it."""

from __future__ import annotations
