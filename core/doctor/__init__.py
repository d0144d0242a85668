"""Named checks with outcome and advice: `gladly-source check`, the wizard and the Health page."""

from __future__ import annotations
