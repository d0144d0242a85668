"""One window per home: a second start shows the first one and ends."""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import logging
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from core.errors import OperationError

if TYPE_CHECKING:
    from core.home import Home

log = logging.getLogger(__name__)

LOCK = "window.lock"
SHOW = b"show\n"
SEEN = b"seen\n"
#: all waiting is before there is a window, so it holds nothing up
PAUSE_MS = 250
ANSWER_MS = 4000
TRIES = 16


class SingleInstance(QObject):
    """Holds the right to be the window of a home.

    The lock ends with its process, however that ends; the socket only carries the wish.

    Args:
        home: The home.

    Signals:
        asked: Another start wants the window to be shown.
    """

    asked = Signal()

    def __init__(self, home: Home, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home = home
        self._lock = FileLock(home.path / LOCK, timeout=0, thread_local=False, mode=0o600)
        self._server: QLocalServer | None = None

    @property
    def name(self) -> str:
        """The socket's name: of this user and this home."""
        text = f"{getpass.getuser()}\0{self._home.path.resolve()}"
        return f"gladly-source-{hashlib.sha256(text.encode()).hexdigest()[:24]}"

    def claim(self) -> bool:
        """Become the one; or have the one that is there show itself.

        Returns:
            Whether this is the first.

        Raises:
            OperationError: Another one is there and does not answer.
        """
        for _ in range(TRIES):
            if self._take_lock():
                self._listen()
                return True
            socket = QLocalSocket()
            socket.connectToServer(self.name)
            if socket.waitForConnected(ANSWER_MS):
                _ask(socket)
                return False
            QThread.msleep(PAUSE_MS)  # the first one is just starting, or just ending
        raise _no_answer()

    def release(self) -> None:
        """Give the right back."""
        if self._server is not None:
            self._server.close()
            self._server = None
        with contextlib.suppress(OSError):
            self._lock.release()

    def _take_lock(self) -> bool:
        try:
            self._home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            return False
        except (OSError, NotImplementedError):
            # A home that cannot be written is the engine's to refuse, in words, in the window.
            log.info("the home takes no lock")
        return True

    def _listen(self) -> None:
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._on_connection)
        # We hold the lock: a socket of this name is what a crash left.
        QLocalServer.removeServer(self.name)
        if not server.listen(self.name):
            log.info("no socket for a second start", extra={"why": server.errorString()})
            return
        self._server = server

    def _on_connection(self) -> None:
        if self._server is None:
            return
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(lambda socket=socket: self._on_wish(socket))
            self._on_wish(socket)

    def _on_wish(self, socket: QLocalSocket) -> None:
        while socket.canReadLine():
            if bytes(socket.readLine().data()) == SHOW:
                socket.write(SEEN)
                socket.flush()
                self.asked.emit()


def _ask(socket: QLocalSocket) -> None:
    """Have the first one show its window; returns when it said that it does.

    Raises:
        OperationError: It says nothing.
    """
    socket.write(SHOW)
    while not socket.canReadLine():
        if not socket.waitForReadyRead(ANSWER_MS):
            raise _no_answer()


def _no_answer() -> OperationError:
    return OperationError(
        "Gladly Source is already open for this home, but its window does not answer.",
        "Wait a moment; if it stays so, end its process and start again.",
    )
