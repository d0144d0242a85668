"""The folder that holds settings, store and logs, and files in it that only this user may read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import platformdirs

if TYPE_CHECKING:
    from collections.abc import Mapping

HOME_VARIABLE = "GLADLY_SOURCE_HOME"


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """The folder that holds settings, store and logs."""

    path: Path

    @property
    def settings_file(self) -> Path:
        """`settings.toml`."""
        return self.path / "settings.toml"

    @property
    def store_file(self) -> Path:
        """The SQLite store."""
        return self.path / "store.db"

    @property
    def log_folder(self) -> Path:
        """Where `serve` and the desktop app log to."""
        return self.path / "log"

    @property
    def control_file(self) -> Path:
        """How other programs of the same user reach the running engine."""
        return self.path / "control.json"


def find_home(option: str | None, environ: Mapping[str, str]) -> Home:
    """The home named by `--home`, by `GLADLY_SOURCE_HOME`, or the platform's default."""
    named = option or environ.get(HOME_VARIABLE)
    if named:
        return Home(path=Path(named).expanduser().absolute())
    return Home(path=Path(platformdirs.user_data_dir("gladly-source", appauthor=False)))


def write_private(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step, mode 0600.

    Raises:
        OSError: The folder cannot be written.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
