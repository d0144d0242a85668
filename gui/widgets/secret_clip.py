"""A secret on the clipboard: taken off again after a minute, and when the program ends."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

#: long enough to paste it in a browser
KEEP_MS = 60_000
#: asks clipboard managers (Klipper and others) to keep no history of it
HINT = "x-kde-passwordManagerHint"


class SecretClip(QObject):
    """Puts secrets on the clipboard; what somebody else copied since then stays.

    Args:
        timer: Says when to take the secret off; its own if not given.

    Signals:
        taken_off: The secret is no longer on the clipboard, because its time was over.
    """

    taken_off = Signal()

    def __init__(self, timer: QTimer | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._timer = timer or QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEEP_MS)
        self._timer.timeout.connect(self.take_off)
        self._retired = False
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.take_off)

    def put(self, text: str) -> None:
        """Put a secret on the clipboard."""
        content = QMimeData()
        content.setText(text)
        content.setData(HINT, b"secret")
        QGuiApplication.clipboard().setMimeData(content)
        self._text = text
        self._timer.start()

    def take_off(self) -> None:
        """Take the secret off, if it is still there."""
        self._timer.stop()
        text, self._text = self._text, ""
        clipboard = QGuiApplication.clipboard()
        if text and clipboard.text() == text:
            clipboard.clear()
            self.taken_off.emit()
        self._end()

    def retire(self) -> None:
        """Nobody copies any more: be gone once nothing is left to take off."""
        self._retired = True
        self._end()

    def _end(self) -> None:
        if self._retired and not self._text:
            self.deleteLater()
