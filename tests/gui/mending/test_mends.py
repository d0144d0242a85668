"""Mends: which press helps with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core import errors
from core.doctor.outcome import Findings
from core.health import WELL, State
from gui.mending import mends
from gui.mending.mends import Act
from gui.words import STATES

if TYPE_CHECKING:
    from core.doctor.outcome import Outcome


def failed(code: str, **detail: str) -> Outcome:
    return Findings("x").fail(code, "It failed.", "Do something.", **detail)


def state(name: str, word: str) -> State:
    return State(name=name, word=word, sentence="It is so.", since=1.0)


@pytest.mark.parametrize(
    ("code", "act", "target"),
    [
        ("write_key.unknown", Act.CARD, "segment"),
        ("gladly.unauthorized", Act.CARD, "gladly"),
        ("listener.bind_refused", Act.CARD, "arrival"),
        ("listener.port_in_use", Act.PORT, ""),
        ("keyring.needed", Act.AGAIN, ""),
        ("engine.stopped", Act.RESTART, ""),
        ("engine.unwell", Act.PAGE, "attention"),
        ("store.readable_by_others", Act.PRIVATE, ""),
        ("space.out", Act.FOLDER, ""),
        ("webhook.switched-off", Act.ENABLE, ""),
        ("webhook.missing", Act.CARD, "arrival"),
        ("internal", Act.DIAGNOSTICS, ""),
    ],
)
def test_an_outcome_names_what_mends_it(code: str, act: Act, target: str) -> None:
    mend = mends.for_outcome(failed(code))

    assert mend is not None
    assert (mend.act, mend.target) == (act, target)
    assert mend.label


@pytest.mark.parametrize("code", ["settings.valid", "segment.unreachable", "clock.wrong", "new"])
def test_where_no_press_helps_there_is_none(code: str) -> None:
    assert mends.for_outcome(failed(code)) is None


@pytest.mark.parametrize(
    ("detail", "target"),
    [
        ({"write-key": "OS keyring", "gladly-token": "missing"}, "gladly"),
        ({"write-key": "missing", "gladly-token": "missing"}, "segment"),
        ({"write-key": "OS keyring", "webhook-password": "missing"}, "arrival"),
        ({"write-key": "OS keyring", "echo-secret": "missing"}, "confirm"),
    ],
)
def test_a_missing_secret_leads_to_its_card(detail: dict[str, str], target: str) -> None:
    mend = mends.for_outcome(failed("secrets.missing", **detail))

    assert mend is not None
    assert (mend.act, mend.target) == (Act.CARD, target)


def test_a_secret_without_a_card_leads_to_the_settings() -> None:
    mend = mends.for_outcome(failed("secrets.missing", **{"another-secret": "missing"}))

    assert mend is not None
    assert (mend.act, mend.target) == (Act.PAGE, "settings")


@pytest.mark.parametrize(
    ("name", "word", "acts"),
    [
        ("listener", "refusing", [Act.CARD]),
        ("echo", "refusing", [Act.CARD]),
        ("segment", "refused", [Act.CARD, Act.RESUME]),
        ("segment", "backing-off", [Act.RESUME]),
        ("segment", "paused", [Act.RESUME]),
        ("gladly-webhook", "switched-off", [Act.ENABLE]),
        ("gladly-webhook", "disabled", [Act.ENABLE]),
        ("gladly-webhook", "missing", [Act.CARD]),
        ("gladly-webhook", "unreachable", [Act.CARD]),
        ("silence", "silent", [Act.PAGE]),
        ("gladly", "refused", [Act.CARD]),
        ("gladly", "unavailable", [Act.CARD]),
        ("store", "full", [Act.FOLDER]),
        ("store", "corrupt", [Act.PAGE]),
        ("clock", "skewed", []),
        ("resolver", "failed", [Act.RESTART, Act.DIAGNOSTICS]),
    ],
)
def test_a_state_that_is_not_well_offers_what_helps(name: str, word: str, acts: list[Act]) -> None:
    assert [mend.act for mend in mends.for_state(state(name, word))] == acts


def test_a_state_that_is_not_well_always_has_advice_or_a_press() -> None:
    unwell = [word for word in STATES if word not in WELL]

    for name in ("listener", "gladly", "resolver", "segment", "forwarder", "store", "clock"):
        for word in unwell:
            one = state(name, word)
            known = word == "failed" or name in {"clock", "gladly", "store"}
            assert mends.advice_on(one) or mends.for_state(one) or not known


@pytest.mark.parametrize(
    ("error", "acts"),
    [
        (errors.PortInUse("In use."), [Act.PORT, Act.RESTART]),
        (errors.BindRefused("Not allowed."), [Act.CARD, Act.RESTART]),
        (errors.SecretMissing("Missing."), [Act.PAGE, Act.RESTART]),
        (errors.SettingsInvalid("Wrong."), [Act.RESTART, Act.FOLDER]),
        (errors.StoreFull("Full."), [Act.FOLDER, Act.RESTART]),
        (errors.StoreCorrupt("Damaged."), [Act.RESTART]),
    ],
)
def test_an_engine_that_did_not_start_can_be_helped(
    error: errors.GladlySourceError, acts: list[Act]
) -> None:
    assert [mend.act for mend in mends.for_error(error)] == acts
