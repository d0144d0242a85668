"""Gladly's REST API: typed views and the client."""

from __future__ import annotations
