"""The webhook in Gladly, by its API: `gladly-source webhook`, the wizard and Settings."""

from __future__ import annotations
