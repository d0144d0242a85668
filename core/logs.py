"""Logging set-up: formatters, redaction, and a bounded memory of recent records."""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
import time
from collections import deque
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from core.credentials import Secret

MASK = "**********"
LOG_BYTES = 5_000_000
LOG_FILES = 3
_PATTERNS = (
    re.compile(r"(?i)(authorization['\"]?\s*[:=,]\s*b?['\"]?(?:basic|bearer)\s+)[^\s'\",]+"),
    re.compile(r"(?i)(write_?key['\"]?\s*[:=]\s*['\"]?)[^\s'\",&}]+"),
    re.compile(r"(?i)(https?://[^\s/@:]+:)[^\s/@]+(?=@)"),
)
_STANDARD = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"})
#: libraries whose DEBUG or INFO output holds bodies, keys or addresses with query strings
_QUIET = ("segment", "httpx", "httpcore", "urllib3", "uvicorn", "asyncio", "keyring")


class Redactor:
    """Replaces known secrets, and what looks like one, by stars."""

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()

    def learn(self, secrets: Iterable[Secret]) -> None:
        """Mask these from now on; very short values would mask ordinary words and are left."""
        shortest = 4
        texts = {secret.reveal() for secret in secrets}
        known = {*self._values, *(text for text in texts if len(text) >= shortest)}
        self._values = tuple(sorted(known, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        """`text` with every secret masked."""
        for value in self._values:
            text = text.replace(value, MASK)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\g<1>{MASK}", text)
        return text


class ConsoleFormatter(logging.Formatter):
    """`12:00:01 warning core.x: message key=value`, redacted."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """One line (plus a traceback where there is one)."""
        when = time.strftime("%H:%M:%S", time.localtime(record.created))
        extra = "".join(f" {key}={value}" for key, value in _extra(record).items())
        line = f"{when} {record.levelname.lower()} {record.name}: {record.getMessage()}{extra}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return self._redact(line)


class JsonFormatter(logging.Formatter):
    """One JSON object a line, redacted."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object."""
        entry: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._masked(record.getMessage()),
            **{key: self._named(key, str(value)) for key, value in _extra(record).items()},
        }
        if record.exc_info:
            entry["traceback"] = self._masked(self.formatException(record.exc_info))
        return msgspec.json.encode(entry).decode()

    def _named(self, key: str, value: str) -> str:
        """The value masked, be it for its own sake or for its name's."""
        return self._masked(f"{key}={value}").removeprefix(f"{key}=")

    def _masked(self, text: str) -> str:
        """Masked before JSON puts backslashes in the way; without what UTF-8 cannot hold."""
        return self._redact(text).encode("utf-8", "backslashreplace").decode()


class MemoryHandler(logging.Handler):
    """Keeps the last lines for the diagnostics and the window."""

    def __init__(self, formatter: logging.Formatter, size: int = 1000) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self.lines: deque[str] = deque(maxlen=size)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        try:
            self.lines.append(self.format(record))
        except Exception:  # noqa: BLE001 - logging's own rule: a bad record never reaches the caller
            self.handleError(record)


def set_up(redact: Redactor, *, json: bool = False, level: int = logging.INFO) -> MemoryHandler:
    """Send the program's log to stderr, and keep the last lines in memory."""
    formatter = JsonFormatter(redact) if json else ConsoleFormatter(redact)
    memory = MemoryHandler(formatter)
    logging.raiseExceptions = False  # a full disk must not fill stderr with tracebacks
    root = logging.getLogger()
    root.setLevel(level)
    for old in tuple(root.handlers):
        root.removeHandler(old)
        if isinstance(old, logging.FileHandler):
            old.close()
    for handler in (logging.StreamHandler(sys.stderr), memory):
        handler.setFormatter(formatter)
        root.addHandler(handler)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("segment").setLevel(logging.CRITICAL)
    # One warning per malformed request would let a stranger fill the log.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    return memory


def add_file(redact: Redactor, folder: Path) -> None:
    """Log to a rotating file, too; a folder that cannot be written costs the file only."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            folder / "gladly-source.log",
            maxBytes=LOG_BYTES,
            backupCount=LOG_FILES,
            encoding="utf-8",
        )
    except OSError:
        logging.getLogger(__name__).warning("the log folder cannot be written")
        return
    handler.setFormatter(JsonFormatter(redact))
    logging.getLogger().addHandler(handler)


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}
