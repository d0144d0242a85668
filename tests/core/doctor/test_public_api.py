"""Whose the write key is, in own words for each way in which it may be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from core.doctor import public_api as module
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from core.simulator.segment_public import PublicPages, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY, TOKEN = "Planted0123456789abcdefABCDEF012", "planted-public-token"
KEPT = {"write-key": KEY, "public-api-token": TOKEN}
OWN = Source(id="s1", name="Conversations", write_keys=("other", KEY))
GLADLY = Source(id="s2", name="Gladly US", write_keys=("g" * 32,), kind="Gladly")
FOREIGN = Source(id="s3", name="Website", write_keys=("w" * 32,), kind="Javascript")


def serving(*sources: Source, token: str = TOKEN) -> SimulatorServer:
    return SimulatorServer(SegmentSimulator(public=PublicPages(token, sources, "Acme")))


@pytest.fixture
def asked(make_subject, settings):
    """The outcome with these sources in the workspace."""

    async def ask(*sources: Source, kept: dict[str, str] | None = None, **sections: Any):
        with serving(*sources) as server:
            subject = make_subject(kept=kept or KEPT, public_urls={"us": server.url})
            return await module.public_api(subject, settings(confirm={"public_api": True}))

    return ask


@pytest.fixture
def regions(make_subject, settings) -> Iterator[Any]:
    """The outcome when the workspace is in the region that is not set."""

    async def ask(wanted: str, other: str):
        with serving(OWN, token="another") as here, serving(OWN) as there:
            urls = {wanted: here.url, other: there.url}
            subject = make_subject(kept=KEPT, public_urls=urls)
            return await module.public_api(subject, settings(confirm={"public_api": True}))

    return ask


async def test_the_key_is_proven_and_source_and_workspace_are_named(asked):
    outcome = await asked(FOREIGN, OWN)

    assert (outcome.verdict, outcome.code) == ("ok", "public_api.proven")
    assert "“Conversations”" in outcome.title
    assert outcome.detail == {"workspace": "Acme", "source": "Conversations"}


async def test_an_unknown_key_is_said(asked):
    outcome = await asked(FOREIGN)

    assert (outcome.verdict, outcome.code) == ("fail", "public_api.unknown_key")
    assert "“Acme”" in outcome.title
    assert "drops" in outcome.title


@pytest.mark.parametrize(("wanted", "other"), [("us", "eu"), ("eu", "us")])
async def test_the_wrong_region_is_said(regions, wanted: str, other: str):
    outcome = await regions(wanted, other)

    assert (outcome.verdict, outcome.code) == ("fail", "public_api.other_region")
    assert "“Acme”" in outcome.title
    assert outcome.hint == f"Set segment.region to {other}."


async def test_a_token_that_no_region_takes_is_said(asked):
    outcome = await asked(OWN, kept={**KEPT, "public-api-token": "wrong"})

    assert (outcome.verdict, outcome.code) == ("fail", "segment.public_api_refused")


async def test_the_official_source_beside_ours_is_a_warning(asked):
    outcome = await asked(OWN, GLADLY)

    assert (outcome.verdict, outcome.code) == ("warn", "public_api.official_too")
    assert "“Gladly US”" in outcome.title
    assert "twice" in outcome.hint


async def test_an_official_source_that_is_switched_off_is_none(asked):
    outcome = await asked(OWN, msgspec.structs.replace(GLADLY, enabled=False))

    assert outcome.code == "public_api.proven"


async def test_our_key_on_the_official_source_itself_is_a_warning(asked):
    outcome = await asked(msgspec.structs.replace(GLADLY, write_keys=(KEY,)))

    assert (outcome.verdict, outcome.code) == ("warn", "public_api.official_key")


async def test_a_source_that_is_switched_off_takes_nothing(asked):
    outcome = await asked(msgspec.structs.replace(OWN, enabled=False))

    assert (outcome.verdict, outcome.code) == ("fail", "public_api.disabled")


async def test_a_token_that_sees_no_keys_proves_nothing(asked):
    outcome = await asked(msgspec.structs.replace(OWN, write_keys=()))

    assert (outcome.verdict, outcome.code) == ("warn", "public_api.no_keys")


async def test_neither_key_nor_token_stands_in_the_outcome(asked):
    for sources in ((OWN,), (FOREIGN,), (OWN, GLADLY)):
        said = msgspec.json.encode(await asked(*sources))

        assert KEY.encode() not in said
        assert TOKEN.encode() not in said
