"""Health: the components as they are now, and the doctor's checks."""

from __future__ import annotations
