"""Filters that say nothing let everything pass; facts have one version wherever they are read."""

from __future__ import annotations

import msgspec
import pytest

from core.store.base import Filter, WebhookFilter, fact_version, version_of
from tests.fakes.rows import new_fact


@pytest.mark.parametrize("kind", [Filter, WebhookFilter])
def test_a_filter_names_nothing_unless_told(kind: type[msgspec.Struct]) -> None:
    assert not any(msgspec.structs.asdict(kind()).values())


@pytest.mark.parametrize("kind", [Filter, WebhookFilter])
def test_a_filter_cannot_be_changed_once_made(kind: type[msgspec.Struct]) -> None:
    with pytest.raises(AttributeError):
        kind().search = "x"  # type: ignore[attr-defined]


def test_facts_that_were_read_have_the_version_of_their_rows() -> None:
    facts = [new_fact(occurred_ns=n, agent_id=a, customer_id="p") for n, a in ((1, "a"), (2, None))]
    rows = [[1, "CONVERSATION/CREATED", "a", "p"], [2, "CONVERSATION/CREATED", None, "p"]]

    assert version_of(facts) == fact_version(rows)
    assert version_of(facts[:1]) != fact_version(rows)
    assert version_of([]) == ()
