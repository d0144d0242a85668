"""The named SQL statements of resources/sql/queries.sql."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

_NAME = re.compile(r"^-- (\w+) --$", re.MULTILINE)


@cache
def load() -> dict[str, str]:
    """Every statement by name, as written."""
    text = resources.files("resources").joinpath("sql/queries.sql").read_text("utf-8")
    parts = _NAME.split(text)
    return {name: sql.strip() for name, sql in zip(parts[1::2], parts[2::2], strict=True)}
