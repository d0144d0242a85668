"""What an import came to, in the window's words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ingest.account import CANCELLED, DONE, FAILED, Account, Cut
from core.ingest.history import Unclear
from gui.activity import imported as telling


def account(**found: object) -> Account:
    """A dry run that read everything."""
    made = Account(dry_run=True, since=0.0, until=1.0, jobs=14, jobs_read=14, state=DONE)
    for name, value in found.items():
        setattr(made, name, value)
    return made


def test_a_preview_says_first_what_is_missing_then_everything_else() -> None:
    found = account(
        changes=1204,
        known=1000,
        facts=340,
        opened=12,
        closed=18,
        unclear={"begun-before": 10, "no-agent": 2},
        unreadable=1,
        young=45,
        not_ready=2,
        gaps=1,
    )

    assert telling.preview(found) == [
        "Nobody told of 12 Opened and 18 Closed. What is imported goes to Segment with the time "
        "at which it happened.",
        "Changes of status read: 1,204; known already: 1,000.",
        "Left alone: 10 of conversations that began before the files do, "
        "2 to which Gladly names no agent.",
        "1 line could not be understood.",
        "2 export jobs are not done, or failed, in Gladly.",
        "Left to polling, which reads the last 24 hours: 45 changes.",
        "1 gap will be “Healed from export” in the ledger.",
    ]


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ({"facts": 30, "opened": 12, "closed": 18}, "Import 12 Opened and 18 Closed"),
        ({"facts": 1, "closed": 1}, "Import 1 Closed"),
        ({"facts": 1, "opened": 1}, "Import 1 Opened"),
        ({"facts": 1}, "Import 1 fact"),
        ({"gaps": 1}, "Note it in the gap ledger"),
        ({}, ""),
    ],
)
def test_the_button_says_what_it_imports(found: dict[str, object], text: str) -> None:
    assert telling.button(account(**found)) == text


def test_facts_without_events_are_told_as_such() -> None:
    said = telling.preview(account(facts=3))[0]

    assert said.startswith("No Opened or Closed is missing, but 3 facts about conversations")


def test_without_export_files_that_is_said() -> None:
    said = telling.preview(account(jobs=0, jobs_read=0))

    assert said == ["Nothing was missing.", "Gladly has no export files of that time."]


@pytest.mark.parametrize(
    ("found", "tone", "title"),
    [
        ({"opened": 2, "facts": 2}, "good", "Imported and on the way to Segment: 2 Opened."),
        ({"facts": 2}, "good", "Imported: 2 facts."),
        ({"gaps": 1}, "good", "Nothing was missing."),
        ({"state": CANCELLED}, "warn", "The import was cancelled."),
        ({"state": FAILED}, "bad", "Not everything was imported."),
    ],
)
def test_the_outcome_is_one_plain_sentence(found: dict[str, object], tone: str, title: str) -> None:
    said = telling.outcome(account(dry_run=False, **found))

    assert said[:2] == (tone, title)


def test_what_ended_early_claims_no_number_of_events() -> None:
    early = {"opened": 7, "facts": 9, "jobs_read": 3, "dry_run": False}

    _, _, cancelled = telling.outcome(account(state=CANCELLED, **early))
    _, _, failed = telling.outcome(account(state=FAILED, problem="Gladly is away.", **early))

    assert cancelled == (
        "3 of 14 export jobs were read. What was imported by then stays. Look again to go on "
        "from there."
    )
    assert failed == f"Gladly is away. {cancelled}"


def test_how_far_it_is() -> None:
    assert telling.progress(None) == "Asking Gladly for its export files…"
    assert telling.progress(account(jobs=0)) == "Asking Gladly for its export files…"
    assert telling.progress(account(jobs_read=3)) == "3 of 14 export jobs read…"


counts = st.integers(0, 5000)


@given(counts, counts, counts, st.dictionaries(st.sampled_from([*map(str, Unclear)]), counts))
def test_whatever_was_found_every_sentence_is_whole(
    facts: int, opened: int, gaps: int, unclear: dict[str, int]
) -> None:
    found = account(facts=facts, opened=opened, gaps=gaps, unclear=unclear)

    for sentence in [*telling.preview(found), *telling.outcome(found)[1:]]:
        assert "{" not in sentence
        assert not sentence or sentence.endswith(".")
    assert bool(telling.button(found)) is bool(facts or opened or gaps)


@pytest.mark.parametrize(
    ("cut", "words"),
    [(Cut.FILES, "for 14 days"), (Cut.RETENTION, "not known here any more"), (Cut.NOT, "")],
)
def test_it_says_why_it_begins_later_than_was_asked_for(cut: Cut, words: str) -> None:
    said = " ".join(telling.preview(account(cut=cut)))
    assert words in said
    assert ("14 days" in said or "any more" in said) is bool(words)
