"""A keyring that processes of a test share: `PYTHON_KEYRING_BACKEND` names it, a variable a file.

It claims to protect what it keeps, for the sake of the program; nothing but tests may use it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import ClassVar

from keyring.backend import KeyringBackend

VARIABLE = "TEST_KEYRING_FILE"


class FileKeyring(KeyringBackend):
    """Passwords in a JSON file, by name; a test has one home."""

    priority: ClassVar[float] = 9

    @property
    def _file(self) -> Path:
        return Path(os.environ[VARIABLE])

    def _read(self) -> dict[str, str]:
        return json.loads(self._file.read_text()) if self._file.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        del service
        return self._read().get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        del service
        self._write({**self._read(), username: password})

    def delete_password(self, service: str, username: str) -> None:
        del service
        self._write({name: one for name, one in self._read().items() if name != username})

    def _write(self, content: dict[str, str]) -> None:
        whole = self._file.with_suffix(".new")
        whole.write_text(json.dumps(content))
        whole.replace(self._file)
