"""The zip for support: from an allow-list, without payloads, secrets or personal data."""

from __future__ import annotations

import asyncio
import errno
import io
import platform
import re
import zipfile
from importlib import metadata
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
import tomli_w

from core import __version__
from core import settings as settings_module
from core.doctor.blocking import on_own_thread
from core.doctor.cleaner import Cleaner
from core.doctor.storage import schema_version
from core.errors import OperationError, SettingsError, StoreError
from core.home import write_private
from core.model import DeliveryStatus, WebhookStatus
from core.settings import keys, value_of
from core.store import migrations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from core.doctor.outcome import Outcome
    from core.home import Home
    from core.logs import Redactor
    from core.model import Counts
    from core.settings import Loaded

LOG_LINES = 1000
LOG_NAME = "gladly-source.log"
TAIL_BYTES = 1_000_000
STORE_SECONDS = 10.0
WRITE_SECONDS = 60.0
DEPENDENCIES = (
    *("click", "filelock", "httpcore", "httptools", "httpx", "keyring", "msgspec", "platformdirs"),
    *("prometheus-client", "psycopg", "PySide6-Essentials", "pyqtgraph", "requests", "rich"),
    *("segment-analytics-python", "starlette", "tomli-w", "urllib3", "uvicorn", "uvloop"),
)
URLS = frozenset({"listener.public_url", "segment.host", "gladly.url", "store.url"})
_VALUE = re.compile(r"(= ).*( is not allowed)", re.DOTALL)


async def write(
    path: Path,
    home: Home,
    environ: Mapping[str, str],
    *,
    redact: Redactor,
    outcomes: Sequence[Outcome],
    store_counts: Counts | None,
) -> None:
    """Write the zip in one step, readable by this user only.

    Args:
        path: Where to; a file that is there is replaced at the very end.
        home: The installation.
        environ: The process environment; nothing of it is written.
        redact: Knows the secrets.
        outcomes: What the doctor found.
        store_counts: Rows per status; None when the store could not be asked.

    Raises:
        OperationError: It cannot be written.
    """
    clean = Cleaner(redact, home, environ)
    schema = await _schema(home)

    def work() -> None:
        files = {
            "versions.json": _json(_versions(schema)),
            "settings.toml": _settings(home, environ, clean),
            "checks.json": _json([_outcome(one, clean) for one in outcomes]),
            "counts.json": _json(_counts(store_counts)),
            "log.txt": "".join(f"{line}\n" for line in clean.log(_log_lines(home.log_folder))),
        }
        _write(path, _zip(files))

    try:
        async with asyncio.timeout(WRITE_SECONDS):
            await on_own_thread(work)
    except TimeoutError as exc:
        raise OperationError(
            f"The diagnostics could not be written to {path} within {WRITE_SECONDS:g} seconds.",
            "Name a file on another disk.",
        ) from exc


def _versions(schema: str) -> dict[str, Any]:
    return {
        "program": __version__,
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "schema": {"store": schema, "known": migrations.available("sqlite")[-1][0]},
        "dependencies": {name: _version(name) for name in DEPENDENCIES},
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


async def _schema(home: Home) -> str:
    try:
        async with asyncio.timeout(STORE_SECONDS):
            if not await on_own_thread(home.store_file.exists):
                return "no store"
            return str(await schema_version(home.store_file))
    except StoreError as exc:
        return exc.code
    except TimeoutError:
        return "no answer"


def _settings(home: Home, environ: Mapping[str, str], clean: Cleaner) -> str:
    try:
        loaded = settings_module.load(home, environ)
    except SettingsError as exc:
        return f"# {exc.code}: {clean(without_value(exc.title))}\n"
    lines: list[str] = []
    for section, key, _ in keys(loaded.settings.sources):
        if f"[{section}]" not in lines:
            lines.append(f"[{section}]")
        lines.append(_setting(loaded, section, key, clean))
    return "\n".join(lines) + "\n"


def _setting(loaded: Loaded, section: str, key: str, clean: Cleaner) -> str:
    name = f"{section}.{key}"
    origin = loaded.origin[name]
    value = value_of(loaded.settings, section, key)
    if value is None:
        return f"# {key} is not set"
    shown = _shown(name, value, clean)
    return f"{tomli_w.dumps({key: shown}, multiline_strings=False).strip()}  # {origin}"


def _shown(name: str, value: object, clean: Cleaner) -> object:
    if isinstance(value, tuple):
        return ", ".join(clean(str(one)) for one in value)
    if not isinstance(value, str):
        return value
    if name == "gladly.agent_email":
        return masked_email(value)
    return clean(bare_url(value) if name in URLS else value)


def masked_email(address: str) -> str:
    """`a***@example.com`."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}" if at else "***"


def bare_url(url: str) -> str:
    """The address without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "(not an address)"
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{parts.path}"


def without_value(title: str) -> str:
    """A refusal of a setting without the refused value, which may be a misplaced secret."""
    return _VALUE.sub(r"\1(hidden)\2", title)


def _outcome(outcome: Outcome, clean: Cleaner) -> dict[str, object]:
    return {
        "name": outcome.name,
        "verdict": outcome.verdict,
        "code": outcome.code,
        "title": clean(without_value(outcome.title)),
        "hint": clean(outcome.hint),
        "detail": {key: clean(value) for key, value in outcome.detail.items()},
    }


def _counts(counts: Counts | None) -> dict[str, dict[str, int]] | None:
    if counts is None:
        return None
    return {
        "webhooks": {str(status): counts.webhooks.get(status, 0) for status in WebhookStatus},
        "deliveries": {str(status): counts.deliveries.get(status, 0) for status in DeliveryStatus},
    }


def _log_lines(folder: Path) -> list[str]:
    """The last lines, from the file before too when the newest was begun a moment ago."""
    lines: list[str] = []
    for name in (LOG_NAME, f"{LOG_NAME}.1"):
        if len(lines) < LOG_LINES:
            lines = _tail(folder / name) + lines
    return lines[-LOG_LINES:]


def _tail(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            start = file.seek(max(0, size - TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return []
    lines = text.split("\n")[1 if start else 0 :]
    return [line.rstrip("\r") for line in lines if line.strip()]


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value)).decode() + "\n"


def _zip(files: Mapping[str, str]) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return memory.getvalue()


def _write(path: Path, content: bytes) -> None:
    try:
        if path.exists() and not path.is_file():
            raise OperationError(
                f"{path} is no file: the diagnostics cannot be written there.",
                "Name a file, such as diagnostics.zip.",
            )
        write_private(path, content)
    except OSError as exc:
        full = exc.errno == errno.ENOSPC
        raise OperationError(
            f"The diagnostics cannot be written to {path}: "
            + ("the disk is full." if full else f"{exc.strerror or exc}."),
            "Free some space, or name a file elsewhere."
            if full
            else "Name a file in a folder that exists and can be written.",
        ) from exc
