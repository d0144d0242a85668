"""Whether there is a display, and what is said where the app cannot be loaded."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import pytest

from core.cli.desktop import has_display, load_app
from core.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"QT_QPA_PLATFORM": "offscreen"}, False),
        ("linux", {"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}, True),
        ("linux", {"QT_QPA_PLATFORM": "xcb"}, False),
        ("linux", {"QT_QPA_PLATFORM": "wayland;xcb"}, False),
        ("linux", {"QT_QPA_PLATFORM": "vnc:port=5900"}, True),
        ("linux", {"QT_QPA_PLATFORM": "eglfs"}, True),
        ("freebsd14", {"DISPLAY": ":0"}, True),
        ("win32", {}, True),
        ("darwin", {}, True),
    ],
)
def test_a_display_is_where_a_person_could_see_a_window(
    platform: str, environ: dict[str, str], expected: bool
) -> None:
    assert has_display(environ, platform) is expected


def importing(error: ImportError) -> Callable[[str], ModuleType]:
    def fail(_: str) -> ModuleType:
        raise error

    return fail


@pytest.mark.parametrize("package", ["PySide6", "shiboken6", "pyqtgraph", "qtawesome", "gui"])
def test_a_package_that_is_not_installed_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    error = ModuleNotFoundError(f"No module named '{package}.x'", name=f"{package}")
    monkeypatch.setattr(importlib, "import_module", importing(error))

    with pytest.raises(OperationError) as caught:
        load_app()
    assert package in caught.value.title
    assert "pip install" in caught.value.hint
    assert "--help" in caught.value.hint


def test_a_library_of_the_system_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")
    monkeypatch.setattr(importlib, "import_module", importing(error))

    with pytest.raises(OperationError) as caught:
        load_app()
    assert "libEGL.so.1" in caught.value.title
    assert "libegl1" in caught.value.hint


@pytest.mark.parametrize(
    "error",
    [
        ModuleNotFoundError("No module named 'gui.nowhere'", name="gui.nowhere"),
        ModuleNotFoundError("No module named 'httpx'", name="httpx"),
        ImportError("cannot import name 'x' from 'gui.app'"),
    ],
)
def test_a_mistake_of_ours_is_not_blamed_on_the_machine(
    monkeypatch: pytest.MonkeyPatch, error: ImportError
) -> None:
    monkeypatch.setattr(importlib, "import_module", importing(error))

    with pytest.raises(type(error)):
        load_app()
