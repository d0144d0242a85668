"""Changes in Gladly: looked after when their end stays open, never done twice."""

from __future__ import annotations

import pytest

from core.errors import GladlyError, GladlyNotFound, GladlyRefused, GladlyUnavailable
from core.gladly.webhooks import Create, GladlyWebhook, WebhookChange
from core.registration.registrar import ROUNDS, Registrar
from tests.core.registration.conftest import NoWait

URL = "https://hooks.example.com/gladly/webhook"
WANTED = WebhookChange(url=URL, events=("CONVERSATION/CLOSED",), enabled=True)
DOWN = GladlyUnavailable("Gladly cannot be reached.")


class FakeGladly:
    """Webhooks by id; `ends` say how the next changes end: (whether it happens, what is raised)."""

    def __init__(self, *ends: tuple[bool, GladlyError | None]) -> None:
        self.shown: dict[str, GladlyWebhook] = {}
        self.ends = list(ends)
        self.sent: list[str] = []

    async def webhooks(self) -> tuple[GladlyWebhook, ...]:
        return tuple(self.shown.values())

    async def create_webhook(self, wanted: WebhookChange) -> None:
        if any(one.url == wanted.url for one in self.shown.values()):
            raise GladlyRefused("url is taken")
        made = GladlyWebhook(id=f"w{len(self.shown)}", url=URL, enabled=True)
        self._end("POST", lambda: self.shown.update({made.id: made}))

    async def change_webhook(self, webhook_id: str, change: WebhookChange) -> None:
        made = GladlyWebhook(id=webhook_id, url=URL, enabled=bool(change.enabled))
        self._end("PATCH", lambda: self.shown.update({webhook_id: made}))

    async def delete_webhook(self, webhook_id: str) -> None:
        self._end("DELETE", lambda: self.shown.pop(webhook_id))

    def _end(self, method: str, happen) -> None:
        self.sent.append(method)
        happens, error = self.ends.pop(0) if self.ends else (True, None)
        if happens:
            happen()
        if error is not None:
            raise error


def registrar(gladly: FakeGladly) -> Registrar:
    return Registrar(gladly, URL, NoWait())  # type: ignore[arg-type]


def enabled(gladly: FakeGladly) -> FakeGladly:
    gladly.shown = {"w": GladlyWebhook(id="w", url=URL, enabled=True)}
    return gladly


async def test_a_post_that_happened_after_all_is_not_sent_again():
    gladly = FakeGladly((True, DOWN))

    steps = await registrar(gladly).create(WANTED)

    assert gladly.sent == ["POST", "PATCH"]
    assert isinstance(steps[0], Create)
    assert len(gladly.shown) == 1


async def test_a_post_that_did_not_happen_is_sent_again():
    gladly = FakeGladly((False, DOWN))

    await registrar(gladly).create(WANTED)

    assert gladly.sent == ["POST", "POST"]


async def test_a_post_that_lands_late_is_found_when_the_second_is_refused():
    gladly = FakeGladly()

    async def late(wanted: WebhookChange) -> None:
        gladly.sent.append("POST")
        if gladly.sent.count("POST") == 1:
            raise DOWN
        gladly.shown["w"] = GladlyWebhook(id="w", url=URL, enabled=True)
        raise GladlyRefused("url is taken")

    gladly.create_webhook = late  # type: ignore[method-assign]
    await registrar(gladly).create(WANTED)

    assert gladly.sent == ["POST", "POST", "PATCH"]


async def test_a_refusal_is_told_at_once():
    gladly = FakeGladly((False, GladlyRefused("no PING")))

    with pytest.raises(GladlyRefused, match="no PING"):
        await registrar(gladly).create(WANTED)

    assert gladly.sent == ["POST"]


async def test_it_gives_up_after_some_rounds():
    gladly = FakeGladly(*[(False, DOWN)] * 10)

    with pytest.raises(GladlyUnavailable):
        await registrar(gladly).create(WANTED)

    assert gladly.sent == ["POST"] * ROUNDS


async def test_a_switch_that_happened_after_all_is_done():
    gladly = enabled(FakeGladly((True, DOWN)))

    assert await registrar(gladly).switch(on=False) is True
    assert gladly.sent == ["PATCH"]


async def test_what_is_so_already_is_not_sent():
    gladly = enabled(FakeGladly())

    assert await registrar(gladly).switch(on=True) is False
    assert gladly.sent == []


async def test_deleting_disables_first_and_is_done_when_it_is_gone():
    gladly = enabled(FakeGladly((True, None), (True, GladlyNotFound("gone"))))

    await registrar(gladly).delete()

    assert gladly.sent == ["PATCH", "DELETE"]
    assert gladly.shown == {}


async def test_looking_finds_ours_among_others():
    gladly = FakeGladly()
    gladly.shown = {
        "o": GladlyWebhook(id="o", url="https://other.example.com"),
        "b": GladlyWebhook(id="b", url="https://before.example.com", name="Gladly Source"),
    }

    assert await registrar(gladly).look() == (None, ("https://before.example.com",))
    enabled(gladly)
    assert await registrar(gladly).look() == (gladly.shown["w"], ())
