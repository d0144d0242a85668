"""One control with its label, a line of help, and a line that says what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui.widgets.labels import Heading, IconLabel, Text, set_tone

if TYPE_CHECKING:
    from collections.abc import Callable

    from gui.look import Look

GAP = 4
#: the keyboard comes back by itself
PASSING = (
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)

translate = QCoreApplication.translate


def announce(widget: QWidget, text: str) -> None:
    """Let a screen reader say this now."""
    if text and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


class LinkText(QLabel):
    """A muted sentence with links that open in the browser, by mouse or keyboard.

    Args:
        html: The sentence, with `<a href=…>`.
    """

    def __init__(self, html: str, parent: QWidget | None = None) -> None:
        super().__init__(html, parent)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setOpenExternalLinks(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        set_tone(self, "muted")


class Remark(QWidget):
    """An icon and a sentence; hidden while there is nothing to say.

    Args:
        look: Colours and icons.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel(look)
        self._text = Text()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def say(self, text: str, tone: str = "bad") -> None:
        """Show the sentence in a tone (good, busy, warn, bad, idle); an empty one hides it."""
        self._text.setText(text)
        self._text.set_tone(tone)
        self._icon.set_icon(tone, tone)
        self.setVisible(bool(text))


class Field(QWidget):
    """A label above a control, help and problems below it.

    What is wrong is not said while a person is still typing: when the control is left, or when
    `complain()` is called; from then on the sentence follows what is typed.

    Args:
        look: Colours and icons.
        label: With a mnemonic (&).
        control: What is labelled; gets the label as its accessible name.
        help_text: One or two short sentences.
        problem: Says what is wrong now, or None.
        warning: Says what is odd, or None; it stops nobody.
        beside: The control stands to the right of label and help.

    Signals:
        left: The control lost the keyboard.
    """

    left = Signal()

    def __init__(
        self,
        look: Look,
        label: str,
        control: QWidget,
        *,
        help_text: str = "",
        problem: Callable[[], str | None] = lambda: None,
        warning: Callable[[], str | None] = lambda: None,
        beside: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.control = control
        self._problem = problem
        self._warning = warning
        self._touched = False
        self._help = help_text
        self._label = Heading(look, label, level=3)
        self._label.setBuddy(control)
        if label:
            control.setAccessibleName(label.replace("&", ""))
        else:  # a check box is its own label
            self._label.hide()
        self._hint = Text(help_text, "muted")
        if not help_text:
            self._hint.hide()
        self._remark = Remark(look)
        self._arrange(beside=beside)
        self._watch(control)
        self._describe()

    @property
    def said(self) -> str:
        """The problem or warning that is shown."""
        return self._remark.text

    @property
    def problem(self) -> str | None:
        """What is wrong now, shown or not; a field that cannot be changed is never wrong."""
        return self._problem() if self.control.isEnabled() and not self.put_away else None

    @property
    def put_away(self) -> bool:
        """Whether it was hidden on purpose; a page that was never shown is not."""
        return self.isHidden() and self.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)

    def set_help(self, text: str) -> None:
        """Say something else below the control."""
        self._help = text
        self._hint.setText(text)
        self._hint.setVisible(bool(text))
        self._describe()

    def refresh(self) -> None:
        """What is typed has changed: take back what is no longer so, follow what was said."""
        if self._touched:
            self.complain()

    def complain(self) -> None:
        """Say now what is wrong, or odd."""
        self._touched = True
        problem, warning = self.problem, self._warning()
        self._remark.say(problem or warning or "", "bad" if problem else "warn")
        self._describe()

    def forget(self) -> None:
        """Say nothing until the control is left again."""
        self._touched = False
        self._remark.say("")
        self._describe()

    def fix(self, variable: str | None, said: str = "") -> None:
        """Lock the control where an environment variable decides; None unlocks it.

        `said` is a sentence about why; that of the variable when left out.
        """
        self.control.setEnabled(variable is None)
        if variable is None:
            self.set_help(self._help)
            return
        self._hint.setText(said or fixed_by(variable))
        self._hint.show()
        self._describe()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice when the control is left."""
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in PASSING:
            self.complain()
            self.left.emit()
        return super().eventFilter(watched, event)

    def _arrange(self, *, beside: bool) -> None:
        control = self.control
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self._label)
        if not beside:
            fixed = control.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Fixed
            left = Qt.AlignmentFlag.AlignLeft if fixed else Qt.AlignmentFlag(0)
            column.addWidget(control, 0, left)
            column.addWidget(self._remark)
        column.addWidget(self._hint)
        if beside:
            column.addWidget(self._remark)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addLayout(column, 1)
        if beside:
            row.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)

    def _watch(self, control: QWidget) -> None:
        for widget in (control, *control.findChildren(QWidget)):
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                widget.installEventFilter(self)

    def _describe(self) -> None:
        text = " ".join(one for one in (self._remark.text, self._hint.text()) if one)
        self.control.setAccessibleDescription(text)
        proxy = self.control.focusProxy()
        if proxy is not None:
            proxy.setAccessibleDescription(text)
            proxy.setAccessibleName(self.control.accessibleName())


def fixed_by(variable: str) -> str:
    """The sentence for what only the environment can change."""
    return translate(
        "Field", "Set by the environment variable {name}. It cannot be changed here."
    ).format(name=variable)
