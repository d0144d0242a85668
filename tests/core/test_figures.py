"""Figures: every settled delivery and every upload is counted, and uploads are what they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.figures import Figures
from core.pipeline.forwarder import Settled
from core.segment.client import Answer, Result

if TYPE_CHECKING:
    from collections.abc import Sequence

ANSWER = Answer(result=Result.RETRY, code="segment.http_503", sentence="Later.")


class Segment:
    """Answers always the same."""

    def __init__(self) -> None:
        self.asked: list[tuple[Sequence[bytes], int]] = []

    async def upload(self, payloads: Sequence[bytes], *, retry_count: int = 0) -> Answer:
        self.asked.append((payloads, retry_count))
        return ANSWER


def test_what_was_never_settled_stands_at_nought_so_that_rates_begin_with_the_first():
    assert Figures().settled == {"accepted": 0, "retrying": 0, "dead": 0, "confirmed": 0}


def test_settled_deliveries_add_up():
    figures = Figures()

    figures.settle(Settled(counts={"accepted": 100, "dead": 1}))
    figures.settle(Settled(counts={"accepted": 50}))

    assert figures.settled == {"accepted": 150, "retrying": 0, "dead": 1, "confirmed": 0}


async def test_an_upload_is_counted_by_its_code_and_passed_on_as_it_is():
    figures, segment = Figures(), Segment()

    answer = await figures.measured(segment).upload([b"{}"], retry_count=2)

    assert answer is ANSWER
    assert segment.asked == [([b"{}"], 2)]
    assert figures.uploads == {"segment.http_503": 1}
    assert figures.upload_seconds.buckets()[-1] == ("+Inf", 1)
