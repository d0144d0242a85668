"""Does what a mending button says; asks first where it changes what others rely on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from core.doctor.blocking import on_own_thread
from core.doctor.subject import existing
from core.errors import OperationError
from core.ingest.server import free_port
from core.registration.office import WebhookOffice
from core.settings import ENV_PREFIX
from gui.mending.mends import Act, Mend
from gui.mending.private import make_private
from gui.saving import Use

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.errors import GladlySourceError
    from core.registration.report import Report
    from gui.session import Session


class Mender(QObject):
    """Carries out mends for one page.

    Args:
        session: What is mended.
        page: Questions are asked on top of it.

    Signals:
        open_page: Show the page of this name.
        open_card: Show the card of the settings of this name.
        check: Run the check of this name once more.
        save_diagnostics: A person wants the zip for support.
        told: What came of it: tone, sentence, and the next thing to do.
    """

    open_page = Signal(str)
    open_card = Signal(str)
    check = Signal(str)
    save_diagnostics = Signal()
    told = Signal(str, str, str)

    def __init__(self, session: Session, page: QWidget) -> None:
        super().__init__(page)
        self._session = session
        self._page = page
        self._check = ""
        #: being applied
        self._port: int | None = None
        session.apply_failed.connect(self._on_apply_failed)
        session.applied.connect(self._on_applied)

    def do(self, mend: Mend, check: str = "") -> None:
        """Carry out `mend`.

        Args:
            mend: What to do.
            check: The check it is for, looked at again afterwards.
        """
        self._check = check
        acts: dict[Act, Callable[[Mend], None]] = {
            Act.PAGE: lambda one: self.open_page.emit(one.target),
            Act.CARD: lambda one: self.open_card.emit(one.target),
            Act.AGAIN: lambda _: self.check.emit(check),
            Act.RESTART: lambda _: self._session.restart(),
            Act.RESUME: lambda _: self._resume(),
            Act.ENABLE: lambda _: self._enable(),
            Act.PORT: lambda _: self._find_port(),
            Act.PRIVATE: lambda _: self._make_private(),
            Act.FOLDER: lambda _: self._open_folder(),
            Act.DIAGNOSTICS: lambda _: self.save_diagnostics.emit(),
        }
        acts[mend.act](mend)

    def _resume(self) -> None:
        def said(_: None) -> None:
            self.told.emit("busy", self.tr("Segment is tried now."), "")

        self._session.ask(
            lambda: self._session.link.resume(),  # noqa: PLW0108 - there may be no engine
            owner=self,
            then=said,
            failed=self._on_failed,
        )

    def _enable(self) -> None:
        session, check = self._session, self._check
        office = WebhookOffice(session.home, session.settings, session.secrets)

        def said(report: Report) -> None:
            text = self.tr("What was missed is read from Gladly within a minute.")
            self.told.emit("good" if report.well else "warn", report.sentence, report.hint or text)
            if check:
                self.check.emit(check)

        self.told.emit("busy", self.tr("Asking Gladly…"), "")
        session.ask(office.enable, owner=self, then=said, failed=self._on_failed)

    def _make_private(self) -> None:
        home = self._session.home

        def done(_: None) -> None:
            self.told.emit("good", self.tr("Only you can look into the store now."), "")
            self.check.emit(self._check)

        self._session.ask(
            lambda: asyncio.to_thread(make_private, home),
            owner=self,
            then=done,
            failed=self._on_failed,
        )

    def _open_folder(self) -> None:
        path = self._session.home.path
        self._session.ask(
            lambda: asyncio.to_thread(existing, path), owner=self, then=self._on_folder
        )

    def _on_folder(self, folder: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.told.emit("idle", self.tr("The home folder is {0}.").format(folder), "")

    def _find_port(self) -> None:
        listener = self._session.settings.listener
        self._session.ask(
            lambda: on_own_thread(lambda: free_port(listener.host, listener.port)),
            owner=self,
            then=self._on_free_port,
            failed=self._on_failed,
        )

    def _on_free_port(self, port: int | None) -> None:
        if port is None:
            self.told.emit(
                "bad",
                self.tr("No port near it is free."),
                self.tr("Choose one on the listener card."),
            )
            return
        question = QMessageBox(self._page)
        question.setObjectName("take-port")
        question.setIcon(QMessageBox.Icon.Question)
        question.setWindowTitle(self.tr("Take a free port"))
        question.setText(self.tr("Listen on port {0} instead?").format(port))
        question.setInformativeText(
            self.tr(
                "The tunnel or proxy that brings Gladly's webhook to this computer has to lead to "
                "port {0} then. Nothing else changes."
            ).format(port)
        )
        question.addButton(self.tr("Use port {0}").format(port), QMessageBox.ButtonRole.AcceptRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.accepted.connect(lambda: self._take(port))
        question.finished.connect(question.deleteLater)
        question.open()

    def _take(self, port: int) -> None:
        settings, origin = self._session.settings, self._session.origin.get("listener.port", "")
        if origin.startswith(ENV_PREFIX):
            self.told.emit(
                "bad",
                self.tr("The port is set by the environment variable {0}.").format(origin),
                self.tr("Change it there."),
            )
            return
        listener = msgspec.structs.replace(settings.listener, port=port)
        try:
            self._session.apply(msgspec.structs.replace(settings, listener=listener))
        except OperationError as exc:
            self._on_failed(exc)
        else:
            self._port = port

    @Slot(object)
    def _on_applied(self, use: Use) -> None:
        if self._port is None:
            return
        port, self._port = self._port, None
        if use is Use.ENGINE:
            text = self.tr("The listener uses port {0} now.").format(port)
            self.told.emit("good", text, self.tr("Let the tunnel or proxy lead there."))
        else:
            text = self.tr("Saved: the listener will use port {0}.").format(port)
            hint = self.tr("Start the engine again: until then it keeps the port it has.")
            self.told.emit("warn", text, hint)

    @Slot(object, bool)
    def _on_apply_failed(self, error: GladlySourceError, _: bool) -> None:  # noqa: FBT001 - a slot
        if self._port is not None:
            self._port = None
            self._on_failed(error)

    def _on_failed(self, error: GladlySourceError) -> None:
        self.told.emit("bad", error.title, error.hint)
