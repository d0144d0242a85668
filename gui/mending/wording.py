"""What the checks and the components are called in the window, and advice in the window's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from gui import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.doctor.outcome import Outcome, Verdict

translate = QCoreApplication.translate

#: the components in the order in which an event meets them
COMPONENTS = (
    "listener",
    "gladly-webhook",
    "webhook",
    "poll",
    "coverage",
    "silence",
    "store",
    "resolver",
    "gladly",
    "forwarder",
    "segment",
    "echo",
    "clock",
)
#: they say something only when they fail
SILENT = frozenset({"resolver", "forwarder"})
#: those that have an icon of their own
ICONS = frozenset({*COMPONENTS, "janitor", "control", "engine"} - {"echo"})


def check_name(name: str) -> str:
    """A check's name as a person says it."""
    return {
        "settings": translate("Health", "Settings"),
        "secrets": translate("Health", "Secrets"),
        "keyring": translate("Health", "Keyring"),
        "store": translate("Health", "Store"),
        "space": translate("Health", "Disk space"),
        "port": translate("Health", "Port"),
        "public-url": translate("Health", "Way in"),
        "engine": translate("Health", "Engine"),
        "write-key": translate("Health", "Write key"),
        "public-api": translate("Health", "Public API"),
        "counts": translate("Health", "Counts"),
        "sums": translate("Health", "Sums"),
        "segment": translate("Health", "Segment"),
        "gladly": translate("Health", "Gladly"),
        "webhook": translate("Health", "Webhook"),
        "silence": translate("Health", "Silence alarm"),
        "clock": translate("Health", "Clock"),
    }.get(name, name)


def base_of(name: str) -> str:
    """What kind of component it is: of what each source has, the name without the alias."""
    return name.partition(":")[0]


def component_name(name: str) -> str:
    """A component's name as a person says it; of a further source's, with the alias."""
    base, _, alias = name.partition(":")
    said = {
        "listener": translate("Health", "Listener"),
        "poll": translate("Health", "Polling"),
        "gladly-webhook": translate("Health", "Webhook in Gladly"),
        "webhook": translate("Health", "Webhook"),
        "coverage": translate("Health", "Coverage"),
        "silence": translate("Health", "Silence alarm"),
        "way-in": translate("Health", "Way in"),
        "gladly": translate("Health", "Gladly"),
        "resolver": translate("Health", "Resolver"),
        "segment": translate("Health", "Segment"),
        "forwarder": translate("Health", "Forwarder"),
        "echo": translate("Health", "Echo"),
        "store": translate("Health", "Store"),
        "clock": translate("Health", "Clock"),
        "janitor": translate("Health", "Janitor"),
        "control": translate("Health", "Control"),
        "engine": translate("Health", "Engine"),
    }.get(base, base.capitalize())
    return f"{said} {alias}".rstrip()


def runs() -> str:
    """What is said of a worker that has not failed."""
    return translate("Health", "It runs.")


def since(moment: float) -> str:
    """Since when something is as it is; 0 is not known."""
    return translate("Health", "Since {0}.").format(words.when(moment)) if moment else ""


def hint(outcome: Outcome) -> str:
    """The next thing to do, where the window has a better way than the command line."""
    return {
        "settings.unusable": translate("Health", "Mend the settings first."),
        "secrets.missing": translate(
            "Health", "Give it on its card; it is kept in the keyring of this computer."
        ),
        "secret.missing": translate("Health", "Give it on the Gladly card."),
        "keyring.needed": translate(
            "Health",
            "Unlock it, then try again. Without a keyring, give secrets as environment variables "
            "GLADLY_SOURCE_<NAME>.",
        ),
        "arrival.none": translate(
            "Health", "Enter a public URL, or let events be polled, on the card of the webhook."
        ),
        "keyring.for_now": translate(
            "Health", "To be asked no more at each start, unlock it, then try again."
        ),
        "store.readable_by_others": translate(
            "Health", "Take that right away: it holds names and e-mail addresses."
        ),
        "listener.port_in_use": translate(
            "Health", "Stop that program, or let the listener take a free port."
        ),
        "port.ours_degraded": translate("Health", "See what needs attention."),
        "engine.stopped": translate("Health", "Start it, and nothing more is missed."),
        "write_key.missing": translate("Health", "Give it on the Segment card."),
        "write_key.own_host": "",
        "webhook.missing": translate("Health", "Create it on the card of the webhook."),
        "webhook.disabled": translate("Health", "Switch it on again."),
        "silence.silent": translate(
            "Health",
            "Unless it is a holiday: see in Gladly whether its webhook is switched on and calls "
            "this address, and look at the other checks.",
        ),
        "gladly.off": translate(
            "Health", "Give address, agent e-mail and API token on the Gladly card to have them."
        ),
        "internal": translate("Health", "Please report it, and send the diagnostics along."),
    }.get(outcome.code, outcome.hint)


def summary(outcomes: Sequence[Outcome]) -> str:
    """All outcomes in a sentence or two, with the checks that need a person by name."""
    if not outcomes:
        return translate("Health", "Not everything was checked yet.")
    failed, warned = _named(outcomes, "fail"), _named(outcomes, "warn")
    if not failed and not warned:
        return translate("Health", "Everything that was checked is well.")
    said = []
    if len(failed) == 1:
        said.append(translate("Health", "1 check failed: {0}.").format(*failed))
    elif failed:
        text = translate("Health", "{0} checks failed: {1}.")
        said.append(text.format(len(failed), ", ".join(failed)))
    if len(warned) == 1:
        said.append(translate("Health", "1 check wants a look: {0}.").format(*warned))
    elif warned:
        text = translate("Health", "{0} checks want a look: {1}.")
        said.append(text.format(len(warned), ", ".join(warned)))
    return " ".join(said)


def _named(outcomes: Sequence[Outcome], verdict: Verdict) -> list[str]:
    return [check_name(one.name) for one in outcomes if one.verdict == verdict]
