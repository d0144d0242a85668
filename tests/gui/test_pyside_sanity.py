"""Whether the pinned PySide6 is safe: 6.12.0 loses one reference to None per call."""

from __future__ import annotations

import sys

import pytest

CALLS = 1000


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal since Python 3.12")
def test_a_call_that_returns_none_keeps_the_reference_count_of_none() -> None:
    """When this passes with PySide6 6.12 or later, the pin in pyproject.toml may go."""
    core = pytest.importorskip("PySide6.QtCore")
    thing = core.QObject()
    before = sys.getrefcount(None)

    for _ in range(CALLS):
        thing.setObjectName("name")

    assert abs(sys.getrefcount(None) - before) < CALLS // 10
