"""The mender: does what a press says, and asks before it changes what others rely on."""

from __future__ import annotations

import socket
import stat
from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox, QPushButton, QWidget

from core.control import ControlClient
from core.gladly.webhooks import EVENTS
from core.ingest.server import free_port
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.runner import SimulatorServer
from gui.mending.mender import Mender
from gui.mending.mends import Act, Mend, for_error
from gui.run import Phase
from tests.fakes.rig import HOOK, Rig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from core.home import Home
    from core.settings import Settings
    from gui.session import Session
    from tests.gui.conftest import MemoryPlace

    Make = Callable[..., Session]


class Opened(QObject):
    """Takes the folders that would be shown by the desktop."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[QUrl] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.urls.append(url)


@pytest.fixture
def opened() -> Iterator[Opened]:
    """What the desktop was asked to show."""
    taker = Opened()
    QDesktopServices.setUrlHandler("file", taker, "take")
    yield taker
    QDesktopServices.unsetUrlHandler("file")


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    """Questions are asked on top of it."""
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def question(page: QWidget) -> QMessageBox | None:
    return page.findChild(QMessageBox, "take-port")


def buttons(page: QWidget) -> list[QPushButton]:
    box = question(page)
    assert box is not None
    return box.findChild(QDialogButtonBox).findChildren(QPushButton)


@pytest.mark.parametrize(
    ("mend", "wished"),
    [
        (Mend("", Act.PAGE, "attention"), ("open_page", ["attention"])),
        (Mend("", Act.CARD, "segment"), ("open_card", ["segment"])),
        (Mend("", Act.AGAIN), ("check", ["keyring"])),
        (Mend("", Act.DIAGNOSTICS), ("save_diagnostics", [])),
    ],
)
def test_what_others_do_is_wished_for(
    qtbot: QtBot, still: Make, page: QWidget, mend: Mend, wished: tuple[str, list[str]]
) -> None:
    mender = Mender(still(), page)
    signal, said = wished

    with qtbot.waitSignal(getattr(mender, signal)) as wish:
        mender.do(mend, "keyring")

    assert wish.args == said


def test_segment_is_tried_now(qtbot: QtBot, make_session: Make, page: QWidget) -> None:
    session = make_session()
    mender = Mender(session, page)

    with qtbot.waitSignal(mender.told) as told:
        mender.do(Mend("", Act.RESUME))

    assert told.args == ["busy", "Segment is tried now.", ""]


def test_without_an_engine_that_is_said(qtbot: QtBot, still: Make, page: QWidget) -> None:
    mender = Mender(still(Phase.STOPPED), page)

    with qtbot.waitSignal(mender.told) as told:
        mender.do(Mend("", Act.RESUME))

    assert told.args[0] == "bad"
    assert told.args[1] == "The engine does not run."


def test_the_engine_is_started(qtbot: QtBot, make_session: Make, page: QWidget) -> None:
    session = make_session(start=False)

    Mender(session, page).do(Mend("", Act.RESTART))

    qtbot.waitUntil(lambda: session.phase is Phase.RUNNING)


def test_the_home_is_made_private_and_looked_at_again(
    qtbot: QtBot, still: Make, page: QWidget, home: Home
) -> None:
    home.path.mkdir(mode=0o755)
    mender = Mender(still(), page)

    with qtbot.waitSignals([mender.told, mender.check]):
        mender.do(Mend("", Act.PRIVATE), "store")

    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_the_home_folder_is_shown_or_the_nearest_above_it(
    qtbot: QtBot, still: Make, page: QWidget, opened: Opened, home: Home
) -> None:
    Mender(still(), page).do(Mend("", Act.FOLDER))

    qtbot.waitUntil(lambda: len(opened.urls) == 1)
    assert opened.urls[0].toLocalFile() == str(home.path.parent)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_another_port_is_taken_only_after_a_yes(
    qtbot: QtBot, make_session: Make, page: QWidget, taken: int, home: Home
) -> None:
    home.path.mkdir(mode=0o700)
    home.settings_file.write_text(f"[listener]\nport = {taken}\n")
    session = make_session(listener__port=None)
    mender = Mender(session, page)
    assert session.phase is Phase.FAILED

    mender.do(for_error(session.error)[0])
    qtbot.waitUntil(lambda: question(page) is not None)
    [yes] = [button for button in buttons(page) if button.text().startswith("Use port")]
    with qtbot.waitSignal(mender.told, timeout=10_000) as told:
        yes.click()

    port = session.settings.listener.port
    assert port > taken
    assert told.args[:2] == ["good", f"The listener uses port {port} now."]
    assert session.phase is Phase.RUNNING


def test_where_another_process_listens_a_port_is_for_its_next_start(
    qtbot: QtBot, make_session: Make, page: QWidget, home: Home
) -> None:
    with Rig(home.path):
        session = make_session(listener__port=None)
        assert session.phase is Phase.ATTACHED
        mender = Mender(session, page)
        mender.do(Mend("", Act.PORT))
        qtbot.waitUntil(lambda: question(page) is not None)
        [yes] = [button for button in buttons(page) if button.text().startswith("Use port")]
        with qtbot.waitSignal(mender.told, timeout=10_000) as told:
            yes.click()

    tone, said, hint = told.args
    assert (tone, said.startswith("Saved: the listener will use port")) == ("warn", True)
    assert "until then" in hint


def test_a_no_changes_nothing(
    qtbot: QtBot, still: Make, page: QWidget, taken: int, home: Home
) -> None:
    session = still(Phase.FAILED)
    session.settings = _with_port(session, taken)
    Mender(session, page).do(Mend("", Act.PORT))
    qtbot.waitUntil(lambda: question(page) is not None)

    [no] = [button for button in buttons(page) if not button.text().startswith("Use port")]
    no.click()

    qtbot.waitUntil(lambda: question(page) is None)
    assert not home.settings_file.exists()


def test_a_port_from_the_environment_is_changed_there(
    qtbot: QtBot, still: Make, page: QWidget, taken: int
) -> None:
    session = still(Phase.FAILED, origin={"listener.port": "GLADLY_SOURCE_LISTENER__PORT"})
    session.settings = _with_port(session, taken)
    mender = Mender(session, page)
    mender.do(Mend("", Act.PORT))
    qtbot.waitUntil(lambda: question(page) is not None)
    [yes] = [button for button in buttons(page) if button.text().startswith("Use port")]

    with qtbot.waitSignal(mender.told) as told:
        yes.click()

    assert "GLADLY_SOURCE_LISTENER__PORT" in told.args[1]


def _with_port(session: Session, port: int) -> Settings:
    settings = session.settings
    listener = msgspec.structs.replace(settings.listener, port=port)
    return msgspec.structs.replace(settings, listener=listener)


@pytest.fixture
def gladly() -> Iterator[tuple[GladlySimulator, str]]:
    """A simulated Gladly and its address."""
    simulator = GladlySimulator(requests_per_second=0)
    with SimulatorServer(simulator) as server:
        yield simulator, server.url


@pytest.mark.logs_warnings
def test_the_webhook_in_gladly_is_switched_on_again(
    qtbot: QtBot,
    make_session: Make,
    page: QWidget,
    place: MemoryPlace,
    gladly: tuple[GladlySimulator, str],
) -> None:
    there, url = gladly
    port = free_port("127.0.0.1", 21_000)
    place.secrets["gladly-token"] = DEMO_TOKEN
    session = make_session(
        listener__port=port,
        listener__public_url=f"http://127.0.0.1:{port}",
        gladly__url=url,
        gladly__agent_email=DEMO_EMAIL,
    )
    qtbot.waitUntil(lambda: ControlClient.find(session.home) is not None)
    hook = there.add_webhook(f"http://127.0.0.1:{port}{HOOK}", events=EVENTS)
    there.webhooks.switch_off(hook.id)
    mender, told = Mender(session, page), []
    mender.told.connect(lambda *said: told.append(said))

    mender.do(Mend("", Act.ENABLE))

    qtbot.waitUntil(lambda: len(told) == 2, timeout=10_000)
    assert told[0][0] == "busy"
    assert told[1][0] == "good", told
    assert "is enabled" in told[1][1]
    assert "read from Gladly" in told[1][2]
    assert there.webhooks.all()[0].enabled


def test_that_the_webhook_cannot_be_switched_on_is_said(
    qtbot: QtBot, still: Make, page: QWidget
) -> None:
    mender, told = Mender(still(), page), []
    mender.told.connect(lambda *said: told.append(said))

    mender.do(Mend("", Act.ENABLE))

    qtbot.waitUntil(lambda: len(told) == 2)
    assert told[1][0] == "bad"
    assert "gladly.url" in told[1][1]
