"""`python -m core.cli`: the same as `gladly-source`."""

from __future__ import annotations

from core.cli import main

main()
