"""Set-up: the cards, and the wizard and the Settings page that are made of them."""

from __future__ import annotations
