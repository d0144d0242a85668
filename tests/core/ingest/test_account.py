"""What an import came to is said to the number."""

from __future__ import annotations

import pytest

from core.ingest.account import CANCELLED, DONE, FAILED, REASONS, Account, Cut, sentences
from core.ingest.history import Unclear


def said(**changes: object) -> str:
    account = Account(dry_run=False, since=0.0, until=1.0, state=DONE)
    for name, value in changes.items():
        setattr(account, name, value)
    return " ".join(sentences(account))


def test_everything_that_was_found_is_named_with_its_number():
    text = said(
        jobs=14,
        jobs_read=14,
        changes=1204,
        known=1000,
        facts=340,
        opened=120,
        closed=180,
        unclear={"begun-before": 10, "no-agent": 2},
        unreadable=1,
        young=45,
        not_ready=2,
        gaps=1,
    )
    assert text == (
        "14 of 14 export jobs read: 1,204 changes of status, 1,000 known. "
        "Missing were 120 Opened and 180 Closed: they go out. "
        "Left alone: 10 of conversations that began before the files do, "
        "2 to which Gladly names no agent. "
        "1 line could not be understood. "
        "45 changes of the last 24 hours: `gladly-source catch-up` reads those. "
        "2 export jobs not done, or failed, in Gladly. "
        "1 gap imported."
    )


def test_a_dry_run_says_that_nothing_was_changed():
    text = said(jobs=1, jobs_read=1, facts=1, opened=1, gaps=2, dry_run=True)
    assert "they would go out" in text
    assert "2 gaps would be imported." in text
    assert text.endswith("Nothing was changed: this was a dry run.")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Gladly has no export files of that time."),
        ({"jobs": 2, "jobs_read": 2}, "Nothing was missing."),
        ({"cut": Cut.FILES}, "for 14 days"),
        ({"cut": Cut.RETENTION}, "before 1970-01-01T00:00:00.000Z is left alone"),
        ({"jobs": 1, "jobs_read": 1, "facts": 47}, "Nothing was missing."),
        ({"state": CANCELLED}, "the next import goes on from there"),
        ({"jobs": 2, "jobs_read": 1, "state": FAILED}, "Nothing was missing so far."),
    ],
)
def test_what_came_of_it_is_plain(changes: dict[str, object], words: str):
    assert words in said(**changes)


def test_before_anything_was_read_nothing_is_claimed():
    assert said(state=FAILED, problem="Gladly is away.") == "Gladly is away."


def test_every_reason_has_its_words():
    assert set(REASONS) == set(Unclear)
