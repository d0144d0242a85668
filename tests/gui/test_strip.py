"""The status strip: three components, rate, backlog, oldest."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from core.errors import PortInUse, SecretMissing
from core.store.base import Activity, Bucket
from gui.run import Phase
from gui.strip import StatusStrip
from tests.fakes.shell import FakeSession

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from gui.session import Session

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def session(qapp: object, tmp_path: Path) -> FakeSession:
    del qapp
    return FakeSession(tmp_path)


@pytest.fixture
def strip(qtbot: QtBot, look: Look, session: FakeSession) -> StatusStrip:
    made = StatusStrip(session, look)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    return made


def words(strip: StatusStrip) -> list[str]:
    return [button.text() for button in strip.components.values()]


def test_each_component_says_its_state_in_a_word(strip: StatusStrip, session: FakeSession) -> None:
    session.feel(listener="listening", gladly="refused", segment="paused")

    assert words(strip) == ["Listener: Listening", "Gladly: Refused", "Segment: Paused"]


def test_what_is_wrong_is_the_tooltip_and_is_read_aloud(
    strip: StatusStrip, session: FakeSession
) -> None:
    session.feel(listener="listening", gladly="refused", segment="ok")
    button = strip.components["gladly"]

    assert button.toolTip() == "gladly is refused."
    assert button.accessibleDescription() == "gladly is refused."
    assert button.accessibleName() == "Gladly: Refused"


def test_a_failed_engine_is_stopped_with_the_reason(
    strip: StatusStrip, session: FakeSession
) -> None:
    session.become(Phase.FAILED, PortInUse("Port 1 is taken.", "Free it."))

    assert words(strip) == ["Listener: Stopped", "Gladly: Stopped", "Segment: Stopped"]
    assert strip.components["segment"].toolTip() == "Port 1 is taken. Free it."


def test_what_was_never_set_up_is_said_calmly(strip: StatusStrip, session: FakeSession) -> None:
    session.become(Phase.FAILED, SecretMissing("The write key is missing."))

    assert words(strip) == ["Listener: Not set up", "Gladly: Not set up", "Segment: Not set up"]
    assert strip.components["gladly"].word.tone == "idle"


@pytest.mark.parametrize(
    ("phase", "word"), [(Phase.STARTING, "Starting"), (Phase.STOPPED, "Stopped")]
)
def test_without_an_engine_it_says_so(
    strip: StatusStrip, session: FakeSession, phase: Phase, word: str
) -> None:
    session.become(phase)

    assert words(strip)[0] == f"Listener: {word}"


@pytest.mark.parametrize("how", ["mouse", "key"])
def test_pressing_a_component_opens_health(qtbot: QtBot, strip: StatusStrip, how: str) -> None:
    strip.show()
    button = strip.components["segment"]

    with qtbot.waitSignal(strip.health_wanted):
        if how == "mouse":
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        else:
            qtbot.keyClick(button, Qt.Key.Key_Space)


def test_backlog_and_age_of_the_oldest(strip: StatusStrip, session: FakeSession) -> None:
    session.count(pending=1200, retrying=4, accepted=99, oldest=time.time() - 185)

    assert strip.backlog.value.text() == "1,204"
    assert strip.oldest.value.text() == "3 min"
    assert strip.oldest.value.property("tone") == "warn"
    assert strip.backlog.value.accessibleName() == "Backlog: 1,204"


def test_nothing_under_way_has_no_age(strip: StatusStrip, session: FakeSession) -> None:
    session.count(accepted=99)

    assert strip.backlog.value.text() == "0"
    assert strip.oldest.value.text() == "—"
    assert not strip.oldest.value.property("tone")


def test_the_rate_counts_what_came_since(strip: StatusStrip, session: FakeSession) -> None:
    session.count(accepted=1000)
    session.count(accepted=1030, pending=12)
    strip.refresh()

    assert strip.rate.value.text() == "42/min"
    assert sum(strip.sparkline.values()) == 42


def test_the_line_begins_with_what_was_before_the_window(
    strip: StatusStrip, session: FakeSession
) -> None:
    now = time.time()
    buckets = tuple(
        Bucket(
            start=now - 300 + 5 * place,
            received=2,
            accepted=2,
            dead=0,
            p50=None,
            p95=None,
            backlog=0,
        )
        for place in range(60)
    )
    strip._on_activity(Activity(since=now - 300, until=now, buckets=buckets))

    assert sum(strip.sparkline.values()) == pytest.approx(120, abs=4)
    assert strip.rate.value.text() in {"22/min", "24/min", "26/min"}


def test_the_past_is_read_from_the_store_once_there_is_one(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session]
) -> None:
    strip = StatusStrip(make_session(), look)
    qtbot.addWidget(strip)

    qtbot.waitUntil(lambda: len(strip.sparkline.values()) > 0)
    qtbot.waitUntil(lambda: words(strip)[0] == "Listener: Listening")


def test_where_it_is_narrow_the_numbers_go_below(qtbot: QtBot, strip: StatusStrip) -> None:
    strip.show()
    strip.resize(1600, 40)
    qtbot.waitUntil(lambda: strip._right.y() < strip._left.y() + strip._left.height())

    strip.resize(strip.minimumSizeHint().width(), 80)
    qtbot.waitUntil(lambda: strip._right.y() >= strip._left.y() + strip._left.height())


def test_time_is_kept_only_while_it_is_seen(strip: StatusStrip) -> None:
    assert not strip._timer.isActive()
    strip.show()
    assert strip._timer.isActive()
    strip.hide()
    assert not strip._timer.isActive()
