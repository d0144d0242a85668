"""About: what this is, what is new, and the handbook; the texts that ship with the program."""

from __future__ import annotations

import asyncio
import platform
import re
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, qVersion
from PySide6.QtGui import QDesktopServices, QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QTabWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from core import __version__
from gui.emblem import draw_emblem
from gui.widgets.buttons import make_button
from gui.widgets.copy import CopyButton
from gui.widgets.labels import Heading, Text

if TYPE_CHECKING:
    from gui.look import Look
    from gui.session import Session

CHANGELOG = "CHANGELOG.md"
README = "README.md"
EMBLEM = 64
MARGIN = 12


def read_text(name: str) -> str:
    """A text of the project: beside the sources in a checkout, in `resources` once installed.

    Not for the GUI thread.
    """
    places = (resources.files("resources") / name, Path(__file__).parents[1] / name)
    for place in places:
        try:
            return place.read_text("utf-8")
        except OSError:
            continue
    return ""


class Reader(QTextBrowser):
    """Shows a Markdown text that is read in the background.

    Args:
        session: Reads.
        name: The text.
        title: What it is, for readers.
    """

    def __init__(
        self, session: Session, name: str, title: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setOpenLinks(False)
        self.anchorClicked.connect(self._on_link)
        self.setProperty("calm", True)  # noqa: FBT003 - Qt's signature
        session.ask(lambda: asyncio.to_thread(read_text, name), owner=self, then=self._on_text)

    def _on_text(self, text: str) -> None:
        self.document().setDocumentMargin(MARGIN)
        self.setMarkdown(text or self.tr("This text is not part of this installation."))

    def _on_link(self, url: QUrl) -> None:
        """Headings of this text here; everything else in the browser."""
        if not url.isRelative():
            QDesktopServices.openUrl(url)
            return
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and slug(block.text()) == url.fragment():
                self.setTextCursor(QTextCursor(block))
                bar = self.verticalScrollBar()
                bar.setValue(bar.value() + self.cursorRect().top())
                return
            block = block.next()


def slug(heading: str) -> str:
    """What a link to a heading is called in Markdown."""
    return re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")


class TextDialog(QDialog):
    """One text in a window of its own, such as the handbook.

    Args:
        session: Reads.
        name: The text.
        title: Of the window.
    """

    def __init__(
        self, session: Session, look: Look, name: str, title: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setObjectName(f"text-{name}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.reader = Reader(session, name, title, self)
        close = make_button(look, self.tr("&Close"), kind="primary", parent=self)
        close.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.reader, 1)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        em = self.fontMetrics().height()
        self.resize(48 * em, 36 * em)


class AboutDialog(QDialog):
    """The program, its versions and folders; a second tab has what is new.

    Args:
        session: Whose folders are shown.
        look: Colours and icons.
        news: Open with *What's new*.
    """

    def __init__(
        self, session: Session, look: Look, *, news: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Gladly Source"))
        self.setObjectName("about")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.tabs = QTabWidget(self)
        self.tabs.setAccessibleName(self.windowTitle())
        self.tabs.addTab(self._facts(session), self.tr("About"))
        self.tabs.addTab(
            Reader(session, CHANGELOG, self.tr("What's new"), self), self.tr("What's new")
        )
        self.tabs.setCurrentIndex(int(news))
        close = make_button(look, self.tr("&Close"), kind="primary", parent=self)
        copy = CopyButton(look, self._copied, self.tr("Co&py versions"), self)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(copy)
        buttons.addStretch(1)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(self._head(look))
        column.addWidget(self.tabs, 1)
        column.addLayout(buttons)
        em = self.fontMetrics().height()
        self.resize(36 * em, 26 * em)

    def _head(self, look: Look) -> QHBoxLayout:
        picture = QLabel(self)
        picture.setPixmap(draw_emblem(look, EMBLEM))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Heading(look, "Gladly Source", 1, self))
        words.addWidget(Text(self.tr("Version {0}").format(__version__), tone="muted", parent=self))
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(picture)
        head.addLayout(words, 1)
        return head

    def _facts(self, session: Session) -> QWidget:
        page = QWidget(self)
        form = QFormLayout(page)
        form.setContentsMargins(0, 12, 0, 0)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        what = self.tr("Gladly conversations into Twilio Segment, durably, and visible on the way.")
        form.addRow(Text(what, parent=page))
        rows = (
            (self.tr("Home"), str(session.home.path)),
            (self.tr("Settings"), str(session.home.settings_file)),
            (self.tr("Log"), str(session.home.log_folder)),
            *versions()[1:],
            (self.tr("License"), self.tr("MIT; Qt under the LGPL 3; Phosphor icons under the MIT")),
        )
        for name, value in rows:
            label = Text(name, tone="muted", parent=page)
            said = Text(value, parent=page)
            said.setAccessibleName(f"{name}: {value}")
            form.addRow(label, said)
        return page

    def _copied(self) -> str:
        return "\n".join(f"{name} {value}" for name, value in versions())


def versions() -> tuple[tuple[str, str], ...]:
    """What is asked for first when something goes wrong."""
    system = f"{platform.system()} {platform.release()} ({platform.machine()})"
    return (
        ("Gladly Source", __version__),
        ("Python", platform.python_version()),
        ("Qt", qVersion()),
        ("System", system),
    )
