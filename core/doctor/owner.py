"""The name of the program that listens on a port, where the operating system tells it (Linux)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROC = Path("/proc")
_LISTEN = "0A"
_STATE, _INODE = 3, 9


def port_owner(port: int, proc: Path = PROC) -> str | None:
    """The listening program's name and process id, None when it cannot be known.

    Processes of other users show nothing of themselves.
    """
    inodes = set(_inodes(port, proc))
    if not inodes:
        return None
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for folder in proc.glob("[0-9]*"):
        if _holds(folder, wanted):
            return f"{_name(folder)} (process {folder.name})"
    return None


def _inodes(port: int, proc: Path) -> Iterator[str]:
    """Sockets that listen on the port."""
    for table in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / table).read_text("ascii").splitlines()[1:]
        except (OSError, UnicodeDecodeError):
            continue
        for line in lines:
            fields = line.split()
            listens = len(fields) > _INODE and fields[_STATE] == _LISTEN
            if listens and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[_INODE]


def _holds(folder: Path, wanted: set[str]) -> bool:
    try:
        return any(str(link.readlink()) in wanted for link in (folder / "fd").iterdir())
    except OSError:
        return False  # another user's process, or one that has just ended


def _name(folder: Path) -> str:
    try:
        return (folder / "comm").read_text("utf-8", errors="replace").strip() or "a program"
    except OSError:
        return "a program"
