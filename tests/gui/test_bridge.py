"""The bridge: work happens elsewhere, answers come to Qt's thread or not at all."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, QThread

from core.errors import OperationError
from gui.bridge import Bridge

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


async def one() -> int:
    return 1


def test_the_answer_comes_on_qts_thread_and_the_work_happens_elsewhere(
    qtbot: QtBot, bridge: Bridge
) -> None:
    owner, seen = QObject(), []

    async def where() -> str:
        return threading.current_thread().name

    def note(name: str) -> None:
        seen.append((name, QThread.currentThread() is owner.thread()))

    bridge.ask(where, owner=owner, then=note)

    qtbot.waitUntil(lambda: seen == [("gui-work", True)])


def test_an_error_for_the_user_goes_to_failed(qtbot: QtBot, bridge: Bridge) -> None:
    owner, seen = QObject(), []

    async def fails() -> None:
        raise OperationError("No.", "Try this.")

    bridge.ask(fails, owner=owner, failed=lambda exc: seen.append(exc.title))

    qtbot.waitUntil(lambda: seen == ["No."])


@pytest.mark.logs_warnings
def test_a_mistake_of_ours_is_a_crash_and_the_bridge_goes_on(qtbot: QtBot, bridge: Bridge) -> None:
    owner, seen = QObject(), []

    async def breaks() -> None:
        raise KeyError("bug")

    with qtbot.waitSignal(bridge.crashed) as crashed:
        bridge.ask(breaks, owner=owner)
    assert isinstance(crashed.args[0], KeyError)

    bridge.ask(one, owner=owner, then=seen.append)
    qtbot.waitUntil(lambda: seen == [1])


def test_nothing_is_told_to_who_is_gone_or_does_not_care(qtbot: QtBot, bridge: Bridge) -> None:
    gone, here, seen = QObject(), QObject(), []
    bridge.ask(one, owner=gone, then=lambda _: seen.append("gone"))
    asked = bridge.ask(one, owner=here, then=lambda _: seen.append("cancelled"))
    asked.cancel()
    gone.deleteLater()
    del gone

    bridge.ask(one, owner=here, then=seen.append)

    qtbot.waitUntil(lambda: 1 in seen)
    assert "cancelled" not in seen


def test_cancelling_stops_the_work(qtbot: QtBot, bridge: Bridge) -> None:
    owner, began, ended = QObject(), threading.Event(), threading.Event()

    async def long() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    asked = bridge.ask(long, owner=owner)
    assert began.wait(5)
    asked.cancel()

    assert ended.wait(5)


def test_stopping_ends_what_is_under_way_and_takes_nothing_more(qtbot: QtBot) -> None:
    bridge, owner, ended, seen = Bridge(), QObject(), threading.Event(), []
    began = threading.Event()

    async def long() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    bridge.ask(long, owner=owner)
    assert began.wait(5)
    bridge.stop()

    assert ended.is_set()
    bridge.ask(one, owner=owner, then=seen.append)
    assert "gui-work" not in {thread.name for thread in threading.enumerate()}
