"""The doctor: every check in order, each bounded, none stopped by another."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from core.credentials import Secrets
from core.doctor import doctor as module
from core.doctor.doctor import Doctor
from core.doctor.subject import Outside
from core.errors import OperationError, StoreFull
from tests.fakes import MemorySecrets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.doctor.outcome import Outcome

KEY = "Planted0123456789abcdefABCDEF012"


def away(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("away")


@pytest.fixture
def make_doctor(home):
    def make(*, place: MemorySecrets | None = None, seconds: float = 15.0, **environ: str):
        environ.setdefault("GLADLY_SOURCE_LISTENER__PORT", "0")
        place = place or MemorySecrets({"write-key": KEY, "webhook-password": "planted"})
        outside = Outside(transport=httpx.MockTransport(away))
        secrets = Secrets(environ, place)
        return Doctor(home, environ, secrets, outside=outside, seconds=seconds)

    return make


async def outcomes(doctor: Doctor, names: Sequence[str] = ()) -> list[Outcome]:
    return [outcome async for outcome in doctor.run(names)]


async def test_every_check_gives_one_outcome_in_order(make_doctor):
    doctor = make_doctor()

    found = await outcomes(doctor)

    assert tuple(one.name for one in found) == doctor.names()
    assert {one.name: one.verdict for one in found} == {
        "settings": "ok",
        "secrets": "ok",
        "keyring": "ok",
        "store": "ok",
        "space": found[4].verdict,
        "port": "ok",
        "public-url": "warn",
        "engine": "warn",
        "write-key": "warn",
        "public-api": "skip",
        "segment": "fail",
        "gladly": "skip",
        "webhook": "skip",
        "silence": "skip",
        "clock": "skip",
        "counts": "skip",
        "sums": "skip",
    }
    assert all(one.hint == "" for one in found if one.verdict == "ok")
    assert all(one.hint for one in found if one.verdict in {"warn", "fail"})
    assert KEY not in str(found)
    assert "planted" not in str(found)


async def test_only_the_named_checks_run_in_the_order_asked_and_once(make_doctor):
    found = await outcomes(make_doctor(), ("space", "settings", "space"))

    assert [one.name for one in found] == ["space", "settings"]


async def test_an_unknown_check_is_refused_with_the_known_ones(make_doctor):
    with pytest.raises(OperationError) as caught:
        await outcomes(make_doctor(), ("space", "spice"))

    assert "'spice'" in caught.value.title
    assert "space" in caught.value.hint


async def test_valid_settings_show_their_file(make_doctor, home):
    (found,) = await outcomes(make_doctor(), ("settings",))

    assert (found.verdict, found.code) == ("ok", "settings.valid")
    assert found.detail == {"file": f"{home.settings_file} (not there: defaults)"}


async def test_settings_are_read_anew_at_each_run(make_doctor, home):
    doctor = make_doctor()
    await outcomes(doctor, ("settings",))
    home.settings_file.write_text("[segment]\nregion = 'mars'\n")

    (found,) = await outcomes(doctor, ("settings",))

    assert (found.verdict, found.code) == ("fail", "settings.invalid")
    assert "segment.region = 'mars' is not allowed: allowed are" in found.title
    assert found.hint
    assert found.detail == {"file": str(home.settings_file)}


async def test_without_settings_the_checks_that_need_them_are_skipped(make_doctor, home):
    home.settings_file.write_text("not toml")

    found = {one.name: one for one in await outcomes(make_doctor())}

    assert found["settings"].code == "settings.unreadable"
    skipped = {name for name, one in found.items() if one.code == "settings.unusable"}
    assert skipped == set(found) - {"settings", "keyring", "space", "engine"}
    assert found["port"].title == "Not looked at: the settings cannot be used."
    assert {found[name].verdict for name in ("keyring", "engine")} == {"ok", "warn"}


async def test_a_check_that_hangs_is_given_up_and_the_next_one_runs(make_doctor):
    asked = threading.Event()

    class Hanging(MemorySecrets):
        def get(self, name: str) -> str | None:
            asked.wait(30)
            return None

    doctor = make_doctor(place=Hanging(), seconds=0.2)

    found = await outcomes(doctor, ("secrets", "port"))
    asked.set()

    assert [(one.name, one.verdict) for one in found] == [("secrets", "fail"), ("port", "ok")]
    assert found[0].code == "timeout"
    assert "0.2 seconds" in found[0].title


@pytest.mark.logs_warnings
async def test_a_bug_in_a_check_stops_no_other_and_its_text_is_not_shown(
    make_doctor, monkeypatch, caplog
):
    async def broken(_: object) -> Outcome:
        raise ValueError(f"something about {KEY}")

    monkeypatch.setitem(module._ALONE, "space", broken)

    found = await outcomes(make_doctor(), ("space", "port"))

    assert [(one.verdict, one.code) for one in found] == [("fail", "internal"), ("ok", "port.any")]
    assert "ValueError" in found[0].title
    assert KEY not in str(found) + caplog.text


async def test_an_error_of_ours_is_its_own_outcome(make_doctor, monkeypatch):
    async def full(_: object) -> Outcome:
        raise StoreFull("The disk is full.", "Free some space.")

    monkeypatch.setitem(module._ALONE, "space", full)

    (found,) = await outcomes(make_doctor(), ("space",))

    assert (found.verdict, found.code, found.hint) == ("fail", "store.full", "Free some space.")


async def test_outcomes_come_as_they_finish(make_doctor, monkeypatch):
    began: list[str] = []
    space = module._ALONE["space"]

    async def noted(subject):
        began.append("space")
        return await space(subject)

    monkeypatch.setitem(module._ALONE, "space", noted)
    run = make_doctor().run(("settings", "space"))

    first = await anext(run)

    assert (first.name, began) == ("settings", [])
    assert [one.name async for one in run] == ["space"]


async def test_whoever_stops_listening_stops_the_checks(make_doctor, monkeypatch):
    started = asyncio.Event()

    async def endless(_: object) -> Outcome:
        started.set()
        return await asyncio.Event().wait()  # type: ignore[return-value]

    monkeypatch.setitem(module._ALONE, "space", endless)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(outcomes(make_doctor(), ("space",)))
        await started.wait()
        task.cancel()

    assert task.cancelled()
