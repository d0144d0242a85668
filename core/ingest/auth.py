"""Constant-time check of the webhook's credentials."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.credentials import Secret


class Gate:
    """Knows what the Authorization header or the token header must hold.

    Args:
        auth: Which of the two is asked for; `both` means that either is enough.
        username: User name of basic authentication.
        password: Its password.
        header: Name of the token header.
        token: Its value.
    """

    def __init__(
        self,
        auth: Literal["basic", "header", "both", "none"],
        *,
        username: str = "",
        password: Secret | None = None,
        header: str = "",
        token: Secret | None = None,
    ) -> None:
        self._open = auth == "none"
        self._credentials: bytes | None = None
        self._authorization: bytes | None = None
        if auth in {"basic", "both"} and password is not None:
            self._credentials = f"{username}:{password.reveal()}".encode()
            self._authorization = b"Basic " + base64.b64encode(self._credentials)
        self._header = header.lower().encode()
        self._token: bytes | None = None
        if auth in {"header", "both"} and token is not None:
            self._token = token.reveal().encode()
        self.asks_for_basic = self._credentials is not None

    def admits(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether these request headers (names in lower case) hold the right credentials."""
        if self._open:
            return True
        for name, value in headers:
            if name == b"authorization" and self._right_basic(value):
                return True
            if self._token is not None and name == self._header and _same(value, self._token):
                return True
        return False

    def is_tried(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether these headers hold any credentials, right or wrong."""
        return any(name in {b"authorization", self._header} for name, _ in headers)

    def _right_basic(self, value: bytes) -> bool:
        if self._credentials is None or self._authorization is None:
            return False
        if _same(value, self._authorization):
            return True
        scheme, _, encoded = value.partition(b" ")
        if scheme.lower() != b"basic":
            return False
        try:
            credentials = base64.b64decode(encoded.strip(), validate=True)
        except binascii.Error:
            return False
        return _same(credentials, self._credentials)


def _same(given: bytes, wanted: bytes) -> bool:
    return hmac.compare_digest(given, wanted)
