"""A real PostgreSQL server in a temporary folder, and an empty store in it for each test."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: nothing has to outlive the test process, nor stay in memory after a kill; no vacuum meanwhile,
#: which would change the version
OPTIONS = (
    "dynamic_shared_memory_type=mmap",
    "fsync=off",
    "autovacuum=off",
    "full_page_writes=off",
    "deadlock_timeout=100ms",
    "max_connections=200",
)
TABLES = (
    "webhook",
    "fact",
    "delivery",
    "delivery_content",
    "attempt",
    "meta",
    "coverage",
    "gap",
    "engine",
)
NUMBERED = ("webhook", "delivery", "gap")


def programs() -> Path | None:
    """Where the server's programs are; Debian keeps them out of the PATH."""
    if found := shutil.which("postgres"):
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parts[-2]))
    return folders[-1] if folders else None


class Server:
    """A server that listens on loopback and on a socket in its folder.

    Args:
        folder: Where everything is; belongs to whoever runs the server afterwards.
        options: Settings of the server.
    """

    def __init__(self, folder: Path, options: Sequence[str] = OPTIONS) -> None:
        found = programs()
        assert found is not None
        self._programs = found
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._schemas: list[str] = []
        self._made = 0
        self.port = free_port()

    @property
    def pid(self) -> int:
        """The process that all the others belong to."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Make the cluster if there is none, start the server and wait for it."""
        data = self._folder / "data"
        if not data.exists():
            if os.geteuid() == 0:
                shutil.chown(self._folder, "nobody")
            program = self._programs / "initdb"
            options = ["-U", "app", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
            subprocess.run(
                [*self._as_user(), program, "-D", data, *options], check=True, capture_output=True
            )
        while not self._started(data):  # what a kill left behind takes a moment to go away
            pass

    def _started(self, data: Path) -> bool:
        log = self._folder / "log"
        options = ["-k", self._folder, "-h", "127.0.0.1", "-p", str(self.port)]
        options += [part for one in self._options for part in ("-c", one)]
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*self._as_user(), self._programs / "postgres", "-D", data, *options],
                stdout=output,
                stderr=output,
                cwd=self._folder,
            )
        waited = threading.Event()
        while self._process.poll() is None:
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                waited.wait(0.02)
            else:
                return True
        said = log.read_bytes()
        if b"Address already in use" in said and not self._made:
            self.port = free_port()  # somebody was faster
            return False
        assert b"shared memory" in said or b"postmaster.pid" in said, said
        return False

    def kill(self) -> None:
        """Everything of it at one moment, as in a power cut: it answers nothing any more."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)  # begins no more
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it at once, without tidying up."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()

    def url(self, schema: str = "") -> str:
        """The address of the server, or of one schema."""
        options = f"?options=-csearch_path%3D{schema}" if schema else ""
        return f"postgresql://app@127.0.0.1:{self.port}/postgres{options}"

    def guard(self, user: str, password: str) -> Path:
        """Let this user in over TLS and with a password only; the certificate to trust."""
        data = self._folder / "data"
        certificate, key = self._folder / "server.crt", self._folder / "server.key"
        names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
        kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        where = ["-keyout", key, "-out", certificate]
        subprocess.run(
            ["openssl", "req", *kind, "-days", "2", *names, *where],
            check=True,
            capture_output=True,
        )
        owner = data.stat()
        if os.geteuid() == 0:
            os.chown(key, owner.st_uid, owner.st_gid)
        rules = data / "pg_hba.conf"
        only = f"hostssl all {user} all scram-sha-256\nhost all {user} all reject\n"
        rules.write_text(only + rules.read_text())
        with closing(psycopg.connect(self.url(), autocommit=True)) as connection:
            connection.execute(f"CREATE USER {user} SUPERUSER PASSWORD '{password}'")
            connection.execute(f"ALTER SYSTEM SET ssl_cert_file = '{certificate}'")
            connection.execute(f"ALTER SYSTEM SET ssl_key_file = '{key}'")
            connection.execute("ALTER SYSTEM SET ssl = on")
            connection.execute("SELECT pg_reload_conf()")
        return certificate

    def empty(self) -> str:
        """The address of a schema without any table."""
        self._made += 1
        schema = f"store_{self._made}"
        with closing(psycopg.connect(self.url(), autocommit=True)) as connection:
            connection.execute(f"CREATE SCHEMA {schema}")
        return self.url(schema)

    def borrowed(self) -> Iterator[str]:
        """The address of an empty store; what a test leaves in it is removed behind it."""
        url = self._schemas.pop() if self._schemas else self.empty()
        yield url
        with closing(psycopg.connect(url, autocommit=True)) as connection:
            if connection.execute("SELECT to_regclass('meta')").fetchone() == (None,):
                return
            # Far less work than TRUNCATE, which makes new files for all tables and indexes.
            statements = [f"DELETE FROM {one}" for one in TABLES if one != "meta"]  # noqa: S608
            statements.append("DELETE FROM meta WHERE name <> 'schema'")
            statements += [f"ALTER TABLE {one} ALTER id RESTART" for one in NUMBERED]
            connection.execute(";".join(statements))
        self._schemas.append(url)

    def _as_user(self) -> list[str]:
        """PostgreSQL refuses to run as root; and the server ends with this process."""
        quit_with_parent = ["setpriv", "--pdeathsig", "QUIT"]
        if os.geteuid() != 0:
            return quit_with_parent if shutil.which("setpriv") else []
        return [*quit_with_parent, "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]


def free_port() -> int:
    """A port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def serving(options: Sequence[str] = OPTIONS) -> Iterator[Server]:
    """A server, for as long as it is needed."""
    # Not in pytest's own folder, which another user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="gs-pg-", dir="/tmp"))
    server = Server(folder, options)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
