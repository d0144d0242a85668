"""What one press mends: for a check's outcome, for a component's state, for a failed start.

Pure: nothing is done here, `gui.mending.mender` does it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QCoreApplication

from core import errors
from gui.mending.wording import base_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.doctor.outcome import Outcome
    from core.health import State

translate = QCoreApplication.translate

#: the cards of Settings, as `open_card` names them
SEGMENT, GLADLY, LISTENER, CONFIRM = "segment", "gladly", "arrival", "confirm"
#: the card on which each secret is given
CARDS_OF_SECRETS = {
    "write-key": SEGMENT,
    "gladly-token": GLADLY,
    "webhook-password": LISTENER,
    "webhook-token": LISTENER,
    "echo-secret": CONFIRM,
    "public-api-token": CONFIRM,
}
MISSING = "missing"


class Act(StrEnum):
    """What a button may do."""

    #: show a page of the window
    PAGE = "page"
    #: show a card of the settings
    CARD = "card"
    #: run the check once more
    AGAIN = "again"
    #: start the engine, or start it anew
    RESTART = "restart"
    #: try Segment now
    RESUME = "resume"
    #: enable the webhook in Gladly
    ENABLE = "enable"
    #: listen on a port that is free
    PORT = "port"
    #: take from other users the right to read the home
    PRIVATE = "private"
    #: show the home folder
    FOLDER = "folder"
    #: save the diagnostics
    DIAGNOSTICS = "diagnostics"


class Mend(msgspec.Struct, frozen=True):
    """One button: what stands on it, what it does, and to what."""

    label: str
    act: Act
    target: str = ""


def for_outcome(outcome: Outcome) -> Mend | None:
    """The press that mends what a check found; None where it takes more than a press."""
    make = _BY_CODE.get(outcome.code)
    if make is None:
        make = _BY_CODE.get(outcome.code.partition(".")[0] + ".*")
    return None if make is None else make(outcome)


def for_state(state: State) -> list[Mend]:  # noqa: C901, PLR0911, PLR0912 - one per state
    """The presses that help a component that is not well, the best one first."""
    match (base_of(state.name), state.word):
        case ("listener", "refusing"):
            return [_card(LISTENER, translate("Mends", "Compare the credentials"))]
        case ("echo", "refusing"):
            return [_card(CONFIRM, translate("Mends", "Compare the shared secret"))]
        case ("segment", "refused"):
            return [_card(SEGMENT, translate("Mends", "Check the write key")), resume()]
        case ("segment", "backing-off"):
            return [resume()]
        case ("segment", "paused"):
            return [Mend(translate("Mends", "Resume"), Act.RESUME)]
        case ("gladly-webhook", "switched-off" | "disabled"):
            return [_enable()]
        case ("gladly-webhook", "missing"):
            return [_card(LISTENER, translate("Mends", "Create it"))]
        case ("gladly-webhook", "unreachable"):
            return [_card(LISTENER, translate("Mends", "Check the public URL"))]
        case ("silence", "silent"):
            return [Mend(translate("Mends", "See the checks in Health"), Act.PAGE, "health")]
        case ("gladly", "refused"):
            return [_card(GLADLY, translate("Mends", "Check the API token"))]
        case ("gladly", _):
            return [_card(GLADLY, translate("Mends", "Check the address"))]
        case ("store", "low-space" | "full"):
            return [_folder()]
        case ("store", _):
            return [Mend(translate("Mends", "Look into it in Health"), Act.PAGE, "health")]
        case (_, "failed"):
            return [_restart(), _diagnostics()]
    return []


def for_error(error: errors.GladlySourceError) -> list[Mend]:
    """The presses that help when the engine did not start, the best one first."""
    again = start()
    match error:
        case errors.PortInUse():
            return [_port(), again]
        case errors.BindRefused():
            return [_card(LISTENER, translate("Mends", "Choose another address")), again]
        case errors.SecretMissing():
            return [_settings(), again]
        case errors.SettingsError():
            return [again, _folder()]
        case errors.StoreFull():
            return [_folder(), again]
    return [again]


def advice_on(state: State) -> str:  # noqa: C901, PLR0911 - one per state
    """What to do next about a component that is not well, or what is done by itself."""
    match (base_of(state.name), state.word):
        case ("listener", "refusing"):
            return translate(
                "Mends", "After an hour of refusals Gladly switches its webhook off: mend it soon."
            )
        case ("echo", "refusing"):
            return translate("Mends", "Events go on as before; they are only not confirmed.")
        case ("segment", "refused"):
            return translate("Mends", "Nothing is lost: all events wait until the key is right.")
        case ("segment", "backing-off"):
            return translate(
                "Mends", "Nothing to do: Segment is asked again by itself. You may try now."
            )
        case ("segment", "paused"):
            return translate("Mends", "Events are received and wait. Resume when you are ready.")
        case ("gladly-webhook", "switched-off"):
            return translate(
                "Mends", "What happened meanwhile is then read from Gladly, up to 24 hours back."
            )
        case ("silence", "silent"):
            return translate("Mends", "It ends by itself with the next event.")
        case ("gladly", "refused"):
            return translate("Mends", "Events wait for their look-up until the token is right.")
        case ("gladly", _):
            return translate(
                "Mends", "Nothing to do: Gladly is asked again by itself, and events wait."
            )
        case ("store", "low-space" | "full"):
            return translate("Mends", "Free some space; Gladly Source goes on by itself.")
        case ("clock", _):
            return translate("Mends", "Let the computer set its clock by the network.")
        case (_, "failed"):
            return translate("Mends", "Restart the engine; if it fails again, report it.")
    return ""


def resume() -> Mend:
    """Try Segment now."""
    return Mend(translate("Mends", "Try Segment now"), Act.RESUME)


def choose_way() -> Mend:
    """Choose how events arrive."""
    return _card(LISTENER, translate("Mends", "Choose how events arrive"))


def start() -> Mend:
    """Start the engine."""
    return Mend(translate("Mends", "Start the engine"), Act.RESTART)


def _card(card: str, label: str) -> Mend:
    return Mend(label, Act.CARD, card)


def _settings() -> Mend:
    return Mend(translate("Mends", "Open Settings"), Act.PAGE, "settings")


def _restart() -> Mend:
    return Mend(translate("Mends", "Restart the engine"), Act.RESTART)


def _diagnostics() -> Mend:
    return Mend(translate("Mends", "Save diagnostics…"), Act.DIAGNOSTICS)


def _enable() -> Mend:
    return Mend(translate("Mends", "Switch it on again"), Act.ENABLE)


def _folder() -> Mend:
    return Mend(translate("Mends", "Open the home folder"), Act.FOLDER)


def _port() -> Mend:
    return Mend(translate("Mends", "Take a free port…"), Act.PORT)


def _again(_: Outcome) -> Mend:
    return Mend(translate("Mends", "Try again"), Act.AGAIN)


def _write_key(_: Outcome) -> Mend:
    return _card(SEGMENT, translate("Mends", "Open the Segment card"))


def _gladly(_: Outcome) -> Mend:
    return _card(GLADLY, translate("Mends", "Open the Gladly card"))


def _listener(_: Outcome) -> Mend:
    return _card(LISTENER, translate("Mends", "Open the card of the webhook"))


def _confirm(_: Outcome) -> Mend:
    return _card(CONFIRM, translate("Mends", "Open the card of confirmation"))


def _secrets(outcome: Outcome) -> Mend:
    missing = [name for name, where in outcome.detail.items() if where == MISSING]
    for name in missing or outcome.detail:
        if name in CARDS_OF_SECRETS:
            return _CARD_MENDS[CARDS_OF_SECRETS[name]](outcome)
    return _settings()


_CARD_MENDS = {SEGMENT: _write_key, GLADLY: _gladly, LISTENER: _listener, CONFIRM: _confirm}

#: by an outcome's code, or by the first word of it
_BY_CODE: dict[str, Callable[[Outcome], Mend | None]] = {
    "settings.unreadable": lambda _: _folder(),
    "settings.invalid": lambda _: _folder(),
    "secrets.missing": _secrets,
    "secret.missing": _gladly,
    "secret.store_unavailable": _again,
    "keyring.needed": _again,
    "keyring.unavailable": _again,
    "keyring.for_now": _again,
    "arrival.none": lambda _: choose_way(),
    "store.full": lambda _: _folder(),
    "store.unavailable": lambda _: _folder(),
    "store.not_creatable": lambda _: _folder(),
    "store.corrupt": lambda _: _folder(),
    "store.readable_by_others": lambda _: Mend(
        translate("Mends", "Take that right away"), Act.PRIVATE
    ),
    "space.out": lambda _: _folder(),
    "space.low": lambda _: _folder(),
    "listener.port_in_use": lambda _: _port(),
    "listener.bind_refused": _listener,
    "port.ours_degraded": lambda _: Mend(
        translate("Mends", "See what needs attention"), Act.PAGE, "attention"
    ),
    "engine.unwell": lambda _: Mend(
        translate("Mends", "See what needs attention"), Act.PAGE, "attention"
    ),
    "engine.stopped": lambda _: start(),
    "write_key.missing": _write_key,
    "write_key.unreadable": _again,
    "write_key.copied": _write_key,
    "write_key.shape": _write_key,
    "write_key.unknown": _write_key,
    "public_api.other_region": _write_key,
    "public_api.unknown_key": _write_key,
    "public_api.missing": _confirm,
    "public_api.no_keys": _confirm,
    "segment.public_api_refused": _confirm,
    "segment.elsewhere": _write_key,
    "webhook.missing": _listener,
    "webhook.unreachable": _listener,
    "webhook.switched-off": lambda _: _enable(),
    "webhook.disabled": lambda _: _enable(),
    "gladly.off": _gladly,
    "gladly.unauthorized": _gladly,
    "gladly.no_api": _gladly,
    "internal": lambda _: _diagnostics(),
}
