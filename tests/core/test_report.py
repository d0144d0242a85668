"""The report: exactly the contract's fields, and metrics that Prometheus can read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from core import __version__
from core.errors import StoreUnavailable
from core.health import Health
from core.model import Counts, DeliveryStatus, WebhookStatus
from core.report import EngineReport
from core.store.engines import Heard, Me
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from core.coverage import Gap


class Store:
    """Counts as a test wants them."""

    def __init__(
        self, counts: Counts | None = None, cursor: str | None = None, *, away: bool = False
    ) -> None:
        self._counts = counts or Counts(webhooks={}, deliveries={}, oldest_pending_at=None)
        self._cursor = cursor
        self._away = away
        self.ledger = self
        self.commit_seconds = None

    async def gaps(self, since: float, limit: int) -> list[Gap]:
        return []

    async def counts(self) -> Counts:
        if self._away:
            raise StoreUnavailable("The store is away.")
        return self._counts

    def clock(self) -> float:
        return time.time()

    @property
    def engines(self) -> Store:
        return self

    async def everybody(self) -> list[Heard]:
        engine = Me(
            id="a",
            name="host:7",
            role="forward",
            version="1.0",
            started_at=1_779_962_400.0,
            listens=False,
            leads=("poller",),
        )
        return [Heard(engine=engine, seconds=3.42)]

    async def get_meta(self, name: str) -> str | None:
        return self._cursor if name == "poll_cursor" else None


def report(store: Store, health: Health | None = None, **totals: int) -> EngineReport:
    return EngineReport(store, health or Health(FakeClock()), lambda: totals)  # type: ignore[arg-type]


async def test_status_has_exactly_the_fields_of_the_contract():
    health = Health(FakeClock())
    health.set("listener", "listening")
    counts = Counts(webhooks={"resolved": 2}, deliveries={"dead": 1}, oldest_pending_at=None)

    status = await report(Store(counts, cursor="2026-05-28T10:00:00Z"), health).status()

    assert status == {
        "webhooks": {"resolved": 2},
        "deliveries": {"dead": 1},
        "oldestPendingSeconds": None,
        "components": {"listener": "listening"},
        "gladlyWebhook": None,
        "pollCursor": "2026-05-28T10:00:00Z",
        "engines": [
            {
                "name": "host:7",
                "role": "forward",
                "version": "1.0",
                "startedAt": "2026-05-28T10:00:00.000Z",
                "lastHeardSeconds": 3.4,
                "lastHeard": "last heard 3.4 s ago",
                "isGone": False,
                "leads": ["poller"],
            }
        ],
    }


async def test_status_says_how_the_webhook_in_gladly_stands():
    health = Health(FakeClock())
    health.set("gladly-webhook", "ok")

    assert (await report(Store(), health).status())["gladlyWebhook"] == "ok"


@pytest.mark.parametrize(("ago", "least", "most"), [(60.0, 59.0, 90.0), (-60.0, 0.0, 0.0)])
async def test_the_age_of_the_oldest_is_in_seconds_and_never_negative(
    ago: float, least: float, most: float
):
    counts = Counts(webhooks={}, deliveries={}, oldest_pending_at=time.time() - ago)

    age = (await report(Store(counts)).status())["oldestPendingSeconds"]

    assert isinstance(age, float)
    assert least <= age <= most


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    ("word", "degraded"), [("ok", False), ("off", False), ("failed", True), ("refused", True)]
)
def test_degraded_means_that_a_component_wants_attention(word: str, degraded: bool):
    health = Health(FakeClock())
    health.set("segment", word)

    assert report(Store(), health).degraded() is degraded


NUMBERS = st.integers(0, 10**12)


@given(
    st.dictionaries(st.sampled_from([*WebhookStatus]), NUMBERS),
    st.dictionaries(st.sampled_from([*DeliveryStatus]), NUMBERS),
    st.dictionaries(st.sampled_from(["unauthorized_requests", "gladly_requests"]), NUMBERS),
)
async def test_metrics_are_read_back_by_prometheus_as_they_were_counted(
    webhooks: dict[str, int], deliveries: dict[str, int], totals: dict[str, int]
):
    counts = Counts(webhooks=webhooks, deliveries=deliveries, oldest_pending_at=None)

    text = (await report(Store(counts), **totals).metrics()).decode()

    families = {one.name: one for one in text_string_to_metric_families(text)}
    for name, rows in (("webhooks", webhooks), ("deliveries", deliveries)):
        samples = families[f"gladly_source_{name}"].samples
        assert {one.labels["status"]: one.value for one in samples} == rows
    for name, total in totals.items():
        (sample,) = families[f"gladly_source_{name}"].samples
        assert (sample.name, sample.value) == (f"gladly_source_{name}_total", total)


async def test_metrics_name_the_version_and_every_component_s_state():
    health = Health(FakeClock())
    health.set("store", "ok")
    health.set("gladly", "off")

    text = (await report(Store(), health).metrics()).decode()

    families = {one.name: one for one in text_string_to_metric_families(text)}
    (build,) = [
        sample for one in families.values() for sample in one.samples if "version" in sample.labels
    ]
    states = families["gladly_source_component_state"].samples
    assert build.labels == {"version": __version__}
    assert {(one.labels["component"], one.labels["state"]) for one in states} == {
        ("store", "ok"),
        ("gladly", "off"),
    }


async def test_a_store_that_is_away_is_told_to_the_caller():
    away = report(Store(away=True))

    with pytest.raises(StoreUnavailable):
        await away.status()
    with pytest.raises(StoreUnavailable):
        await away.metrics()


async def test_without_somebody_to_ask_it_is_not_ready():
    assert await report(Store()).ready() == "unavailable"
