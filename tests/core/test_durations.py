"""Durations by bucket: nothing is lost, and every bucket holds all that are shorter."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.durations import Durations

SECONDS = st.lists(st.floats(-1, 100, allow_nan=False), max_size=50)
BOUNDS = st.lists(st.floats(0.001, 60), min_size=1, max_size=10, unique=True).map(sorted)


@given(SECONDS, BOUNDS)
def test_each_bucket_holds_all_that_took_at_most_so_long(seconds: list[float], bounds: list[float]):
    durations = Durations(bounds)
    for one in seconds:
        durations.add(one)

    found = durations.buckets()

    assert found == [
        *((str(bound), sum(one <= bound for one in seconds)) for bound in bounds),
        ("+Inf", len(seconds)),
    ]
    assert durations.total == pytest.approx(math.fsum(max(0.0, one) for one in seconds))
