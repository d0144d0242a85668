"""The guided set-up names what has to be pasted into Segment."""

from __future__ import annotations

from core.settings import Listener
from gui.setup.echo_help import echo_url, steps


def test_the_address_is_the_public_one() -> None:
    assert echo_url(Listener(public_url="https://g.example/")) == "https://g.example/segment/echo"
    assert echo_url(Listener()) == ""


def test_the_steps_go_through_segment_in_order() -> None:
    told = steps()

    assert "Webhooks (Actions)" in told[0]
    assert "shared secret" in told[1]
    assert "/segment/echo" in told[-1]
