"""The pages: made when wanted, told when seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gui.pages import EVENTS, HEALTH, PageStack
from tests.fakes.shell import FakePage, fake_pages

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture
def stack(qtbot: QtBot) -> PageStack:
    made = PageStack(fake_pages())
    qtbot.addWidget(made)
    return made


def page(stack: PageStack, key: str) -> FakePage:
    found = stack.made(key)
    assert isinstance(found, FakePage)
    return found


def test_a_page_is_made_when_it_is_first_opened_and_only_once(
    qtbot: QtBot, stack: PageStack
) -> None:
    assert stack.made(HEALTH) is None

    with qtbot.waitSignal(stack.made_page) as told:
        first = stack.show_page(HEALTH)

    assert told.args == [HEALTH, first]
    assert stack.show_page(HEALTH) is first
    assert stack.made(EVENTS) is None


def test_only_the_page_that_is_seen_is_active(stack: PageStack) -> None:
    stack.show_page(EVENTS)
    assert not page(stack, EVENTS).seen

    stack.set_seen(seen=True)
    assert page(stack, EVENTS).seen

    stack.show_page(HEALTH)
    assert (page(stack, EVENTS).seen, page(stack, HEALTH).seen) == (False, True)

    stack.set_seen(seen=False)
    assert not page(stack, HEALTH).seen


def test_opening_the_page_that_is_open_changes_nothing(stack: PageStack) -> None:
    stack.set_seen(seen=True)
    stack.show_page(EVENTS)
    stack.show_page(EVENTS)

    assert page(stack, EVENTS).turns == 1
    assert stack.key == EVENTS
