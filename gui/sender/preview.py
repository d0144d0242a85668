"""What Segment would get for the test event, or why nothing goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.sender.steps import kind_name
from gui.widgets.json_view import JsonView
from gui.widgets.labels import IconLabel, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.sender.bodies import Body
    from core.sender.preview import Mapped
    from gui.look import Look


#: what a person looks for first; the rest follows
FIRST = ("type", "event", "userId", "anonymousId", "timestamp", "messageId", "properties", "traits")


def ordered(message: dict[str, Any]) -> dict[str, Any]:
    """The same message with its members in the order in which a person reads them."""
    first = {name: message[name] for name in FIRST if name in message}
    return first | message


class _Line(QWidget):
    """What one event becomes, in a sentence."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = IconLabel(look, parent=self)
        self.text = Text(parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.icon)
        row.addWidget(self.text, 1)

    def show_mapped(self, said: str, *, goes_out: bool) -> None:
        """Say what becomes of it."""
        self.icon.set_icon("mapping" if goes_out else "skipped", "accent" if goes_out else "muted")
        self.text.setText(said)


class PreviewView(QWidget):
    """A sentence for each event, and the messages as Segment would get them.

    Args:
        look: Colours and fonts.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._lines: list[_Line] = []
        self._top = QVBoxLayout()
        self._top.setSpacing(4)
        self.json = JsonView(look, self.tr("What Segment would get"), self)
        self.json.set_placeholder(self.tr("Nothing would go to Segment."))
        self.note = Text(tone="muted", parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._top)
        column.addWidget(self.json, 1)
        column.addWidget(self.note)
        self.setFocusProxy(self.json)

    def sentences(self) -> list[str]:
        """What is said of each event."""
        return [line.text.text() for line in self._lines if not line.isHidden()]

    def show_mapped(self, bodies: Sequence[Body], mapped: Sequence[Mapped]) -> None:
        """Show what becomes of these bodies."""
        while len(self._lines) < len(mapped):
            line = _Line(self._look, self)
            self._lines.append(line)
            self._top.addWidget(line)
        for line, body, one in zip(self._lines, bodies, mapped, strict=False):
            line.show_mapped(self._sentence(body, one), goes_out=bool(one.payloads))
        for number, line in enumerate(self._lines):
            line.setVisible(number < len(mapped))
        messages = [message for one in mapped for message in one.messages]
        shown = [ordered(message) for message in messages]
        self.json.set_json(shown[0] if len(shown) == 1 else shown or None)

    def show_nothing(self, why: str) -> None:
        """Say why there is no preview."""
        for line in self._lines:
            line.hide()
        self.json.set_json(None)
        self.set_note(why)

    def set_note(self, text: str) -> None:
        """Say what the preview cannot know."""
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def _sentence(self, body: Body, mapped: Mapped) -> str:
        kind = kind_name(body.get("type"))
        if not mapped.payloads:
            return self.tr("{0}: {1}").format(kind, mapped.reason)
        names = " + ".join(str(one.get("event", one["type"])) for one in mapped.messages)
        return self.tr("{0} becomes {1}.").format(kind, names)
