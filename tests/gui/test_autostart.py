"""Starting with the computer, on all three platforms, tested on whichever this is."""

from __future__ import annotations

import configparser
import plistlib
import shlex
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import OperationError
from core.home import Home, find_home
from gui.autostart import (
    Autostart,
    FileAutostart,
    RunKey,
    autostart_for,
    desktop_entry,
    program,
)

if TYPE_CHECKING:
    from collections.abc import Callable

HOME = Home(path=Path("/data/home of mine"))
DEFAULT = find_home(None, {})


class FakeWinreg:
    """As much of winreg as the Run key needs."""

    HKEY_CURRENT_USER, KEY_READ, KEY_SET_VALUE, REG_SZ = "HKCU", 1, 2, 1

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.missing = False

    def __enter__(self) -> FakeWinreg:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def OpenKey(self, root: str, path: str, _: int, access: int) -> FakeWinreg:  # noqa: N802
        assert (root, path) == ("HKCU", r"Software\Microsoft\Windows\CurrentVersion\Run")
        assert access in {1, 2}
        if self.missing:
            raise FileNotFoundError
        return self

    def CreateKeyEx(self, root: str, path: str, _: int, access: int) -> FakeWinreg:  # noqa: N802
        self.missing = False
        return self.OpenKey(root, path, 0, access)

    def QueryValueEx(self, _: object, name: str) -> tuple[str, int]:  # noqa: N802
        if name not in self.values:
            raise FileNotFoundError
        return self.values[name], 1

    def SetValueEx(self, _: object, name: str, __: int, ___: int, value: str) -> None:  # noqa: N802
        self.values[name] = value

    def DeleteValue(self, _: object, name: str) -> None:  # noqa: N802
        if name not in self.values:
            raise FileNotFoundError
        del self.values[name]


@pytest.fixture(params=["linux", "darwin", "win32"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Autostart]:
    """Makes the entry of one platform."""
    registry = RunKey(FakeWinreg())

    def make(*command: str, home: Home = HOME) -> Autostart:
        return autostart_for(
            home,
            platform=request.param,
            environ={"HOME": str(tmp_path)},
            command=command or ("/opt/app/gladly-source-gui",),
            registry=registry,
        )

    return make


def test_is_off_until_switched_on_and_off_again(made: Callable[..., Autostart]) -> None:
    entry = made()

    assert not entry.enabled()
    entry.enable()
    assert entry.enabled()
    entry.disable()
    assert not entry.enabled()
    entry.disable()


def test_the_path_is_repaired_after_the_program_moved(made: Callable[..., Autostart]) -> None:
    made("/old/gladly-source-gui").enable()
    entry = made("/new/gladly-source-gui")

    assert entry.repair()
    assert not entry.repair()


def test_repairing_does_not_switch_on(made: Callable[..., Autostart]) -> None:
    entry = made()

    assert not entry.repair()
    assert not entry.enabled()


def test_two_homes_do_not_share_an_entry(made: Callable[..., Autostart]) -> None:
    made().enable()

    assert not made(home=Home(path=Path("/data/another"))).enabled()
    assert not made(home=DEFAULT).enabled()


def test_linux_gets_a_desktop_entry_in_the_config_folder(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "cfg")}
    entry = autostart_for(HOME, platform="linux", environ=environ, command=("/opt/app/gui",))
    entry.enable()

    assert isinstance(entry, FileAutostart)
    assert entry.file.parent == tmp_path / "cfg" / "autostart"
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.read_string(entry.file.read_text())
    fields = parsed["Desktop Entry"]
    assert fields["type"] == "Application"
    assert fields["exec"] == '/opt/app/gui --home "/data/home of mine" --hidden'
    assert stat.S_IMODE(entry.file.stat().st_mode) == 0o600


def test_the_default_home_needs_no_option(tmp_path: Path) -> None:
    entry = autostart_for(
        DEFAULT, platform="linux", environ={"HOME": str(tmp_path)}, command=("/opt/gui",)
    )
    entry.enable()

    assert isinstance(entry, FileAutostart)
    assert entry.file == tmp_path / ".config" / "autostart" / "gladly-source.desktop"
    assert "Exec=/opt/gui --hidden\n" in entry.file.read_text()


def test_macos_gets_a_launch_agent(tmp_path: Path) -> None:
    entry = autostart_for(
        DEFAULT, platform="darwin", environ={"HOME": str(tmp_path)}, command=("/A/B C",)
    )
    entry.enable()

    assert isinstance(entry, FileAutostart)
    assert entry.file.parent == tmp_path / "Library" / "LaunchAgents"
    content: dict[str, Any] = plistlib.loads(entry.file.read_bytes())
    assert content["ProgramArguments"] == ["/A/B C", "--hidden"]
    assert content["RunAtLoad"] is True
    assert entry.file.name == f"{content['Label']}.plist"


def test_windows_gets_a_quoted_command_line() -> None:
    winreg = FakeWinreg()
    winreg.missing = True
    entry = autostart_for(
        DEFAULT,
        platform="win32",
        command=(r"C:\Program Files\Gladly Source\app.exe",),
        registry=RunKey(winreg),
    )
    assert not entry.enabled()
    entry.enable()

    assert winreg.values == {"Gladly Source": r'"C:\Program Files\Gladly Source\app.exe" --hidden'}


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / ".config").write_text("a file where a folder should be")
    entry = autostart_for(
        HOME, platform="linux", environ={"HOME": str(tmp_path)}, command=("/opt/gui",)
    )

    with pytest.raises(OperationError) as caught:
        entry.enable()
    assert "could not be changed" in caught.value.title
    with pytest.raises(OperationError):
        entry.disable()


def test_an_unreadable_registry_counts_as_off() -> None:
    class Locked(FakeWinreg):
        def OpenKey(self, *_: object) -> FakeWinreg:  # noqa: N802
            raise PermissionError

    entry = autostart_for(DEFAULT, platform="win32", command=("a",), registry=RunKey(Locked()))

    assert not entry.enabled()


def test_the_program_is_the_bundle_the_script_or_the_module(tmp_path: Path) -> None:
    python = tmp_path / "python"
    assert program(str(python), frozen=True) == (str(python),)
    assert program(str(python), frozen=False) == (str(python), "-m", "gui")

    (tmp_path / "pythonw.exe").touch()
    assert program(str(python), frozen=False) == (str(tmp_path / "pythonw.exe"), "-m", "gui")

    (tmp_path / "gladly-source-gui").touch()
    assert program(str(python), frozen=False) == (str(tmp_path / "gladly-source-gui"),)


PATHS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PATHS, min_size=1, max_size=4))
def test_any_path_survives_the_desktop_entry(command: list[str]) -> None:
    """Unescaped as the Desktop Entry Specification says: the file's level, then the quotes."""
    lines = desktop_entry(command).decode().split("\n")
    value = next(line for line in lines if line.startswith("Exec=")).removeprefix("Exec=")
    value = value.replace("\\\\", "\\")

    parser = shlex.shlex(value, posix=True, punctuation_chars=False)
    parser.whitespace_split, parser.commenters, parser.quotes = True, "", '"'
    parser.whitespace = " "
    # Inside double quotes shlex unescapes " and \ only; ` and $ are the specification's own.
    parts = [part.replace("\\`", "`").replace("\\$", "$") for part in parser]

    unsafe = [part for part in command if "\\`" in part or "\\$" in part]
    assert unsafe or parts == [part.replace("%", "%%") for part in command]
