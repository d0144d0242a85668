"""The demo's summary adds up, however it ended."""

from __future__ import annotations

import pytest

from core.cli.demo import summed_up
from core.simulator.tally import Figures

CUT = Figures(sent=10, accepted=7, missing=3)


def test_what_was_under_way_when_it_was_ended_is_not_lost_but_said() -> None:
    rows = dict(summed_up(CUT, over=False))

    assert rows == {"sent": 10, "accepted": 7, "under way": 3, "duplicates": 0, "lost": 0}


def test_what_is_missing_when_all_is_over_is_lost() -> None:
    assert dict(summed_up(CUT, over=True))["lost"] == 3


@pytest.mark.parametrize("over", [True, False])
def test_where_nothing_is_under_way_nothing_is_said_of_it(over: bool) -> None:
    rows = dict(summed_up(Figures(sent=4, accepted=4), over=over))

    assert rows == {"sent": 4, "accepted": 4, "duplicates": 0, "lost": 0}
