"""Writes deliveries to a file, without personal data unless that is ticked."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDir, QStandardPaths, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QLabel

from core.export import ExportStopped, Order, to_file
from core.pipeline.operations import Selection
from core.store.base import Filter
from gui.deliveries.dialogs import StepwiseDialog
from gui.widgets.labels import Text
from gui.words import number

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QWidget

    from core.errors import GladlySourceError
    from core.pipeline.operations import Watch
    from gui.look import Look
    from gui.session import Session


class ExportDialog(StepwiseDialog):
    """Asks what goes into the file and where it is, writes it, and shows where it is.

    Args:
        session: Whose deliveries.
        look: Icons and fonts.
        shown: What passes the filter on the screen.
        narrowed: Whether only that is offered first.
    """

    stays_done = False

    def __init__(
        self,
        session: Session,
        look: Look,
        shown: Filter,
        parent: QWidget | None = None,
        *,
        narrowed: bool = False,
    ) -> None:
        super().__init__(session, look, Selection(wanted=shown), parent)
        self.set_title(self.tr("Export"))
        self._shown = shown
        self._target = Path()
        self.form = QComboBox(self)
        self.form.addItem(self.tr("CSV, for spreadsheets"), "csv")
        self.form.addItem(self.tr("JSON Lines, for programs"), "jsonl")
        self.only = QCheckBox(self.tr("Only what &matches the filter"), self)
        self.only.setChecked(narrowed)
        self.only.setVisible(shown != Filter())
        self.ids = QCheckBox(self.tr("With &ids of people and conversations, and reasons"), self)
        self.payloads = QCheckBox(
            self.tr("With what goes to &Segment: names, e-mail, phone (JSON Lines only)"), self
        )
        self.about = Text(tone="muted", parent=self)
        self._lay_out_options()
        self.form.currentIndexChanged.connect(self._on_option)
        for box in (self.ids, self.payloads):
            box.toggled.connect(self._on_option)
        self.only.toggled.connect(self._count)
        self.notice.activated.connect(self._on_show)
        self._on_option()

    def start(self) -> None:
        """Show, and count what goes into the file."""
        super().start()
        self._count()

    def order(self) -> Order:
        """What is to be written."""
        lines = self.form.currentData() == "jsonl"
        return Order(
            form="jsonl" if lines else "csv",
            redact=not self.ids.isChecked(),
            payloads=lines and self.payloads.isChecked(),
            wanted=self._shown if self.only.isChecked() else Filter(),
        )

    def outcome(self, done: int) -> str:
        """How many are in the file."""
        if done == 1:
            return self.tr("One delivery is exported.")
        return self.tr("{count} deliveries are exported.").format(count=number(done))

    def under_way(self, seen: int, total: int) -> str:
        """How far the file is."""
        text = self.tr("{seen} of {total} written.")
        return text.format(seen=number(seen), total=number(total))

    def deed(self) -> Callable[[Watch], Awaitable[int]]:
        """Write the file."""
        session, order, target = self._session, self.order(), self._target
        return lambda watch: to_file(session.store, order, target, watch)

    def _lay_out_options(self) -> None:
        label = QLabel(self.tr("&Format"), self)
        label.setBuddy(self.form)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self.form, 1)
        self.options.addLayout(row)
        for widget in (self.only, self.ids, self.payloads, self.about):
            self.options.addWidget(widget)

    @Slot()
    def _on_option(self) -> None:
        lines = self.form.currentData() == "jsonl"
        self.payloads.setEnabled(lines and self.ids.isChecked())
        if not self.payloads.isEnabled():
            self.payloads.setChecked(False)
        self.about.setText(self._sentence(self.order()))

    def _sentence(self, order: Order) -> str:
        if order.redact:
            return self.tr(
                "Without personal data: ids of people and conversations are replaced by hashes, "
                "and reasons, which may quote an answer, are left out."
            )
        return self.tr(
            "The file will hold personal data. Keep it where only those may read it who must, and "
            "delete it when you are done: retention and erasing do not reach it."
        )

    @Slot()
    def _count(self) -> None:
        if self._asked is not None:
            self._asked.cancel()
        session, wanted = self._session, self.order().wanted

        async def count() -> int:
            return (await session.store.span(wanted)).count

        self.go.setEnabled(False)
        self.busy.start(self.tr("Counting…"))
        self._ask(count, self._on_counted)

    def _on_counted(self, count: int) -> None:
        self._total = count
        self.busy.stop()
        self.notice.clear()
        self.go.setText(self.tr("Export {count}…").format(count=number(count)))
        self.go.setEnabled(bool(count))
        self.text.setText("" if count else self.tr("There is nothing to export."))
        self.text.setVisible(not count)

    @Slot()
    def _on_go(self) -> None:
        dialog = QFileDialog(self, self.tr("Export"))
        dialog.setObjectName("export-to")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        form = self.order().form
        names = {"csv": self.tr("CSV (*.csv)"), "jsonl": self.tr("JSON Lines (*.jsonl)")}
        dialog.setNameFilter(names[form])
        dialog.setDefaultSuffix(form)
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog.setDirectory(QDir(folder or QDir.homePath()))
        today = datetime.now().astimezone().date().isoformat()
        dialog.selectFile(f"gladly-source-{today}.{form}")
        dialog.fileSelected.connect(self._on_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_file(self, chosen: str) -> None:
        self._target = Path(chosen)
        self._let_choose(choose=False)
        self._begin()
        self._run()

    def _let_choose(self, *, choose: bool) -> None:
        for widget in (self.form, self.only, self.ids, self.payloads):
            widget.setEnabled(choose)
        if choose:
            self._on_option()

    def _on_done(self, done: int) -> None:
        self._timer.stop()
        self._end(
            "good",
            self.outcome(done),
            self.tr("Saved as {0}.").format(self._target),
            self.tr("Show in f&older"),
        )

    def _on_failed(self, error: GladlySourceError) -> None:
        if isinstance(error, ExportStopped):
            self._timer.stop()
            self._end("warn", self.tr("Stopped."), self.tr("No file was written."))
            return
        self._let_choose(choose=True)
        super()._on_failed(error)

    @Slot()
    def _on_show(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._target.parent)))
