"""Fixtures for all tests: a clean environment, and unexpected log records fail."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import certifi
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.fakes.postgres import Server

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Compiled once, not by each worker and by each process that a test starts.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

#: a file system in memory, and how much of it has to be free; a run keeps far less at a time
MEMORY, ROOM_BYTES = Path("/dev/shm"), 2 * 2**30  # noqa: S108 - folders of their own are made there
# A commit waits for the disk, and the tests make tens of thousands: no test can see whether it
# reached one. Whoever sets TMPDIR decides himself.
if (
    "TMPDIR" not in os.environ
    and os.access(MEMORY, os.W_OK)
    and shutil.disk_usage(MEMORY).free >= ROOM_BYTES
):
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


# Nothing of what is imported and collected is garbage: see `pytest_collection_finish`.
gc.disable()

#: folders and files of few but long tests; most of these wait for processes
LONG = {"e2e", "bench", "test_walk.py"}
#: by which part of the run all of them have begun
LONG_UNTIL = 0.8


def pytest_configure(config: pytest.Config) -> None:
    """Between workers, files are handed out in the order of `pytest_collection_modifyitems`."""
    config.option.loadscopereorder = False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On a worker: long tests, which wait, among those that compute; of these the largest first.

    By itself xdist begins with the files of many tests: the long ones came together, and last.
    """
    if not hasattr(config, "workerinput"):
        return
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    long = [path for path in files if LONG & set(path.parts)]
    short = sorted(files.keys() - long, key=lambda path: (-len(files[path]), path))
    place = {path: number / len(short) for number, path in enumerate(short)}
    place |= {path: LONG_UNTIL * number / len(long) for number, path in enumerate(long)}
    order = sorted(files, key=lambda path: place[path])
    items[:] = [item for path in order for item in files[path]]


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: no collector need look at it again."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One certificate to trust: reading all of them takes each client 30 ms, and nobody has one."""
    first, end, _ = Path(certifi.where()).read_text("ascii").partition("-----END CERTIFICATE-----")
    path = tmp_path_factory.mktemp("authority") / "one.pem"
    path.write_text(f"{first}{end}\n", "ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certifi, "where", lambda: str(path))
        yield


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The developer's own variables must not change a result."""
    for name in list(os.environ):
        if name.startswith(("GLADLY_SOURCE_", "PG")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def threads_left() -> Callable[[], list[str]]:
    """Names of the threads with an event loop that were started since and still run."""
    before = set(threading.enumerate())
    return lambda: [
        thread.name
        for thread in threading.enumerate()
        if thread not in before and thread.name in {"engine", "simulator"}
    ]


@pytest.fixture(autouse=True)
def quiet_log(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A warning in the log that the test did not announce (`logs_warnings`) fails it."""
    yield
    if request.node.get_closest_marker("logs_warnings"):
        return
    records = [
        record
        for phase in ("setup", "call", "teardown")
        for record in caplog.get_records(phase)
        if record.levelno >= logging.WARNING
    ]
    assert records == [], [record.getMessage() for record in records]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A real PostgreSQL, started when the first test of this process asks for it."""
    postgres = pytest.importorskip("tests.fakes.postgres")
    if postgres.programs() is None:
        what = "no PostgreSQL server here: install Debian's postgresql"
        (pytest.fail if "EVERYTHING_IS_INSTALLED" in os.environ else pytest.skip)(what)
    yield from postgres.serving()


@pytest.fixture
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """The address of an empty store on PostgreSQL."""
    yield from postgres_server.borrowed()
