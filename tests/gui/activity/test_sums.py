"""The sums in words: a verdict for each day, and a sentence above them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.sums import DaySums, Fault, Offender, Sums, start_of
from gui.activity import sums as telling

TODAY = date(2026, 5, 28)
WEEK, MONTH, ALL = telling.stretches()
GOOD = DaySums(day=TODAY, seen=12, mapped=10, skipped=2, accepted=9, discarded=1)


def day(back: int, **counts: int) -> DaySums:
    """A day so many days ago."""
    return DaySums(day=TODAY - timedelta(days=back), **counts)


def sums(*days: DaySums, offenders: tuple[Offender, ...] = (), since: float = 0.0) -> Sums:
    """All that was added up."""
    return Sums(since=since, until=1e12, days=days, offenders=offenders)


@pytest.mark.parametrize(
    ("counts", "text", "tone"),
    [
        ({"seen": 2, "skipped": 2}, "Adds up", "good"),
        ({"seen": 3, "skipped": 1, "waiting": 2}, "2 under way", "busy"),
        ({"seen": 2, "mapped": 2, "pending": 1, "retrying": 1}, "2 under way", "busy"),
        ({"seen": 1200, "mapped": 3, "dead": 3}, "1,197 seen, no more", "bad"),
        ({"seen": 1, "skipped": 3}, "2 more than seen", "bad"),
        ({"seen": 4, "mapped": 4, "accepted": 1}, "3 mapped, no delivery", "bad"),
        ({"seen": 1, "mapped": 1, "accepted": 2}, "1 more than mapped", "bad"),
        ({"seen": 5, "mapped": 4, "accepted": 2}, "3 do not add up", "bad"),
    ],
)
def test_a_day_adds_up_or_it_says_which_side_does_not(
    counts: dict[str, int], text: str, tone: str
) -> None:
    word = telling.verdict(day(0, **counts))

    assert (word.text, word.tone) == (text, tone)


def test_the_verdict_in_full_names_both_sides() -> None:
    assert telling.verdict_in_full(GOOD) == "Both sums add up."
    assert telling.verdict_in_full(day(0, seen=1, waiting=1)) == (
        "Both sums add up. 1 are still waiting, pending or retrying."
    )
    assert telling.verdict_in_full(day(0, seen=5, mapped=4, accepted=2)) == (
        "Does not add up: 1 of 5 seen are neither mapped, skipped, unmappable nor waiting. "
        "2 of 4 mapped have no delivery."
    )
    assert telling.verdict_in_full(day(0, seen=1, mapped=2, accepted=4)) == (
        "Does not add up: 1 more are accounted for than were seen. "
        "There are 2 more deliveries than were mapped."
    )


def test_days_that_balance_each_other_out_do_not_add_up() -> None:
    found = sums(day(1, seen=1, mapped=1), day(0, accepted=1))

    assert found.total.adds_up
    assert telling.verdict_of_all(found).text == "2 days do not add up"
    assert telling.verdict_of_all(sums(GOOD, day(0, seen=1))).text == "1 day does not add up"


def test_all_days_are_only_as_good_as_their_rows() -> None:
    offender = Offender(row="d1", fault=Fault.UNPROVED)

    assert telling.verdict_of_all(sums(GOOD)).text == "Adds up"
    assert telling.verdict_of_all(sums(GOOD, offenders=(offender,))).tone == "bad"


def test_every_notification_is_accounted_for() -> None:
    since = start_of(TODAY - timedelta(days=6), None)
    many = sums(day(2, seen=12_396, skipped=12_396), GOOD, since=since)

    told = telling.told(many, WEEK, TODAY)

    assert told == telling.Told(
        "good", "Every one of the 12,408 notifications of the last 7 days is accounted for."
    )
    one = telling.told(sums(day(0, seen=1, skipped=1), since=since), WEEK, TODAY)
    assert one.title == "The one notification of the last 7 days is accounted for."


def test_where_retention_took_days_it_says_since_when() -> None:
    found = sums(day(2, seen=2, skipped=2), since=start_of(TODAY - timedelta(days=2), None))
    title = "Every one of the 2 notifications since May 26 is accounted for."

    assert telling.told(found, MONTH, TODAY).title == title
    assert telling.told(found, ALL, TODAY).title == title
    assert "May 26, 2026" in telling.told(found, ALL, date(2027, 1, 1)).title


def test_what_is_under_way_and_what_is_dead_is_said_with_what_to_do() -> None:
    found = sums(day(1, seen=3, mapped=3, dead=2, retrying=1), day(0, seen=1, waiting=1), since=0.0)

    told = telling.told(found, WEEK, TODAY)

    assert told.hint == (
        "2 of them are under way, and go on by themselves. "
        "2 of them are dead: see why, and send them again."
    )
    assert told.query == "status:dead day:2026-05-27..2026-05-28"


def test_what_is_not_accounted_for_is_said_loudly() -> None:
    offenders = (
        Offender(row="w7", fault=Fault.NO_CALL),
        Offender(row="w8", fault=Fault.NO_CALL),
    )
    found = sums(day(8, seen=4, mapped=4, accepted=2), GOOD, offenders=offenders)

    told = telling.told(found, ALL, TODAY)

    assert told.tone == "bad"
    assert told.title == "On May 20, 2 notifications are not accounted for."
    assert "w7, w8 (mapped, but its call is not there)." in told.hint
    assert "`gladly-source show ID`" in told.hint
    assert told.page == "health"
    several = telling.told(sums(day(3, seen=1), day(1, seen=2)), ALL, TODAY).title
    assert several == "On 2 days, 3 notifications are not accounted for, the last on May 27."
    assert telling.told(sums(day(1, seen=1)), ALL, TODAY).title == (
        "On May 27, 1 notification is not accounted for."
    )


def test_rows_that_contradict_each_other_can_be_shown() -> None:
    offenders = tuple(Offender(row=f"d{one}", fault=Fault.UNPROVED) for one in (3, 12))

    told = telling.told(sums(GOOD, offenders=offenders), ALL, TODAY)

    assert told.title == "The days add up, but 2 rows cannot be as they are."
    assert told.query == "id:d12,d3"
    one = telling.told(sums(GOOD, offenders=offenders[:1]), ALL, TODAY)
    assert one.title == "The days add up, but 1 row cannot be as it is."


def test_days_are_today_or_a_date() -> None:
    assert telling.day_in_words(TODAY, TODAY) == "Today"
    assert telling.day_in_words(date(2026, 1, 2), TODAY) == "Jan 2"
    assert telling.day_in_words(date(2025, 12, 31), TODAY) == "Dec 31, 2025"
