"""Runs the command line on a clock that a test sets ahead: `other_clock FILE VERB …`.

FILE holds the seconds as an 8-byte float and is read at every look at the clock. Only the clock
on the wall is set: as on a computer that sleeps, the monotonic one stands still meanwhile.
"""

from __future__ import annotations

import os
import struct
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = struct.Struct("d")


def set_ahead(file: Path, seconds: float) -> None:
    """Set the clock of whoever runs on this file."""
    with file.open("r+b" if file.exists() else "wb", buffering=0) as opened:
        opened.write(SECONDS.pack(seconds))


def main() -> None:
    """Change the clock first: the program takes hold of it when it is imported."""
    opened = os.open(sys.argv.pop(1), os.O_RDONLY)
    on_the_wall = time.time

    def ahead() -> float:
        return on_the_wall() + float(SECONDS.unpack(os.pread(opened, SECONDS.size, 0))[0])

    time.time = ahead

    from core.cli import main as run  # noqa: PLC0415 - see above

    run()


if __name__ == "__main__":
    main()
