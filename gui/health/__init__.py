"""Health: the components as they are now, the doctor's checks, and what mends them."""

from __future__ import annotations
