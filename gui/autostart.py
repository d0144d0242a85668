"""Start with the computer: an entry where each desktop looks for one, and its path kept right."""

from __future__ import annotations

import hashlib
import importlib
import os
import plistlib
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from core.errors import OperationError
from core.home import find_home, write_private

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.home import Home

TITLE = "Gladly Source"
NAME = "gladly-source"
HIDDEN = "--hidden"
RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
#: characters that a desktop entry's Exec wants inside quotes
_PLAIN = re.compile(r"[A-Za-z0-9@%_+=:,./-]+")


class Registry(Protocol):
    """The values under the current user's Run key."""

    def get(self, name: str) -> str | None:
        """The command line, or None."""

    def set(self, name: str, command: str) -> None:
        """Keep the command line."""

    def delete(self, name: str) -> None:
        """Forget it; unknown ones are ignored."""


class Autostart:
    """One entry that starts this program, hidden, when the user logs in.

    Reads and writes small files or registry values: not for the GUI thread.

    Args:
        command: The program and its arguments.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)

    def enabled(self) -> bool:
        """Whether there is an entry, whatever it starts."""
        return self._read() is not None

    def enable(self) -> None:
        """Write the entry.

        Raises:
            OperationError: It cannot be written.
        """
        try:
            self._write()
        except OSError as exc:
            raise _refused(exc) from exc

    def disable(self) -> None:
        """Remove the entry, if there is one.

        Raises:
            OperationError: It cannot be removed.
        """
        try:
            self._remove()
        except OSError as exc:
            raise _refused(exc) from exc

    def repair(self) -> bool:
        """Rewrite an entry that starts something else, such as where the program was before.

        Returns:
            Whether it had to be.
        """
        found = self._read()
        if found is None or found == self._content():
            return False
        self.enable()
        return True

    def _content(self) -> object:
        raise NotImplementedError

    def _read(self) -> object | None:
        raise NotImplementedError

    def _write(self) -> None:
        raise NotImplementedError

    def _remove(self) -> None:
        raise NotImplementedError


class FileAutostart(Autostart):
    """An entry that is a file of its own.

    Args:
        command: The program and its arguments.
        file: Where the entry lies.
        render: The file's content for a command.
    """

    def __init__(
        self, command: Sequence[str], file: Path, render: Callable[[Sequence[str]], bytes]
    ) -> None:
        super().__init__(command)
        self.file = file
        self._render = render

    def _content(self) -> bytes:
        return self._render(self._command)

    def _read(self) -> bytes | None:
        try:
            return self.file.read_bytes()
        except OSError:
            return None

    def _write(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_private(self.file, self._content())

    def _remove(self) -> None:
        self.file.unlink(missing_ok=True)


class WindowsAutostart(Autostart):
    """A value under the Run key.

    Args:
        command: The program and its arguments.
        registry: The Run key.
        name: The value's name.
    """

    def __init__(self, command: Sequence[str], registry: Registry, name: str) -> None:
        super().__init__(command)
        self._registry = registry
        self._name = name

    def _content(self) -> str:
        return subprocess.list2cmdline(self._command)

    def _read(self) -> str | None:
        try:
            return self._registry.get(self._name)
        except OSError:
            return None

    def _write(self) -> None:
        self._registry.set(self._name, self._content())

    def _remove(self) -> None:
        self._registry.delete(self._name)


class RunKey:
    """The Run key of this user, through `winreg` (or what is handed in for it)."""

    def __init__(self, winreg: Any = None) -> None:  # noqa: ANN401 - a module of Windows only
        self._winreg = importlib.import_module("winreg") if winreg is None else winreg

    def get(self, name: str) -> str | None:
        """The command line, or None."""
        reg = self._winreg
        try:
            with reg.OpenKey(reg.HKEY_CURRENT_USER, RUN_KEY, 0, reg.KEY_READ) as key:
                return str(reg.QueryValueEx(key, name)[0])
        except FileNotFoundError:
            return None

    def set(self, name: str, command: str) -> None:
        """Keep the command line."""
        reg = self._winreg
        with reg.CreateKeyEx(reg.HKEY_CURRENT_USER, RUN_KEY, 0, reg.KEY_SET_VALUE) as key:
            reg.SetValueEx(key, name, 0, reg.REG_SZ, command)

    def delete(self, name: str) -> None:
        """Forget it; unknown ones are ignored."""
        reg = self._winreg
        try:
            with reg.OpenKey(reg.HKEY_CURRENT_USER, RUN_KEY, 0, reg.KEY_SET_VALUE) as key:
                reg.DeleteValue(key, name)
        except FileNotFoundError:
            return


def autostart_for(
    home: Home,
    *,
    platform: str = sys.platform,
    environ: Mapping[str, str] = os.environ,
    command: Sequence[str] = (),
    registry: Registry | None = None,
) -> Autostart:
    """The entry of this home on this platform.

    Args:
        home: Started with `--home` where it is not the default one.
        platform: As `sys.platform` names it.
        environ: Where folders are looked up.
        command: The program without arguments; found by itself when empty.
        registry: Windows: the Run key.
    """
    default = find_home(None, {}).path == home.path
    chosen = () if default else ("--home", str(home.path))
    line = (*(command or program()), *chosen, HIDDEN)
    # Two homes may both start with the computer.
    mark = "" if default else f"-{hashlib.sha256(str(home.path).encode()).hexdigest()[:8]}"
    folder = Path(environ.get("HOME") or Path.home())
    if platform == "win32":
        return WindowsAutostart(line, registry or RunKey(), TITLE + mark)
    if platform == "darwin":
        label = f"com.gladly-source.desktop{mark}"
        agents = folder / "Library" / "LaunchAgents"
        return FileAutostart(
            line, agents / f"{label}.plist", lambda command: launch_agent(label, command)
        )
    base = environ.get("XDG_CONFIG_HOME") or ""
    config = Path(base) if os.path.isabs(base) else folder / ".config"  # noqa: PTH117 - text
    return FileAutostart(line, config / "autostart" / f"{NAME}{mark}.desktop", desktop_entry)


def program(executable: str = sys.executable, *, frozen: bool | None = None) -> tuple[str, ...]:
    """How this program is started: the bundle, its installed script, or Python with a module."""
    if getattr(sys, "frozen", False) if frozen is None else frozen:
        return (executable,)
    folder = Path(executable).parent
    for name in ("gladly-source-gui", "gladly-source-gui.exe"):
        if (folder / name).is_file():
            return (str(folder / name),)
    windowed = folder / "pythonw.exe"  # without a console window
    return (str(windowed) if windowed.is_file() else executable, "-m", "gui")


def desktop_entry(command: Sequence[str]) -> bytes:
    """A freedesktop autostart entry."""
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        f"Name={TITLE}",
        "Comment=Gladly conversations into Segment",
        f"Exec={' '.join(_quoted(part) for part in command)}",
        f"Icon={NAME}",
        "Terminal=false",
        "X-GNOME-Autostart-enabled=true",
    ]
    return ("\n".join(lines) + "\n").encode()


def launch_agent(label: str, command: Sequence[str]) -> bytes:
    """A launchd agent that runs at log-in."""
    content = {
        "Label": label,
        "ProgramArguments": list(command),
        "RunAtLoad": True,
        "ProcessType": "Interactive",
    }
    return plistlib.dumps(content)


def _quoted(part: str) -> str:
    """One argument of Exec: quoted, and escaped once for the quotes and once for the file."""
    part = part.replace("%", "%%")
    if _PLAIN.fullmatch(part):
        return part
    inside = re.sub(r'(["`$\\])', r"\\\1", part)
    return '"' + inside.replace("\\", "\\\\") + '"'


def _refused(exc: OSError) -> OperationError:
    return OperationError(
        f"Starting with the computer could not be changed: {exc.strerror or exc}.",
        "Check that the folder of your autostart entries can be written.",
    )
