"""What every card of set-up is: it loads a draft, checks it, and gives back a changed one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

import msgspec
from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from core.settings import FILE_NAME
from gui.setup.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from gui.look import Look
    from gui.session import Session
    from gui.setup.checks import Checks
    from gui.setup.draft import Kept
    from gui.setup.field import Field
    from gui.setup.ping_watch import PingWatch

SPACING = 16
#: the profile of the session that a demo runs
DEMO = "demo"


class Tools(NamedTuple):
    """What cards work with."""

    session: Session
    look: Look
    checks: Checks
    pings: PingWatch


class SetupCard(QWidget):
    """One subject of set-up; a page of the wizard, and a tab of Settings.

    A card saves nothing: it shows a draft, and `apply` puts what is entered into one.

    Attributes:
        name: Stable; for the wizard's memory and for tests.
        saves: The wizard's main button saves here.
        stays: And does not turn the page after it, when the engine is only started by it.
        secrets: Those that are entered here.
        draft: What was loaded last; `apply` gives what is entered now.

    Signals:
        changed: Something else is entered now.
        action_changed: What the wizard's main button says, or does, is another thing now.
        go_on: The wizard may turn to the next page.
        kept_wanted: Somebody should look again where secrets are kept.
    """

    changed = Signal()
    action_changed = Signal()
    go_on = Signal()
    kept_wanted = Signal()

    name: ClassVar[str]
    saves: ClassVar[bool] = False
    stays: ClassVar[bool] = False
    secrets: ClassVar[tuple[str, ...]] = ()

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tools = tools
        self.draft = Draft()
        self._loading = False
        self._fields: list[tuple[Field, str]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACING)

    def heading(self) -> str:
        """What the page is called."""
        raise NotImplementedError

    def intro(self) -> str:
        """One or two sentences under the heading."""
        return ""

    def load(self, draft: Draft) -> None:
        """Show this draft; whatever was entered is gone."""
        self.draft = draft
        self._loading = True
        put_caret_back = _caret_of(self.focusWidget())
        try:
            self._fill(draft)
        finally:
            self._loading = False
        put_caret_back()
        self.show_kept(draft.kept)
        for field, _ in self._fields:
            field.forget()

    def show_kept(self, kept: Kept) -> None:
        """It is known now where secrets are kept; what is entered stays."""
        self.draft = msgspec.structs.replace(self.draft, kept=kept)
        origin = self.tools.session.origin
        for field, key in self._fields:
            field.fix(_variable(self.draft, origin, key), self._why_fixed())

    @property
    def in_demo(self) -> bool:
        """Whether these are the settings of a demo, which bring their own values."""
        return self.tools.session.profile == DEMO

    def _why_fixed(self) -> str:
        """What is said of a field that cannot be changed; empty for the usual sentence."""
        text = QCoreApplication.translate("SetupCard", "It belongs to the demo and stays as it is.")
        return text if self.in_demo else ""

    def _placeholder(self, kept: Kept, name: str, *, empty: str, there: str) -> str:
        """What stands in the empty field of a secret: whether there is one, and what to do."""
        if kept.fixed(name) is None:
            return there if name in kept.places else empty
        if self.in_demo:
            return QCoreApplication.translate("SetupCard", "The demo has one of its own.")
        return QCoreApplication.translate("SetupCard", "The environment gives it.")

    def apply(self, draft: Draft) -> Draft:
        """The draft with what is entered here."""
        return draft

    def ready(self, *fields: Field) -> bool:
        """Whether what a check would use is right; where it is not, the field says so."""
        wrong = [field for field in fields if field.problem]
        for field in wrong:
            field.complain()
        return not wrong

    def check(self) -> None:
        """Look whether what is entered works; the card shows what was found."""

    @property
    def busy(self) -> bool:
        """Whether the wizard has to wait."""
        return False

    @staticmethod
    def skipped(draft: Draft) -> bool:
        """Whether the card was passed by without entering anything."""
        del draft
        return False

    def problem(self) -> str | None:
        """Why this cannot be saved as it is, or None."""
        found = (field.problem for field, _ in self._fields)
        return next((text for text in found if text), None)

    def show_problem(self) -> None:
        """Say what is wrong at each field, and put the keyboard into the first of them."""
        wrong = [field for field, _ in self._fields if field.problem]
        for field in wrong:
            field.complain()
        if wrong:
            wrong[0].control.setFocus()

    def first(self) -> QWidget | None:
        """Where the keyboard goes when the card is shown."""
        for field, _ in self._fields:
            if field.control.isEnabled() and not field.put_away:
                return field.control
        return None

    def activate(self) -> None:
        """The card is shown."""

    def deactivate(self) -> None:
        """The card is hidden: stop whatever goes on."""

    def on_saved(self) -> None:
        """What was entered is in use, and the page stays."""

    def action(self) -> str:
        """What the wizard's main button says here; empty for "Next"."""
        return ""

    def act(self) -> bool:
        """The main button was pressed; whether the card does something first."""
        return False

    def _fill(self, draft: Draft) -> None:
        """Put the draft into the controls."""

    def _add_field(self, field: Field, key: str = "") -> Field:
        """Keep a field; `key` is its setting, or the name of its secret."""
        self._fields.append((field, key))
        return field

    def _on_edited(self) -> None:
        """A control has another value; connect to it what a person changes."""
        if self._loading:
            return
        for field, _ in self._fields:
            field.refresh()
        self.changed.emit()


def _caret_of(widget: QWidget | None) -> Callable[[], None]:
    """Puts the caret back where it is now, if the text is the same then: somebody may be typing."""
    if not isinstance(widget, QLineEdit):
        return lambda: None
    text, place = widget.text(), widget.cursorPosition()

    def put_back() -> None:
        if widget.text() == text:
            widget.setCursorPosition(place)

    return put_back


def _variable(draft: Draft, origin: dict[str, str], key: str) -> str | None:
    """The environment variable that decides this setting or secret."""
    if "." not in key:
        return draft.kept.fixed(key) if key else None
    where = origin.get(key, "default")
    return None if where in {"default", FILE_NAME} else where
