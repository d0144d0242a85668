"""What a check found, in words for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from core.errors import GladlySourceError

Verdict = Literal["ok", "warn", "fail", "skip"]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One check's answer.

    Args:
        name: The check.
        verdict: `warn` works but wants a look; `skip` means that there was nothing to look at.
        title: One plain sentence.
        hint: The next thing to do; empty when all is well.
        code: Stable; for scripts and tests.
        detail: More, by name; never a secret.
    """

    name: str
    verdict: Verdict
    title: str
    hint: str = ""
    code: str
    detail: dict[str, str] = {}


class Findings:
    """Makes the outcomes of one check.

    Args:
        name: The check.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def ok(self, code: str, title: str, **detail: str) -> Outcome:
        """All is well."""
        return self._make("ok", code, title, "", detail)

    def warn(self, code: str, title: str, hint: str, **detail: str) -> Outcome:
        """It works, but somebody should look."""
        return self._make("warn", code, title, hint, detail)

    def fail(self, code: str, title: str, hint: str, **detail: str) -> Outcome:
        """It does not work."""
        return self._make("fail", code, title, hint, detail)

    def skip(self, code: str, title: str, hint: str = "", **detail: str) -> Outcome:
        """There was nothing to look at."""
        return self._make("skip", code, title, hint, detail)

    def failed(self, exc: GladlySourceError, **detail: str) -> Outcome:
        """It does not work, and the error says it all."""
        return self._make("fail", exc.code, exc.title, exc.hint, detail)

    def _make(
        self, verdict: Verdict, code: str, title: str, hint: str, detail: dict[str, str]
    ) -> Outcome:
        return Outcome(
            name=self.name, verdict=verdict, title=title, hint=hint, code=code, detail=detail
        )
