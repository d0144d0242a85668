"""Who listens on a port."""

from __future__ import annotations

import os
import sys

import pytest

from core.doctor.owner import port_owner
from core.ingest.server import bind

HEAD = "  sl  local_address rem_address   st tx rx tr tm retrnsmt uid timeout inode\n"


def table(proc, name: str, *lines: str) -> None:
    (proc / "net").mkdir(exist_ok=True)
    (proc / "net" / name).write_text(HEAD + "\n".join(lines))


def listening(port: int, inode: int, state: str = "0A") -> str:
    return f" 0: 0100007F:{port:04X} 00000000:0000 {state} 0:0 0:0 0 0 0 {inode} 1"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_our_own_process_is_named():
    sock = bind("127.0.0.1", 0)

    owner = port_owner(sock.getsockname()[1])
    sock.close()

    assert owner is not None
    assert f"(process {os.getpid()})" in owner


def test_a_port_on_which_nobody_listens_has_no_owner(tmp_path):
    table(tmp_path, "tcp", listening(8377, 77, state="01"), listening(9000, 78), "short line")

    assert port_owner(8377, tmp_path) is None


def test_a_process_that_hides_its_sockets_stays_unknown(tmp_path):
    table(tmp_path, "tcp6", listening(8377, 77))
    (tmp_path / "12").mkdir()

    assert port_owner(8377, tmp_path) is None


def test_the_name_comes_from_the_process_that_holds_the_socket(tmp_path):
    table(tmp_path, "tcp", listening(8377, 77))
    for pid, inode, name in (("12", 5, "other\n"), ("13", 77, "nginx\n")):
        (tmp_path / pid / "fd").mkdir(parents=True)
        (tmp_path / pid / "fd" / "3").symlink_to(f"socket:[{inode}]")
        (tmp_path / pid / "comm").write_text(name)

    assert port_owner(8377, tmp_path) == "nginx (process 13)"


def test_a_process_without_a_name_is_a_program(tmp_path):
    table(tmp_path, "tcp", listening(8377, 77))
    (tmp_path / "13" / "fd").mkdir(parents=True)
    (tmp_path / "13" / "fd" / "3").symlink_to("socket:[77]")

    assert port_owner(8377, tmp_path) == "a program (process 13)"


def test_a_system_without_proc_tells_nothing(tmp_path):
    assert port_owner(8377, tmp_path / "none") is None
