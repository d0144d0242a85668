"""What the checks look at: one installation, and the world around it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import msgspec

from core.credentials import Secrets
from core.gladly.budget import Clock
from core.home import Home
from core.settings import Settings

SETTINGS_URL = "https://cdn-settings.segment.com"


def existing(path: Path) -> Path:
    """`path`, or the nearest folder above it that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def free_bytes(path: Path) -> int:
    """Free space where `path` lies or will lie.

    Raises:
        OSError: It cannot be asked for.
    """
    return shutil.disk_usage(existing(path)).free


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """The world outside; tests hand in another.

    Args:
        settings_url: Where Segment tells whether it knows a write key.
        public_urls: Segment's Public API by region, the one that is set first; None is Segment's.
        transport: Carries requests; None is the network, through the environment's proxy if any.
        clock: Waits between tries of Gladly.
        wall: Epoch seconds.
        free_bytes: Free space where a path lies.
    """

    settings_url: str = SETTINGS_URL
    public_urls: Mapping[str, str] | None = None
    transport: httpx.AsyncBaseTransport | None = None
    clock: Clock | None = None
    wall: Callable[[], float] = time.time
    free_bytes: Callable[[Path], int] = free_bytes


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One installation.

    Args:
        home: Where it lives.
        environ: The process environment.
        secrets: Where its secrets are found.
        engine_running: Whether the caller itself runs the engine of this home.
        settings: None when they cannot be used.
        outside: The world around.
    """

    home: Home
    environ: Mapping[str, str]
    secrets: Secrets
    engine_running: bool = False
    settings: Settings | None = None
    outside: Outside = Outside()
