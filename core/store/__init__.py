"""Where every webhook, delivery and attempt rests."""

from __future__ import annotations
