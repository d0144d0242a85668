"""The live event viewer: table, filters, detail, and what a person may do to deliveries."""

from __future__ import annotations
