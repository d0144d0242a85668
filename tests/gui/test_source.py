"""Which source wants a yes: a production one, and one that nobody knows."""

from __future__ import annotations

import pytest

from core.control import Address
from core.settings import Segment, Settings
from gui.source import Source, production_host, source_at, source_of


@pytest.mark.parametrize(
    ("profile", "host", "asked"),
    [
        ("production", "https://api.segment.io", "api.segment.io"),
        ("production", "http://127.0.0.1:9", None),
        ("sandbox", "https://api.segment.io", None),
        ("demo", "https://api.segment.io", None),
    ],
)
def test_only_a_production_source_has_to_be_confirmed(
    profile: str, host: str, asked: str | None
) -> None:
    source = source_of(Settings(segment=Segment(host=host)), profile)

    assert production_host(source) == asked


def test_an_engine_that_does_not_say_where_it_sends_is_taken_for_production() -> None:
    older = Address(url="http://127.0.0.1:1", token="t", pid=1)

    assert source_at(older) is None
    assert "does not say" in (production_host(source_at(older)) or "")


def test_an_engine_says_where_it_sends() -> None:
    address = Address(
        url="http://127.0.0.1:1",
        token="t",
        pid=1,
        profile="sandbox",
        segment="https://api.segment.io",
    )

    assert source_at(address) == Source(profile="sandbox", url="https://api.segment.io")
