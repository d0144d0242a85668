"""Test events: made, checked, shown beforehand, sent and watched; for the verb and the window."""

from __future__ import annotations
