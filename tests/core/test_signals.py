"""Notifications: every receiver hears every value, whatever another one does."""

from __future__ import annotations

import pytest

from core.signals import Signal


def test_every_receiver_hears_every_value_in_order():
    signal, first, second = Signal(), [], []
    signal.connect(first.append)
    signal.connect(second.append)

    signal.emit(1)
    signal.emit(2)

    assert (first, second) == ([1, 2], [1, 2])


def test_a_signal_without_receivers_may_be_emitted():
    Signal().emit("nobody listens")


def test_who_disconnected_hears_nothing_more():
    signal, heard = Signal(), []
    signal.connect(heard.append)
    signal.emit(1)

    signal.disconnect(heard.append)
    signal.emit(2)

    assert heard == [1]


def test_disconnecting_a_stranger_is_harmless():
    Signal().disconnect(print)


@pytest.mark.logs_warnings
def test_a_receiver_that_raises_is_logged_and_the_others_still_hear(caplog):
    signal, heard = Signal(), []

    def broken(_):
        raise RuntimeError("a bug in the window")

    signal.connect(broken)
    signal.connect(heard.append)

    signal.emit(1)

    assert heard == [1]
    (record,) = caplog.records
    assert record.exc_info[0] is RuntimeError


def test_a_receiver_may_leave_while_being_told():
    signal, heard = Signal(), []

    def only_once(value):
        heard.append(value)
        signal.disconnect(only_once)

    signal.connect(only_once)
    signal.connect(heard.append)

    signal.emit(1)
    signal.emit(2)

    assert heard == [1, 1, 2]
