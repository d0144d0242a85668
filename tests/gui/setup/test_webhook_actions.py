"""The buttons that manage the webhook in Gladly: a real engine, a simulated Gladly, no waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtWidgets import QMessageBox

from core.gladly.webhooks import EVENTS, GladlyWebhook
from core.registration.report import Did, Report
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from gui.run import Phase
from gui.setup.arrival_card import ArrivalCard
from gui.setup.draft import Draft
from gui.setup.settings_page import SettingsPage
from gui.setup.webhook_actions import WebhookActions, in_words, outcome_of
from gui.setup.webhook_part import WebhookPart
from tests.gui.setup.conftest import KEY, PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QPushButton
    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from gui.session import Session
    from gui.setup.card import Tools
    from tests.fakes import MemorySecrets

URL = "https://hooks.example.com/gladly/webhook"


@pytest.fixture
def session(
    gladly: GladlySimulator,  # before the engine that asks it, so that it also ends after it
    first_start: Callable[..., Session],
    vault: MemorySecrets,
    free_port: int,
) -> Session:
    """Set up as far as the webhook: the engine runs and Gladly can call it."""
    vault.values |= {"write-key": KEY, "gladly-token": DEMO_TOKEN, "webhook-password": "first"}
    made = first_start(
        GLADLY_SOURCE_LISTENER__PORT=str(free_port),
        GLADLY_SOURCE_LISTENER__PUBLIC_URL=f"http://127.0.0.1:{free_port}",
        GLADLY_SOURCE_GLADLY__URL=gladly.url,  # type: ignore[attr-defined]
        GLADLY_SOURCE_GLADLY__AGENT_EMAIL=DEMO_EMAIL,
        GLADLY_SOURCE_GLADLY__REQUESTS_PER_SECOND="10",
    )
    assert made.phase is Phase.RUNNING
    return made


@pytest.fixture
def tools(session: Session, make_tools: Callable[[Session], Tools]) -> Tools:
    return make_tools(session)


@pytest.fixture
def actions(qtbot: QtBot, tools: Tools) -> WebhookActions:
    made = WebhookActions(tools)
    qtbot.addWidget(made)
    made.show_draft(Draft(settings=tools.session.settings))
    made.show()
    return made


def press(qtbot: QtBot, actions: WebhookActions, button: QPushButton) -> str:
    """Press it and wait; the code of what came of it."""
    with qtbot.waitSignal(actions.done, timeout=PATIENCE):
        button.click()
    assert actions.row.outcome is not None
    return actions.row.outcome.code


def test_one_press_makes_the_webhook_and_its_ping_is_seen(
    qtbot: QtBot, tools: Tools, gladly: GladlySimulator
) -> None:
    part = WebhookPart(tools, lambda _: "")
    qtbot.addWidget(part)
    part.show_values(tools.session.settings.listener)
    part.show()

    with qtbot.waitSignal(tools.pings.changed, timeout=PATIENCE):
        code = press(qtbot, part.by_api, part.by_api.make)

    (webhook,) = gladly.webhooks.all()
    assert code == "webhook.created"
    assert (webhook.enabled, webhook.events) == (True, EVENTS)
    word = part.light.word()
    assert word is not None
    assert word.tone == "good"


def test_nothing_to_manage_is_shown_before_there_is_a_webhook(
    qtbot: QtBot, actions: WebhookActions
) -> None:
    assert not actions.manage.isVisible()

    assert press(qtbot, actions, actions.look_at) == "webhook.missing"
    assert not actions.manage.isVisible()
    assert actions.row.outcome is not None
    assert "“Create the webhook in Gladly”" in actions.row.outcome.hint


def test_it_is_switched_off_and_on_and_deleted_once_that_was_confirmed(
    qtbot: QtBot, actions: WebhookActions, gladly: GladlySimulator
) -> None:
    press(qtbot, actions, actions.make)
    assert actions.switch.text() == "Disable"
    assert press(qtbot, actions, actions.switch) == "webhook.disabled"
    assert not gladly.webhooks.all()[0].enabled
    assert actions.switch.text() == "Enable"
    assert press(qtbot, actions, actions.switch) == "webhook.enabled"

    actions.delete.click()
    question = actions.findChild(QMessageBox, "delete-webhook")
    assert question is not None
    assert len(gladly.webhooks.all()) == 1
    with qtbot.waitSignal(actions.done, timeout=PATIENCE):
        question.buttons()[0].click()

    assert gladly.webhooks.all() == []
    assert not actions.manage.isVisible()


def test_a_change_of_mind_deletes_nothing(
    qtbot: QtBot, actions: WebhookActions, gladly: GladlySimulator
) -> None:
    press(qtbot, actions, actions.make)

    actions.delete.click()
    question = actions.findChild(QMessageBox, "delete-webhook")
    assert question is not None
    question.reject()

    assert not actions.row.busy
    assert len(gladly.webhooks.all()) == 1


def test_new_credentials_are_in_use_and_the_card_is_told_to_look_again(
    qtbot: QtBot, actions: WebhookActions, gladly: GladlySimulator, vault: MemorySecrets
) -> None:
    press(qtbot, actions, actions.make)

    with qtbot.waitSignal(actions.rekeyed, timeout=PATIENCE):
        code = press(qtbot, actions, actions.rotate)

    (webhook,) = gladly.webhooks.all()
    assert code == "webhook.rotated"
    assert webhook.credentials is not None
    assert webhook.credentials.password == vault.values["webhook-password"] != "first"
    assert actions.row.outcome is not None
    assert webhook.credentials.password not in str(actions.row.outcome)


def test_what_gladly_refuses_is_said_in_words_of_the_buttons(
    qtbot: QtBot, actions: WebhookActions, gladly: GladlySimulator
) -> None:
    press(qtbot, actions, actions.make)
    gladly.faults.set(["403:path=webhooks/"])

    press(qtbot, actions, actions.rotate)

    outcome = actions.row.outcome
    assert outcome is not None
    assert outcome.verdict == "fail"
    assert "manage webhooks" in outcome.title
    assert "“New credentials” finishes it" in outcome.hint
    assert actions.manage.isVisible()  # where it can be finished


def test_gladlys_limit_is_said(
    qtbot: QtBot, actions: WebhookActions, gladly: GladlySimulator
) -> None:
    for number in range(20):
        gladly.add_webhook(f"https://other.example.com/{number}")

    press(qtbot, actions, actions.make)

    assert actions.row.outcome is not None
    assert "allows 20 webhooks" in actions.row.outcome.title


def test_one_thing_at_a_time(
    qtbot: QtBot, actions: WebhookActions, gladly: GladlySimulator
) -> None:
    with qtbot.waitSignal(actions.done, timeout=PATIENCE):
        actions.make.click()
        actions.make.click()
        actions.look_at.click()

    assert actions.row.outcome is not None
    assert actions.row.outcome.code == "webhook.created"
    assert len(gladly.webhooks.all()) == 1


@pytest.mark.parametrize(
    ("section", "change", "said"),
    [
        ("gladly", {"url": None}, "Gladly's address"),
        ("listener", {"public_url": None}, "public URL first"),
        ("listener", {"path": "/other"}, "Save first what you have changed"),
    ],
)
def test_what_is_missing_first_is_said(
    actions: WebhookActions, tools: Tools, section: str, change: dict[str, object], said: str
) -> None:
    actions.show_draft(Draft(settings=tools.session.settings).with_section(section, **change))

    assert said in actions.why_not.text()
    assert actions.why_not.isVisible()
    assert not actions.make.isEnabled()


def test_a_password_that_is_typed_has_to_be_saved_first(
    actions: WebhookActions, tools: Tools
) -> None:
    draft = Draft(settings=tools.session.settings)

    actions.show_draft(draft.with_secret("webhook-password", "typed"))
    typed = actions.make.isEnabled()
    actions.show_draft(draft)

    assert (typed, actions.make.isEnabled()) == (False, True)


def test_before_the_engine_runs_nothing_can_be_made(
    qtbot: QtBot, actions: WebhookActions, session: Session
) -> None:
    session.stop()
    qtbot.waitUntil(lambda: session.phase is Phase.STOPPED, timeout=PATIENCE)

    assert "the listener has to answer" in actions.why_not.text()
    assert not actions.make.isEnabled()


def test_what_was_found_ends_with_the_url_it_was_about(
    qtbot: QtBot, actions: WebhookActions, tools: Tools
) -> None:
    press(qtbot, actions, actions.make)

    other = Draft(settings=tools.session.settings).with_section(
        "listener", public_url="https://other.example.com"
    )
    actions.show_draft(other)

    assert actions.row.outcome is None
    assert not actions.manage.isVisible()


def test_every_button_says_what_it_does(actions: WebhookActions) -> None:
    buttons = (actions.make, actions.look_at, actions.switch, actions.rotate, actions.delete)

    assert all(button.text() for button in buttons)


@pytest.mark.parametrize("action", ["create", "enable", "rotate"])
def test_hints_name_buttons_not_commands(action: str) -> None:
    assert "gladly-source" not in in_words(f"Do `gladly-source webhook {action}` now.")


def test_a_webhook_that_lacks_events_is_a_warning() -> None:
    webhook = GladlyWebhook(id="w", url=URL, events=EVENTS[1:], enabled=True)
    report = Report(did=Did.FOUND, url=URL, webhook=webhook)

    assert outcome_of(report).verdict == "warn"
    whole = msgspec.structs.replace(webhook, events=EVENTS)
    assert outcome_of(msgspec.structs.replace(report, webhook=whole)).verdict == "ok"


def test_in_settings_the_password_shown_is_the_new_one(
    qtbot: QtBot, session: Session, look: Look, gladly: GladlySimulator, vault: MemorySecrets
) -> None:
    page = SettingsPage(session, look)
    qtbot.addWidget(page)
    page.show()
    page.activate()
    page.show_card("arrival")
    card = page.card
    assert isinstance(card, ArrivalCard)
    actions = card.webhook.by_api
    qtbot.waitUntil(lambda: card.listener.password.text() == "first", timeout=PATIENCE)
    qtbot.waitUntil(actions.make.isEnabled, timeout=PATIENCE)
    press(qtbot, actions, actions.make)

    press(qtbot, actions, actions.rotate)
    new = vault.values["webhook-password"]
    qtbot.waitUntil(lambda: card.listener.password.text() == new, timeout=PATIENCE)

    assert new != "first"
    assert not page.desk.dirty
    qtbot.waitUntil(actions.make.isEnabled, timeout=PATIENCE)
    page.deactivate()
