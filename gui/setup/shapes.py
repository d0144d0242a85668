"""What a text must look like to be an address, an e-mail or a write key; sentences for the rest."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication

from core.settings_rules import is_loopback

WRITE_KEY_LENGTH = 32
_ALIAS = re.compile(r"[A-Za-z0-9._-]{1,64}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
#: names that no public directory has
_AT_HOME = (".localhost", ".local", ".internal", ".home.arpa")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")

translate = QCoreApplication.translate


def tidy_address(text: str) -> str:
    """An address as it is kept: with https:// in front (http:// on this computer), no end slash."""
    text = text.strip().strip("\"'").strip()
    if not text:
        return ""
    try:
        if "://" not in text:
            local = is_loopback(urlsplit("//" + text).hostname or "")
            text = f"{'http' if local else 'https'}://{text}"
        parts = urlsplit(text)
    except ValueError:
        return text
    if not parts.netloc:
        return text
    return f"{parts.scheme.lower()}://{parts.netloc}{parts.path.rstrip('/')}"


def tidy_gladly(text: str) -> str:
    """Gladly's address; a bare name such as `acme` becomes `https://acme.gladly.com`."""
    bare = text.strip()
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", bare) and bare.lower() != "localhost":
        return f"https://{bare.lower()}.gladly.com"
    scheme, mark, rest = tidy_address(text).partition("://")
    return scheme + mark + rest.split("/", maxsplit=1)[0]


def tidy_public(text: str, path: str) -> str:
    """The public URL, without the webhook's path, which is put behind it later."""
    return tidy_address(text).removesuffix(path)


def address_problem(text: str) -> str | None:
    """Why this tidied text is no address that may be used, or None."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return _no_address()
    if "@" in parts.netloc:
        return translate("Shapes", "Leave user name and password out of the address.")
    local = is_loopback(host)
    if not (_HOST.fullmatch(host) or local) or parts.scheme not in {"http", "https"}:
        return _no_address()
    if "." not in host and not local:
        return translate("Shapes", "The address is not complete, such as https://example.com.")
    if parts.scheme == "http" and not local:
        return translate(
            "Shapes", "The address must begin with https://, so that nobody can listen in."
        )
    return None


def local_warning(text: str) -> str | None:
    """Why nobody out on the internet, Gladly least of all, reaches this address; or None."""
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        return None
    if not (is_loopback(host) or host.endswith(_AT_HOME) or _is_private(host)):
        return None
    return translate(
        "Shapes", "{host} is an address inside this computer or network: Gladly cannot reach it."
    ).format(host=host)


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


def _no_address() -> str:
    return translate("Shapes", "This is not a web address. It looks like https://example.com.")


def email_problem(text: str) -> str | None:
    """Why this is no e-mail address, or None."""
    if _EMAIL.fullmatch(text):
        return None
    return translate("Shapes", "This is not an e-mail address. It looks like name@example.com.")


def alias_problem(text: str) -> str | None:
    """Why this cannot be an alias, or None."""
    if _ALIAS.fullmatch(text):
        return None
    return translate(
        "Shapes", "Use 1 to 64 letters, digits, dots, hyphens or underscores, without blanks."
    )


def write_key_warning(text: str) -> str | None:
    """What is odd about a write key; it may still be right."""
    if any(character.isspace() for character in text):
        return translate(
            "Shapes", "There is a blank or a line break inside. Copy the write key again."
        )
    if not text.isascii() or not text.isalnum():
        return translate(
            "Shapes", "Write keys consist of letters and digits only. Copy it again, or go on."
        )
    if len(text) != WRITE_KEY_LENGTH:
        return translate(
            "Shapes",
            "Write keys usually have {usual} characters, this one has {count}. "
            "Copy it again, or go on.",
        ).format(usual=WRITE_KEY_LENGTH, count=len(text))
    return None
