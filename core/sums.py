"""What was seen and what became of it, day by day, and whether it adds up. Pure.

Not to be mixed up with `core.segment.reconcile`, which compares with what Segment counted: this
is about our own store alone.

A webhook is counted to the day on which it was received, whatever became of it later:

    seen = mapped + skipped + unmappable + waiting
    mapped = accepted + pending + retrying + dead + discarded + erased

The first line comes from the webhooks. In the second, `mapped` comes from the webhooks and the
rest from the deliveries: each mapped webhook stands there once, with its own track call (of a
merge, its alias call). Identify calls, copies sent again under a new messageId, and calls of
webhooks that a later event showed to be none are deliveries beside that, so the page Events may
show more of them.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

from core.model import DeliveryStatus, WebhookStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

#: rows are counted by the quarter of an hour, of which every zone's days are made
QUARTER_SECONDS: Final = 900
NEXT: Final = timedelta(days=1)
#: so many rows are named
SHOWN: Final = 10
#: the fate of a webhook of which erasure left nothing that could be found
ERASED: Final = "erased"
#: what a webhook's status counts as
_STANDS: Final[dict[str, str]] = {
    WebhookStatus.RECEIVED: "waiting",
    WebhookStatus.WAITING: "waiting",
    WebhookStatus.RESOLVED: "mapped",
    WebhookStatus.SKIPPED: "skipped",
    WebhookStatus.UNMAPPABLE: "unmappable",
}
#: what a delivery's status counts as
_COUNTED: Final[dict[str, str]] = {
    DeliveryStatus.PENDING: "pending",
    DeliveryStatus.SENDING: "pending",
    DeliveryStatus.RETRYING: "retrying",
    DeliveryStatus.ACCEPTED: "accepted",
    DeliveryStatus.CONFIRMED: "accepted",
    DeliveryStatus.DEAD: "dead",
    DeliveryStatus.DISCARDED: "discarded",
    ERASED: ERASED,
}


class DaySums(msgspec.Struct, frozen=True, kw_only=True):
    """One day. Pending are those being sent, too; accepted are the confirmed, too."""

    day: date
    seen: int = 0
    mapped: int = 0
    skipped: int = 0
    unmappable: int = 0
    waiting: int = 0
    accepted: int = 0
    pending: int = 0
    retrying: int = 0
    dead: int = 0
    discarded: int = 0
    erased: int = 0

    @property
    def unaccounted(self) -> int:
        """How many were seen of which nothing more is said."""
        return self.seen - self.mapped - self.skipped - self.unmappable - self.waiting

    @property
    def unmatched(self) -> int:
        """How many were mapped without a call that can be found."""
        under_way = self.pending + self.retrying
        over = self.accepted + self.dead + self.discarded + self.erased
        return self.mapped - under_way - over

    @property
    def adds_up(self) -> bool:
        """Whether both sums hold."""
        return self.unaccounted == 0 and self.unmatched == 0


class Fault(StrEnum):
    """What can be wrong with a row; `w` and `d` say of which table."""

    #: a webhook or delivery
    STATUS = "unknown status"
    #: the others: a webhook
    NO_CALL = "mapped, but its call is not there"
    FORGOTTEN = "settled, but what it told is not known"
    SILENT = "not mapped, and no reason is given"
    NEVER_LOOKED_AT = "waits, but for no time"
    #: a delivery
    NO_WEBHOOK = "its webhook is not there"
    NEVER_SENT = "under way, but due at no time"
    EMPTY = "still to be sent, but there is nothing to send"
    UNPROVED = "accepted, but by none of its attempts"


class Offender(msgspec.Struct, frozen=True, kw_only=True):
    """A row that cannot be as it is: `w12` is a webhook, `d7` a delivery."""

    row: str
    fault: Fault


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """All days from `since` until `until` (epoch seconds) on which something was seen.

    `offenders` are at most ten for each fault.
    """

    since: float
    until: float
    days: tuple[DaySums, ...]
    offenders: tuple[Offender, ...] = ()

    @property
    def adds_up(self) -> bool:
        """Whether every day's sums hold and no row contradicts another."""
        return not self.offenders and all(one.adds_up for one in self.days)

    @property
    def shown(self) -> dict[str, str]:
        """Ten offending rows at most, and what is wrong with each."""
        faults: dict[str, list[str]] = {}
        for one in self.offenders:
            faults.setdefault(one.row, []).append(str(one.fault))
        return {row: "; ".join(faults[row]) for row in list(faults)[:SHOWN]}

    @property
    def total(self) -> DaySums:
        """All days together, under the last of them."""
        sums: Counter[str] = Counter()
        for one in self.days:
            sums.update({name: getattr(one, name) for name in COLUMNS})
        last = self.days[-1].day if self.days else date.min
        return DaySums(day=last, **sums)


COLUMNS: Final = tuple(one for one in DaySums.__struct_fields__ if one != "day")


class Daybook:
    """Adds up counts by quarter of an hour into days.

    Args:
        zone: Whose days; None is this computer's.
    """

    def __init__(self, zone: tzinfo | None) -> None:
        self._zone = zone
        self._days: dict[date, Counter[str]] = {}

    def seen(self, rows: Iterable[tuple[int, str, int]]) -> None:
        """Webhooks by quarter and status."""
        for quarter, status, count in rows:
            day = self._day(quarter)
            day["seen"] += count
            if status in _STANDS:
                day[_STANDS[status]] += count

    def told(self, rows: Iterable[tuple[int, str, int]]) -> None:
        """Calls of mapped webhooks by the webhook's quarter and their own status, or ERASED."""
        for quarter, status, count in rows:
            if status in _COUNTED:
                self._day(quarter)[_COUNTED[status]] += count

    @property
    def days(self) -> tuple[DaySums, ...]:
        """The days so far, oldest first."""
        return tuple(
            DaySums(day=day, **{name: counts[name] for name in COLUMNS})
            for day, counts in sorted(self._days.items())
        )

    @property
    def unmatched(self) -> int:
        """Mapped webhooks without a call so far."""
        return sum(one.unmatched for one in self.days)

    def _day(self, quarter: int) -> Counter[str]:
        day = datetime.fromtimestamp(quarter * QUARTER_SECONDS, self._zone).date()
        return self._days.setdefault(day, Counter())


def as_csv(found: Sums) -> str:
    """A header and a row a day, oldest first; lines end as the csv module ends them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("day", *COLUMNS, "addsUp"))
    for one in found.days:
        counts = (getattr(one, name) for name in COLUMNS)
        writer.writerow((one.day.isoformat(), *counts, str(one.adds_up).lower()))
    return text.getvalue()


def from_midnight(since: float, kept_since: float, zone: tzinfo | None) -> float:
    """Where whole days begin: the day of `since`, but none of which retention took a part."""
    start = start_of(_day_of(since, zone), zone)
    return start if start >= kept_since else start_of(_day_of(kept_since, zone) + NEXT, zone)


def start_of(day: date, zone: tzinfo | None) -> float:
    """When a day of a zone begins (epoch seconds); None is this computer's zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def _day_of(at: float, zone: tzinfo | None) -> date:
    return datetime.fromtimestamp(at, zone).date()
