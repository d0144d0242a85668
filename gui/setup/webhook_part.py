"""The third part of "How events arrive": the webhook in Gladly, and its PING arriving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from gui.run import Phase
from gui.setup.draft import SECRETS
from gui.setup.webhook_actions import WebhookActions
from gui.setup.webhook_help import EVENTS, Value, values
from gui.widgets.busy import BusyLabel
from gui.widgets.copy import CopyButton
from gui.widgets.elided import ElidedLabel
from gui.widgets.labels import Text
from gui.widgets.pill import RISE, StatusLabel
from gui.widgets.secret_clip import SecretClip
from gui.words import Word, when

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.settings import Listener
    from gui.setup.card import Tools

REFUSING = ("listener", "refusing")
MASK = "••••••••••••"


class WebhookPart(QWidget):
    """Has the webhook made, or shows the values to copy; a light turns green with Gladly's PING.

    Args:
        tools: Session, look, checks.
        secret: Says a secret by its name.
        clip: Puts secrets on the clipboard for a minute; one that outlives this part if left out.

    Attributes:
        by_api: Make it, switch it, delete it.
    """

    def __init__(
        self,
        tools: Tools,
        secret: Callable[[str], str],
        parent: QWidget | None = None,
        *,
        clip: SecretClip | None = None,
    ) -> None:
        super().__init__(parent)
        self._clip = clip or SecretClip(parent=tools.session)
        self.destroyed.connect(self._clip.retire)
        self._clip.taken_off.connect(self._on_taken_off)
        self._tools = tools
        self._secret = secret
        self._values: tuple[Value, ...] = ()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self.by_api = WebhookActions(tools)
        self.by_api.done.connect(tools.pings.look)
        self.light = StatusLabel(tools.look)
        self.said = Text()
        self.clipped = Text("", "muted")
        self.clipped.hide()
        self.busy = BusyLabel(tools.look)
        tools.session.phase_changed.connect(self._show)
        tools.session.health_changed.connect(self._show)
        tools.pings.changed.connect(self._show)
        self._arrange()
        self._show()

    def show_values(self, listener: Listener) -> None:
        """Show what to type for this listener."""
        wanted = values(listener)
        if wanted == self._values:
            return
        self._values = wanted
        self._clear()
        for row, value in enumerate(wanted):
            missing = self.tr("(enter the public URL first)") if value.key == "url" else ""
            shown = MASK if value.key in SECRETS else value.text or missing
            self._add_row(row, value.label, shown, self._getter(value.key, value.text))
        events = "\n".join(EVENTS)
        self._add_row(len(wanted), self.tr("Events"), events, lambda: events)

    def _getter(self, key: str, text: str) -> Callable[[], str]:
        return (lambda: self._secret(key)) if key in SECRETS else (lambda: text)

    def _add_row(self, row: int, label: str, shown: str, get: Callable[[], str]) -> None:
        top = Qt.AlignmentFlag.AlignTop
        name = QLabel(label)
        value = QLabel(shown) if "\n" in shown else ElidedLabel(shown)
        value.setFont(self._tools.look.mono())
        value.setAccessibleName(f"{label}: {shown}")
        secret = shown == MASK
        copy = CopyButton(self._tools.look, get, put=self._clip.put if secret else None)
        copy.copied.connect(self._on_secret_copied if secret else self._on_copied)
        copy.setAccessibleName(self.tr("Copy: {name}").format(name=label))
        copy.setEnabled(secret or bool(get()))
        middle = Qt.AlignmentFlag.AlignVCenter
        self._grid.addWidget(name, row, 0, top if "\n" in shown else middle)
        self._grid.addWidget(value, row, 1)
        self._grid.addWidget(copy, row, 2, top)

    def _clear(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.by_api)
        column.addWidget(
            Text(
                self.tr(
                    "Or by hand, in Gladly: Settings, Webhooks, Add. Enter these values, tick "
                    "these events, and save it as enabled."
                )
            )
        )
        column.addLayout(self._grid)
        column.addWidget(self.clipped)
        line = QGridLayout()
        line.setHorizontalSpacing(8)
        line.setColumnStretch(1, 1)
        line.addWidget(self.light, 0, 0, Qt.AlignmentFlag.AlignTop)
        self.said.setContentsMargins(0, RISE, 0, 0)
        line.addWidget(self.said, 0, 1, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.busy, 1, 0, 1, 2)
        column.addLayout(line)

    def _show(self) -> None:
        session = self._tools.session
        running = session.phase in {Phase.RUNNING, Phase.ATTACHED}
        refusing = next((one for one in session.states if (one.name, one.word) == REFUSING), None)
        self.busy.stop()
        seen_at = self._tools.pings.seen_at
        if seen_at is not None and running:
            self._say(Word(self.tr("Seen"), "ok", "good"), self._ping_words(seen_at))
        elif refusing is not None:
            self._say(
                Word(self.tr("Refused"), "fail", "bad"),
                self.tr(
                    "Somebody calls, but with another user name or password. Compare both with "
                    "the webhook in Gladly."
                ),
            )
        elif running:
            self._say(None, "")
            self.busy.start(self.tr("Waiting for Gladly's PING. Making the webhook sends it."))
        else:
            self._say(
                Word(self.tr("Not started"), "off", "idle"),
                self.tr("The listener starts when you press Save and start."),
            )

    def _on_secret_copied(self) -> None:
        self.clipped.setText(self.tr("It is taken off the clipboard again in a minute."))
        self.clipped.show()

    def _on_copied(self) -> None:
        self.clipped.hide()

    def _on_taken_off(self) -> None:
        self.clipped.setText(self.tr("It was taken off the clipboard. Copy it again if need be."))

    def _ping_words(self, at: float) -> str:
        return self.tr("Gladly's PING arrived at {time}: the way is open.").format(time=when(at))

    def _say(self, word: Word | None, text: str) -> None:
        self.light.set_word(word)
        self.light.setVisible(word is not None)
        self.said.setText(text)
        self.said.setVisible(bool(text))
