"""What an import from export files came to, in sentences for the window. Pure.

The command line says it in its own words (`core.ingest.account`): it names verbs, not buttons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from core.ingest.account import CANCELLED, FAILED, Cut
from core.ingest.history import Unclear
from gui.words import QT_TRANSLATE_NOOP, fate_word, number, when

if TYPE_CHECKING:
    from core.ingest.account import Account

translate = QCoreApplication.translate

REASONS = {
    Unclear.BEGUN_BEFORE: QT_TRANSLATE_NOOP(
        "Import", "{0} of conversations that began before the files do"
    ),
    Unclear.GONE: QT_TRANSLATE_NOOP("Import", "{0} of conversations that Gladly no longer knows"),
    Unclear.CONTRADICTED: QT_TRANSLATE_NOOP("Import", "{0} that contradict what is known"),
    Unclear.TOO_MANY: QT_TRANSLATE_NOOP(
        "Import", "{0} of conversations with more changes than can be"
    ),
    Unclear.NO_AGENT: QT_TRANSLATE_NOOP("Import", "{0} to which Gladly names no agent"),
}


def progress(account: Account | None) -> str:
    """How far it is."""
    if account is None or not account.jobs:
        return translate("Import", "Asking Gladly for its export files…")
    said = translate("Import", "{0} of {1} export jobs read…")
    return said.format(number(account.jobs_read), number(account.jobs))


def button(account: Account) -> str:
    """What would be imported; empty when nothing would change."""
    if account.opened or account.closed:
        return translate("Import", "Import {0}").format(_events(account))
    if account.facts:
        return translate("Import", "Import {0}").format(_facts(account.facts))
    return translate("Import", "Note it in the gap ledger") if account.gaps else ""


def preview(account: Account) -> list[str]:
    """What a dry run found, the most important first."""
    return [_found(account), *_looked_at(account), *_left(account), *_gaps(account)]


def outcome(account: Account) -> tuple[str, str, str]:
    """How an import ended: its tone, what came of it, and what else there is to say."""
    if account.state == FAILED:
        title = translate("Import", "Not everything was imported.")
        return "bad", title, " ".join(filter(None, [account.problem, _so_far(account), _goes_on()]))
    if account.state == CANCELLED:
        title = translate("Import", "The import was cancelled.")
        return "warn", title, " ".join([_so_far(account), _goes_on()])
    if account.opened or account.closed:
        title = translate("Import", "Imported and on the way to Segment: {0}.").format(
            _events(account)
        )
    elif account.facts:
        title = translate("Import", "Imported: {0}.").format(_facts(account.facts))
    else:
        title = translate("Import", "Nothing was missing.")
    return "good", title, " ".join([*_left(account), *_gaps(account)])


def dry_failure(account: Account) -> tuple[str, str]:
    """Why it cannot be said what would be imported; nothing was changed."""
    if account.state == CANCELLED:
        said = translate("Import", "Somebody ended the reading of the export files.")
        return said, translate("Import", "Nothing was changed. Look again when you like.")
    said = translate("Import", "Gladly's export files could not be read to their end.")
    return said, account.problem


def _found(account: Account) -> str:
    if account.opened or account.closed:
        said = translate(
            "Import",
            "Nobody told of {0}. What is imported goes to Segment with the time at which it "
            "happened.",
        )
        return said.format(_events(account))
    if account.facts:
        said = translate(
            "Import",
            "No Opened or Closed is missing, but {0} about conversations: events that come later "
            "may follow from them.",
        )
        return said.format(_facts(account.facts))
    return translate("Import", "Nothing was missing.")


def _looked_at(account: Account) -> list[str]:
    if not account.jobs:
        return [translate("Import", "Gladly has no export files of that time.")]
    said = translate("Import", "Changes of status read: {0}; known already: {1}.")
    return [said.format(number(account.changes), number(account.known))]


def _left(account: Account) -> list[str]:
    """What was not imported, and why."""
    said = []
    if account.unclear:
        reasons = [
            translate("Import", REASONS[Unclear(why)]).format(number(count))
            for why, count in account.unclear.items()
        ]
        text = translate("Import", "Left alone: {0}.")
        said.append(text.format(", ".join(reasons)))
    said += _cut(account)
    if account.unreadable:
        one = translate("Import", "1 line could not be understood.")
        many = translate("Import", "{0} lines could not be understood.")
        said.append(_some(account.unreadable, one, many))
    if account.not_ready:
        one = translate("Import", "1 export job is not done, or failed, in Gladly.")
        many = translate("Import", "{0} export jobs are not done, or failed, in Gladly.")
        said.append(_some(account.not_ready, one, many))
    if account.young:
        text = translate("Import", "Left to polling, which reads the last 24 hours: {0}.")
        said.append(text.format(_changes(account.young)))
    return said


def _cut(account: Account) -> list[str]:
    """Why it begins later than was asked for."""
    match account.cut:
        case Cut.FILES:
            text = translate("Import", "Gladly keeps export files for 14 days.")
            return [text]
        case Cut.RETENTION:
            text = translate(
                "Import",
                "What happened before {0} is left alone: what was sent then is not known here any "
                "more.",
            )
            return [text.format(when(account.since))]
    return []


def _gaps(account: Account) -> list[str]:
    if not account.gaps:
        return []
    if account.dry_run:
        one = translate("Import", "1 gap will be “{1}” in the ledger.")
        many = translate("Import", "{0} gaps will be “{1}” in the ledger.")
    else:
        one = translate("Import", "1 gap is “{1}” in the ledger.")
        many = translate("Import", "{0} gaps are “{1}” in the ledger.")
    return [_some(account.gaps, one, many, fate_word("imported").text)]


def _so_far(account: Account) -> str:
    if not account.jobs:
        return translate("Import", "No export job was read.")
    said = translate("Import", "{0} of {1} export jobs were read.")
    return said.format(number(account.jobs_read), number(account.jobs))


def _goes_on() -> str:
    return translate("Import", "What was imported by then stays. Look again to go on from there.")


def _events(account: Account) -> str:
    """So many Opened and so many Closed; of one that has none, nothing is said."""
    opened = translate("Import", "{0} Opened").format(number(account.opened))
    closed = translate("Import", "{0} Closed").format(number(account.closed))
    if not account.opened or not account.closed:
        return opened if account.opened else closed
    return translate("Import", "{0} and {1}").format(opened, closed)


def _facts(count: int) -> str:
    return _some(count, translate("Import", "1 fact"), translate("Import", "{0} facts"))


def _changes(count: int) -> str:
    return _some(count, translate("Import", "1 change"), translate("Import", "{0} changes"))


def _some(count: int, one: str, many: str, *more: str) -> str:
    return (one if count == 1 else many).format(number(count), *more)
