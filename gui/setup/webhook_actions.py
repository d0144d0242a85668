"""Buttons that make, switch, re-key and delete the webhook in Gladly by its API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QMessageBox, QVBoxLayout, QWidget

from core.doctor.outcome import Findings
from core.errors import GladlySourceError
from core.registration.office import WebhookOffice
from core.registration.report import Did
from gui.run import Phase
from gui.setup.check_row import CheckRow
from gui.widgets.buttons import follow_icon, make_button
from gui.widgets.flow import FlowLayout
from gui.widgets.labels import Text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from core.doctor.outcome import Outcome
    from core.registration.report import Report
    from gui.setup.card import Tools
    from gui.setup.draft import Draft

THERE, ENABLED, DID = "there", "enabled", "did"
#: after these the secret store may hold other credentials
REKEYED = frozenset({Did.CREATED, Did.CHANGED, Did.ROTATED})

translate = QCoreApplication.translate


class WebhookActions(QWidget):
    """Does one thing at a time with what is saved; says what came of it and what to do next.

    Args:
        tools: Session, look.

    Signals:
        rekeyed: The secret store may hold other credentials now.
        done: Something came of it: the Outcome.
    """

    rekeyed = Signal()
    done = Signal(object)

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tools = tools
        self._draft: Draft | None = None
        self._url: str | None = None
        self._seen: dict[str, str] = {}
        look = tools.look
        self.row = CheckRow(tools.session, look, _labels()["create"])
        self.make = self.row.button
        follow_icon(look, self.make, "webhook")
        self.look_at = make_button(look, _labels()["status"], icon="refresh", kind="quiet")
        self.row.add_beside(self.look_at)
        self.switch = make_button(look, _labels()["enable"], icon="off")
        self.rotate = make_button(look, _labels()["rotate"], icon="key")
        self.delete = make_button(look, _labels()["delete"], icon="trash")
        self.manage = QWidget()
        self.why_not = Text(tone="muted")
        self._arrange()
        self._connect()
        self._show()

    def show_draft(self, draft: Draft) -> None:
        """What is entered now; the buttons work with what is saved."""
        self._draft = draft
        if draft.settings.listener.public_url != self._url and not self.row.busy:
            self._url = draft.settings.listener.public_url
            self._seen = {}
            self.row.clear()
        self._show()

    def _arrange(self) -> None:
        line = FlowLayout(self.manage)
        for button in (self.switch, self.rotate, self.delete):
            line.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.row, self.manage, self.why_not):
            column.addWidget(widget)

    def _connect(self) -> None:
        self.row.wanted.connect(lambda: self._run("create"))
        self.look_at.clicked.connect(lambda: self._run("status"))
        self.switch.clicked.connect(lambda: self._run("disable" if self._enabled else "enable"))
        self.rotate.clicked.connect(lambda: self._run("rotate"))
        self.delete.clicked.connect(self._on_delete)
        self.row.checked.connect(self._on_checked)
        self._tools.session.phase_changed.connect(self._show)
        self._tools.session.settings_changed.connect(self._show)

    def _run(self, action: str) -> None:
        if self.row.busy or self._reason():
            return
        session = self._tools.session
        office = WebhookOffice(session.home, session.settings, session.secrets)
        steps: dict[str, Callable[[], Awaitable[Report]]] = {
            "create": office.create,
            "status": office.status,
            "enable": office.enable,
            "disable": office.disable,
            "delete": office.delete,
            "rotate": office.rotate,
        }
        step = steps[action]
        self.row.run(lambda: _outcome(step), self.tr("Asking Gladly…"))
        self._show()

    def _on_delete(self) -> None:
        question = QMessageBox(self)
        question.setObjectName("delete-webhook")
        question.setIcon(QMessageBox.Icon.Question)
        question.setWindowTitle(self.tr("Delete the webhook"))
        question.setText(self.tr("Delete the webhook in Gladly?"))
        question.setInformativeText(
            self.tr("Gladly reports nothing to this computer then, until another one is made.")
        )
        question.addButton(self.tr("Delete it"), QMessageBox.ButtonRole.AcceptRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.accepted.connect(lambda: self._run("delete"))
        question.finished.connect(question.deleteLater)
        question.open()

    def _on_checked(self, outcome: Outcome | None) -> None:
        if outcome is not None and THERE in outcome.detail:
            self._seen = outcome.detail  # what failed tells nothing about how it is
        self._show()
        if outcome is None:
            return
        if outcome.detail.get(DID) in REKEYED:
            self.rekeyed.emit()
        self.done.emit(outcome)

    @property
    def _enabled(self) -> bool:
        return self._seen.get(ENABLED) == "yes"

    def _show(self) -> None:
        reason = self._reason()
        there = self._seen.get(THERE) == "yes"
        for button in (self.make, self.look_at, self.switch, self.rotate, self.delete):
            button.setEnabled(not reason)
        self.manage.setVisible(there and not self.row.busy)
        self.switch.setText(_labels()["disable" if self._enabled else "enable"])
        self.why_not.setText(reason)
        self.why_not.setVisible(bool(reason))

    def _reason(self) -> str:
        """Why nothing can be done yet; empty when it can."""
        session, draft = self._tools.session, self._draft
        wanted = session.settings if draft is None else draft.settings
        if wanted.gladly.url is None:
            return self.tr(
                "Enter Gladly's address, e-mail and token under Gladly first, to have it made for "
                "you; or make it by hand."
            )
        if not wanted.listener.public_url:
            return self.tr("Enter the public URL first.")
        if session.phase not in {Phase.RUNNING, Phase.ATTACHED}:
            return self.tr("Save first: the listener has to answer Gladly's PING.")
        same = (wanted.listener, wanted.gladly) == (
            session.settings.listener,
            session.settings.gladly,
        )
        if not same or (draft is not None and draft.secrets):
            return self.tr("Save first what you have changed.")
        return ""


def outcome_of(report: Report) -> Outcome:
    """What became of it, in words of the buttons."""
    webhook, findings = report.webhook, Findings("webhook")
    detail = {
        THERE: "no" if webhook is None else "yes",
        ENABLED: "yes" if webhook is not None and webhook.enabled else "no",
        DID: str(report.did),
    }
    code, hint = f"webhook.{report.did}", in_words(report.hint)
    if report.well:
        outcome = findings.ok(code, report.sentence, **detail)
        return msgspec.structs.replace(outcome, hint=hint)
    return findings.warn(code, report.sentence, hint, **detail)


def in_words(hint: str) -> str:
    """A hint with the buttons' names in place of commands."""
    for action, label in _labels().items():
        hint = hint.replace(f"`gladly-source webhook {action}`", f"“{label}”")
    return hint


async def _outcome(step: Callable[[], Awaitable[Report]]) -> Outcome:
    try:
        return outcome_of(await step())
    except GladlySourceError as exc:
        outcome = Findings("webhook").failed(exc)
        return msgspec.structs.replace(outcome, hint=in_words(outcome.hint))


def _labels() -> dict[str, str]:
    return {
        "create": translate("WebhookActions", "Create the webhook in Gladly"),
        "status": translate("WebhookActions", "Look at it"),
        "enable": translate("WebhookActions", "Enable"),
        "disable": translate("WebhookActions", "Disable"),
        "rotate": translate("WebhookActions", "New credentials"),
        "delete": translate("WebhookActions", "Delete…"),
    }
