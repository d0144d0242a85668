"""A draft with ids that come in order, and a clock that stands."""

from __future__ import annotations

import itertools

import pytest

from core.sender.bodies import BodyMaker
from gui.sender.draft import Draft

NOW = 1_780_000_000


@pytest.fixture
def maker() -> BodyMaker:
    marks = itertools.count(1)
    return BodyMaker(clock=lambda: NOW * 10**9, mark=lambda: f"m{next(marks)}")


@pytest.fixture
def draft(maker: BodyMaker) -> Draft:
    return Draft(maker, clock=lambda: float(NOW))
