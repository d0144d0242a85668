"""Takes out of text what must not leave this computer: secrets, addresses, numbers, payloads."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from core.credentials import NAMES, WRITE_KEY, variable_of
from core.logs import MASK
from core.settings import ENV_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.home import Home
    from core.logs import Redactor

SHORTEST_SECRET = 4
_EMAIL = re.compile(r"[^\s@<>\"'=,;:()\[\]]+(?:@|%40)[^\s@<>\"',;()\[\]]+")
_QUERY = re.compile(r"(?<=[\w/])\?[^\s\"']+")
#: seven digits or more, however they are set apart
_PHONE = re.compile(r"\+?\(?\d(?:[\s().\-/\u2010-\u2015]{0,3}\d){6,}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LINE = re.compile(
    r"(?P<head>\d\d:\d\d:\d\d (?:debug|info|warning|error|critical) )"
    r"(?P<logger>[\w.]+): (?P<rest>.*)"
)
_OURS = ("core", "gui", "__main__")
_FRAME = re.compile(r'\s+File "[^"]+", line \d+, in \S+')
_RAISED = re.compile(
    r"(?P<kind>core\.errors\.\w+|"
    r"(?:\w+\.)*\w*(?:Error|Exception|Timeout|Interrupt|Exit|Group))(?::.*)?"
)


class Cleaner:
    """Takes secrets, e-mail addresses, phone numbers and the user's folders out of text.

    Args:
        redact: Knows the secrets.
        home: Its path becomes `<home>`.
        environ: Secrets that stand in it are masked too.
    """

    def __init__(self, redact: Redactor, home: Home, environ: Mapping[str, str]) -> None:
        self._redact = redact
        names = {ENV_PREFIX + name.upper().replace("-", "_") for name in NAMES}
        keys = {name for name in environ if name.startswith(variable_of(WRITE_KEY))}
        values = {environ.get(name, "").strip() for name in names | keys}
        masks = {value: MASK for value in values if len(value) >= SHORTEST_SECRET}
        masks |= {str(home.path): "<home>"}
        user = _user_folder(environ)
        if user != Path(user.anchor):
            masks[str(user)] = "~"
        self._masks = sorted(masks.items(), key=lambda pair: len(pair[0]), reverse=True)

    def __call__(self, text: str) -> str:
        """`text` without what must not leave this computer."""
        for value, mask in self._masks:
            text = text.replace(value, mask)
        text = _QUERY.sub("?(removed)", self._redact(text))
        return _PHONE.sub(_hide_phone, _EMAIL.sub("(e-mail)", text))

    def log(self, lines: Sequence[str]) -> list[str]:
        """Log lines; of a library's records and of exceptions only the kind is kept."""
        return [kept for line in lines if (kept := self._log_line(line)) is not None]

    def _log_line(self, line: str) -> str | None:
        if line.startswith("{"):
            return self._json_line(line)
        if found := _LINE.fullmatch(line):
            said = self._said(found["logger"], found["rest"])
            return f"{found['head']}{found['logger']}: {said}"
        return self._trace_line(line)

    def _json_line(self, line: str) -> str | None:
        try:
            entry: Any = msgspec.json.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        logger = str(entry.pop("logger", ""))
        kept = {key: str(entry.pop(key, "")) for key in ("time", "level")}
        kept |= {"logger": logger, "message": self._said(logger, str(entry.pop("message", "")))}
        traced = str(entry.pop("traceback", "")).splitlines()
        if _is_ours(logger):
            kept |= {key: self(str(value)) for key, value in entry.items()}
        if traced:
            trace = [text for each in traced if (text := self._trace_line(each)) is not None]
            kept["traceback"] = "\n".join(trace)
        return msgspec.json.encode(kept).decode()

    def _said(self, logger: str, text: str) -> str:
        """Our messages are constants; what a library says may hold anything."""
        return self(text) if _is_ours(logger) else "(not ours: left out)"

    def _trace_line(self, line: str) -> str | None:
        if _FRAME.fullmatch(line) or line.startswith("Traceback "):
            return self(line)
        raised = _RAISED.fullmatch(line)
        return f"{raised['kind']}" if raised else None


def _user_folder(environ: Mapping[str, str]) -> Path:
    """The user's folder; a demo's environment does not name it, but its files may lie there."""
    if named := environ.get("HOME") or environ.get("USERPROFILE"):
        return Path(named)
    try:
        return Path.home()
    except RuntimeError:
        return Path("/")


def _is_ours(logger: str) -> bool:
    return logger.split(".", maxsplit=1)[0] in _OURS


def _hide_phone(found: re.Match[str]) -> str:
    """Dates, and addresses inside a private network, say nothing of a person."""
    if _DATE.fullmatch(found[0]):
        return found[0]
    try:
        private = ipaddress.ip_address(found[0]).is_private
    except ValueError:
        private = False
    return found[0] if private else "(number)"
