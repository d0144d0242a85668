"""Three ways in; each is exactly what the settings say, and nothing is written unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.settings import Gladly, Listener, Settings
from gui.setup.draft import Draft
from gui.setup.way_part import BOTH, POLL, WEBHOOK, WayPart

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

URL = "https://acme.gladly.com"


@pytest.fixture
def part(qtbot: QtBot, look: Look) -> WayPart:
    made = WayPart(look)
    qtbot.addWidget(made)
    made.show()
    return made


def draft(*, enabled: bool = True, **gladly: object) -> Draft:
    settings = Settings(gladly=Gladly(**gladly), listener=Listener(enabled=enabled))  # type: ignore[arg-type]
    return Draft(settings=settings)


@pytest.mark.parametrize(
    ("given", "way"),
    [
        (draft(url=URL), BOTH),
        (draft(url=URL, poll=True), BOTH),
        (draft(url=URL, poll=False), WEBHOOK),
        (draft(url=URL, enabled=False), POLL),
        (draft(), WEBHOOK),
    ],
)
def test_the_settings_are_shown_and_stay_as_they_are(part: WayPart, given: Draft, way: str) -> None:
    part.fill(given)

    assert part.way.value() == way
    assert part.webhook is (way != POLL)
    assert part.apply(given) == given


def test_polling_needs_an_address(part: WayPart) -> None:
    part.fill(draft())
    assert part.needs.isVisible()
    assert not part.way.button(BOTH).isEnabled()

    part.fill(draft(url=URL))
    assert not part.needs.isVisible()
    assert part.way.button(BOTH).isEnabled()


def test_another_way_switches_polling_off_and_on(qtbot: QtBot, part: WayPart) -> None:
    given = draft(url=URL)
    part.fill(given)

    with qtbot.waitSignal(part.changed):
        part.way.set_value(WEBHOOK)
    off = part.apply(given)
    assert off.settings.gladly.poll is False

    part.way.set_value(BOTH)
    assert part.apply(off).settings.gladly.polls
