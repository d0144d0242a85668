"""What happened since the engine started, counted as it happens: for /metrics."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from core.durations import Durations
from core.model import DeliveryStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.pipeline.forwarder import Settled, Uploader
    from core.segment.client import Answer

#: an upload is given up after 30 s
UPLOAD_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
#: what an attempt or an echo can come to
OUTCOMES = (
    DeliveryStatus.ACCEPTED,
    DeliveryStatus.RETRYING,
    DeliveryStatus.DEAD,
    DeliveryStatus.CONFIRMED,
)


class Figures:
    """Counts what the engine's parts tell.

    Attributes:
        settled: Deliveries by what an attempt, or an echo, came to.
        uploads: Requests to Segment by the code of the answer.
        upload_seconds: How long they took.
        started_at: When counting began, epoch seconds.
    """

    def __init__(self) -> None:
        self.settled: Counter[str] = Counter({status.value: 0 for status in OUTCOMES})
        self.uploads: Counter[str] = Counter()
        self.upload_seconds = Durations(UPLOAD_BOUNDS)
        self.started_at = time.time()

    def settle(self, told: Settled) -> None:
        """Count deliveries that were settled."""
        for status, count in told.counts.items():
            self.settled[str(status)] += count

    def measured(self, uploader: Uploader) -> Uploader:
        """The same, with its uploads counted here."""
        return _Measured(uploader, self)


class _Measured:
    def __init__(
        self,
        uploader: Uploader,
        figures: Figures,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._uploader = uploader
        self._figures = figures
        self._clock = clock

    async def upload(self, payloads: Sequence[bytes], *, retry_count: int = 0) -> Answer:
        """Try once to upload the payloads as one batch."""
        started = self._clock()
        answer = await self._uploader.upload(payloads, retry_count=retry_count)
        self._figures.upload_seconds.add(self._clock() - started)
        self._figures.uploads[answer.code] += 1
        return answer
