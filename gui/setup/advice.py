"""What to do about a check's outcome, in words of the cards, not those of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QCoreApplication

from core.doctor import reach
from gui.saving import Use

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.doctor.outcome import Outcome
    from core.doctor.reach import Unreached
    from core.errors import GladlySourceError
    from core.settings import Settings

    Words = tuple[str | None, str]

translate = QCoreApplication.translate

#: outcomes of the write key that need no further look at Segment
SETTLED = frozenset({"write_key.missing", "write_key.copied", "write_key.unreadable"})


def in_words(outcome: Outcome, settings: Settings) -> Outcome:
    """The outcome with title and hint as a person at the cards can use them."""
    find = _WORDS.get(outcome.code)
    if find is None:
        return outcome
    title, hint = find(outcome, settings)
    return msgspec.structs.replace(outcome, title=title or outcome.title, hint=hint)


def for_error(error: GladlySourceError) -> str:
    """What to do about settings that could not be saved or used."""
    return {
        "listener.port_in_use": translate("Advice", "Stop that program, or take another port."),
        "listener.bind_refused": translate(
            "Advice", "Take a port above 1023, and 127.0.0.1 as the address."
        ),
        "secret.missing": translate("Advice", "Enter it on its page, then save again."),
        "secret.store_unavailable": translate(
            "Advice",
            "Unlock the keyring, or go to the page of that secret: it names two other ways.",
        ),
        "settings.unreadable": error.hint,
        "settings.invalid": translate("Advice", "Nothing was saved. Change that value."),
    }.get(error.code, error.hint)


def for_use(use: Use) -> tuple[str, str, str]:
    """What is true once settings are saved: tone, sentence, and the next thing to do."""
    return {
        Use.WINDOW: ("good", translate("Advice", "Saved."), ""),
        Use.ENGINE: (
            "good",
            translate("Advice", "Saved. The engine runs with these settings."),
            "",
        ),
        Use.LATER: (
            "warn",
            translate("Advice", "Saved, but another process runs the engine."),
            translate("Advice", "Start that one again: until then it uses what was saved before."),
        ),
        Use.NOBODY: (
            "warn",
            translate("Advice", "Saved, but the engine does not run."),
            translate("Advice", "It uses these settings when it starts."),
        ),
    }[use]


def not_started(error: GladlySourceError, *, kept: bool) -> str:
    """What happened when settings could not be used; `kept`: they are saved nevertheless."""
    if not kept:
        return error.title
    return translate("Advice", "Saved, but the engine does not start: {why}").format(
        why=error.title
    )


def unreached(exc: Unreached) -> str:
    """What to do when nothing answers at the public URL, by what stood in the way."""
    return {
        "tls": translate(
            "Advice",
            "Give the tunnel or proxy a certificate that everybody trusts: Gladly looks at it, "
            "too. If it has one, check this computer's clock.",
        ),
        "proxy": exc.hint,
        "address": exc.hint,
    }.get(exc.kind, translate("Advice", "Start the tunnel or the proxy, and compare the address."))


def no_proof(where: str) -> str:
    """What an answer of 200 does not say, and where to look instead."""
    return translate(
        "Advice",
        "Answers do not prove the write key, a wrong one gets the same: look into {where} and see "
        "the two test events there.",
    ).format(where=where)


def _key_missing(_: Outcome, __: Settings) -> Words:
    return translate("Advice", "Paste the write key first."), ""


def _key_known(_: Outcome, settings: Settings) -> Words:
    return None, translate(
        "Advice",
        "The key does not tell the region: if your workspace is in {other}, choose that, or "
        "Segment throws events away without a word.",
    ).format(other=_other_region(settings))


def _key_unknown(_: Outcome, settings: Settings) -> Words:
    return None, translate(
        "Advice",
        "For a source made today, go on. For an older one, copy the key again; if the workspace "
        "is in {other}, choose that region.",
    ).format(other=_other_region(settings))


def _other_region(settings: Settings) -> str:
    if settings.segment.region == "us":
        return translate("Advice", "the European Union")
    return translate("Advice", "the United States")


def _key_of_own_host(_: Outcome, settings: Settings) -> Words:
    host = reach.host_of(settings.segment.url)
    title = translate(
        "Advice", "{host} answers; the write key is not checked at a host of your own."
    )
    return title.format(host=host), no_proof(host)


def _token_missing(_: Outcome, __: Settings) -> Words:
    return translate("Advice", "Paste the API token first."), ""


def _gladly_off(_: Outcome, __: Settings) -> Words:
    return translate("Advice", "Enter address and agent e-mail first."), ""


def _gladly_refused(_: Outcome, __: Settings) -> Words:
    return None, translate(
        "Advice",
        "Compare the agent e-mail and the API token; in Gladly, that user needs the permission "
        "API User.",
    )


def _gladly_elsewhere(_: Outcome, __: Settings) -> Words:
    return None, translate(
        "Advice",
        "Check the address: it is the one where you log in to Gladly, such as "
        "https://acme.gladly.com.",
    )


def _gladly_unavailable(outcome: Outcome, settings: Settings) -> Words:
    if "gladly.url" in outcome.hint:
        return _gladly_elsewhere(outcome, settings)
    return None, translate("Advice", "Check the address and the network, then check again.")


def _port_in_use(outcome: Outcome, _: Settings) -> Words:
    return None, translate("Advice", "Stop that program, or take another port.")


def _bind_refused(outcome: Outcome, _: Settings) -> Words:
    if "1023" in outcome.hint:
        return None, translate("Advice", "Choose a port above 1023.")
    return None, translate("Advice", "Choose another port, or 127.0.0.1 as the address.")


def _port_ours(outcome: Outcome, _: Settings) -> Words:
    title = translate("Advice", "The listener runs on port {port}.")
    return title.format(port=outcome.detail.get("port", "")), ""


_WORDS: dict[str, Callable[[Outcome, Settings], Words]] = {
    "write_key.missing": _key_missing,
    "write_key.known": _key_known,
    "write_key.unknown": _key_unknown,
    "write_key.own_host": _key_of_own_host,
    "secret.missing": _token_missing,
    "gladly.off": _gladly_off,
    "gladly.unauthorized": _gladly_refused,
    "gladly.no_api": _gladly_elsewhere,
    "gladly.unavailable": _gladly_unavailable,
    "port.ours": _port_ours,
    "listener.port_in_use": _port_in_use,
    "listener.bind_refused": _bind_refused,
}
