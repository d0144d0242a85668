"""The last page: what works now, and whether the app keeps running by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QGridLayout, QSystemTrayIcon

from gui.run import Phase
from gui.setup.autostart_tick import AutostartTick
from gui.setup.card import SetupCard, Tools
from gui.setup.field import Field
from gui.widgets.card import Card
from gui.widgets.labels import Text
from gui.widgets.pill import StatusLabel
from gui.words import Word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QWidget

    from core.settings import Settings
    from gui.setup.draft import Draft

translate = QCoreApplication.translate


class DoneCard(SetupCard):
    """A summary, and two ticks."""

    name: ClassVar[str] = "done"
    saves: ClassVar[bool] = True

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(tools, parent)
        look = tools.look
        self.autostart = AutostartTick()
        self.tray = QCheckBox(self.tr("&Keep running in the tray when I close the window"))
        self._lines: list[tuple[StatusLabel, Text]] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        works = Card(look, self.tr("What works now"))
        works.body.addLayout(self._grid)
        self._keep = keep = Card(look, self.tr("Keep it running"))
        keep.body.addWidget(self.autostart)
        tray = Field(look, "", self.tray)
        if not QSystemTrayIcon.isSystemTrayAvailable():
            tray.hide()
        keep.body.addWidget(self._add_field(tray, "app.on_close"))
        self._column.addWidget(works)
        self._column.addWidget(keep)
        self._column.addStretch(1)
        self.autostart.box.toggled.connect(self._on_edited)
        self.tray.toggled.connect(self._on_edited)
        tools.session.phase_changed.connect(self._summarise)
        tools.session.health_changed.connect(self._summarise)
        tools.pings.changed.connect(self._summarise)

    def heading(self) -> str:
        """What the page is called."""
        return self.tr("Done")

    def intro(self) -> str:
        """What it is about."""
        return self.tr("Everything here can be changed later under Settings.")

    def apply(self, draft: Draft) -> Draft:
        """The draft with what is ticked here."""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return msgspec.structs.replace(draft, autostart=self.autostart.state())
        before = draft.settings.app.on_close
        otherwise = "ask" if before == "tray" else before
        on_close = "tray" if self.tray.isChecked() else otherwise
        draft = draft.with_section("app", on_close=on_close)
        return msgspec.structs.replace(draft, autostart=self.autostart.state())

    def action(self) -> str:
        """The end."""
        return self.tr("&Finish")

    def first(self) -> QWidget | None:
        """The first tick."""
        return self.autostart.box if self.autostart.box.isEnabled() else None

    def activate(self) -> None:
        """Gladly's PING may still come."""
        self.tools.pings.start()

    def deactivate(self) -> None:
        """Look no more."""
        self.tools.pings.stop()

    def _fill(self, draft: Draft) -> None:
        self.autostart.show_state(draft.autostart)
        self.tray.setChecked(draft.settings.app.on_close != "quit")
        self._summarise()

    def _summarise(self) -> None:
        session = self.tools.session
        self._keep.set_text(while_off(self.draft.settings))
        found = summary(
            settings=self.draft.settings,
            running=session.phase in {Phase.RUNNING, Phase.ATTACHED},
            error=session.error.title if session.error is not None else "",
            words={one.name: one.word for one in session.states},
            pinged=self.tools.pings.seen_at is not None,
        )
        for row, (works, text) in enumerate(found):
            if row == len(self._lines):
                self._lines.append((StatusLabel(self.tools.look), Text()))
                for column, widget in enumerate(self._lines[row]):
                    self._grid.addWidget(widget, row, column)
            pill, label = self._lines[row]
            word = Word(self.tr("Works"), "ok", "good")
            pill.set_word(word if works else Word(self.tr("Open"), "warn", "warn"))
            label.setText(text)


def summary(
    *, settings: Settings, running: bool, error: str, words: Mapping[str, str], pinged: bool
) -> tuple[tuple[bool, str], ...]:
    """What works, and what is still open, each with a sentence; nothing is taken for granted.

    Args:
        settings: Those in use.
        running: Whether the engine runs.
        error: Why it does not.
        words: The state of each component.
        pinged: Whether Gladly's PING arrived.
    """
    stopped = error or translate("DoneCard", "The engine does not run.")
    accepts = words.get("segment") == "ok"
    return (
        _listens(words.get("listener", ""), settings) if running else (False, stopped),
        (
            accepts,
            translate("DoneCard", "Segment answered 200; its debugger shows whether it kept them.")
            if accepts
            else translate("DoneCard", "Segment has not accepted an event yet."),
        ),
        _gladly(settings, words.get("gladly", "")),
        _way_in(settings, words, pinged=pinged),
    )


def while_off(settings: Settings) -> str:
    """What happens while the app does not run."""
    said = []
    if settings.listener.enabled:
        said.append(
            translate(
                "DoneCard",
                "While Gladly Source is off, Gladly's calls go unanswered. After about an hour and "
                "a half Gladly then switches the webhook off.",
            )
        )
    if settings.gladly.polls:
        said.append(
            translate(
                "DoneCard",
                "Polling catches up at the next start, but Gladly tells of the last 24 hours only.",
            )
        )
    return " ".join(said)


def _listens(word: str, settings: Settings) -> tuple[bool, str]:
    if word == "listening":
        return True, translate("DoneCard", "The engine runs and listens.")
    if word == "off" and settings.gladly.polls:
        return True, translate("DoneCard", "The engine runs.")
    if word == "off":
        return False, translate("DoneCard", "The engine runs; the listener is switched off.")
    if word in {"", "unknown", "starting"}:
        return False, translate("DoneCard", "The engine runs; it does not listen yet.")
    return False, translate("DoneCard", "The engine runs; the listener has a problem: see Health.")


def _gladly(settings: Settings, word: str) -> tuple[bool, str]:
    if settings.gladly.url is None:
        return False, translate("DoneCard", "Events carry ids only: there is no API token.")
    if word == "ok":
        return True, translate("DoneCard", "Names, e-mail and topics are looked up in Gladly.")
    if word in {"", "unknown"}:
        return False, translate("DoneCard", "Gladly was not asked for names yet.")
    return False, translate("DoneCard", "Gladly does not answer as it should: see Health.")


def _way_in(settings: Settings, words: Mapping[str, str], *, pinged: bool) -> tuple[bool, str]:
    """How events arrive; what a call misses, polling brings, if it is on."""
    if words.get("listener") == "refusing":
        return False, translate(
            "DoneCard", "Calls come in with a wrong password: compare it with the one in Gladly."
        )
    if pinged:
        return True, translate("DoneCard", "Gladly reaches the listener: its PING arrived.")
    if settings.gladly.polls:
        return _polls(words.get("poll", ""), settings)
    if not settings.listener.enabled:
        return False, translate(
            "DoneCard", "No event can arrive: the listener is off, and events are not polled."
        )
    if settings.listener.public_url is None:
        return False, translate(
            "DoneCard",
            "No event can arrive yet: there is no public URL, and events are not polled.",
        )
    return False, translate(
        "DoneCard", "Gladly's PING has not arrived yet: save the webhook in Gladly."
    )


def _polls(word: str, settings: Settings) -> tuple[bool, str]:
    if word in {"", "unknown", "off", "starting"}:
        return False, translate("DoneCard", "Events are polled; Gladly was not asked for any yet.")
    if word != "ok":
        return False, translate("DoneCard", "Events cannot be polled: see Health.")
    if settings.listener.enabled and settings.listener.public_url:
        return True, translate(
            "DoneCard",
            "Events arrive by polling within half a minute; Gladly's PING has not arrived yet.",
        )
    return True, translate("DoneCard", "Events arrive by polling, within half a minute.")
