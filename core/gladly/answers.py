"""What an answer of Gladly's REST API means: a value, one of our errors, or "try again" (pure)."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import msgspec

from core.errors import (
    CustomerMerged,
    GladlyError,
    GladlyNotFound,
    GladlyRateLimited,
    GladlyRefused,
    GladlyUnauthorized,
    GladlyUnavailable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.credentials import Secret

T = TypeVar("T")

FIRST_REDIRECT: Final = 300
FIRST_CLIENT_ERROR: Final = 400
FIRST_SERVER_ERROR: Final = 500
MAX_DIGITS: Final = 9
MAX_REASON: Final = 200
MASK: Final = "**********"
#: the one kind of resource that we change
WEBHOOKS: Final = "webhooks"
CHANGED: Final = frozenset({HTTPStatus.CREATED, HTTPStatus.NO_CONTENT})
REFUSED: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
)
CHECK_URL: Final = "Check gladly.url: it must be the address of your organisation in Gladly."


class TryAgain(Exception):
    """The request may succeed if it is sent again; carries what to raise when it is not.

    Args:
        error: What the caller is told in the end.
        after: Seconds that Gladly asks us to wait (`Retry-After`), None without such a wish.
    """

    def __init__(self, error: GladlyError, after: float | None = None) -> None:
        super().__init__(error.title)
        self.error = error
        self.after = after


class Answer(NamedTuple):
    """One answer: status, headers by lower-case name, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def remaining(self) -> int | None:
        """What Gladly grants for the rest of this second (`Ratelimit-Remaining-Second`)."""
        return _whole(self.headers.get("ratelimit-remaining-second"))

    @property
    def limit(self) -> int | None:
        """What Gladly grants in a second (`Ratelimit-Limit-Second`)."""
        return _whole(self.headers.get("ratelimit-limit-second"))

    @property
    def served_at(self) -> float | None:
        """Gladly's clock in epoch seconds (`Date`, whole seconds)."""
        return _date(self.headers.get("date"))

    def retry_after(self, now: float) -> float | None:
        """Return the seconds of `Retry-After`, given as a number or as a date."""
        text = self.headers.get("retry-after")
        seconds = _whole(text)
        if seconds is not None:
            return float(seconds)
        date = _date(text)
        if date is None:
            return None
        return max(0.0, date - (self.served_at or now))


def _whole(text: str | None) -> int | None:
    """Read a header that is a number of 0 or more; anything else is as good as missing."""
    text = (text or "").strip()
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        return int(text)
    return None


def _date(text: str | None) -> float | None:
    if not text:
        return None
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def rate_limited() -> GladlyRateLimited:
    """Return the error for a 429."""
    return GladlyRateLimited(
        "Gladly asks for fewer requests.",
        "It is tried again by itself; other integrations share the limit of 10 a second.",
    )


def too_large() -> GladlyUnavailable:
    """Return the error for an answer beyond every reason."""
    return GladlyUnavailable("Gladly's answer is larger than 5 MB and was refused.", CHECK_URL)


def judge(
    answer: Answer, kind: str, now: float, *, changes: bool = False, hide: Iterable[Secret] = ()
) -> bytes:
    """Return the body of a 200, or say what else it is.

    Args:
        answer: What Gladly sent.
        kind: What was asked for: `customer` alone may be answered "merged" (301).
        now: Epoch seconds, for a `Retry-After` that is a date.
        changes: Whether a change was asked for: 201 and 204 confirm it, and a 200 only in JSON,
            for a captive portal says 200, too. 400 refuses it.
        hide: What was sent and no error may repeat.

    Raises:
        TryAgain: 429 and 5xx.
        GladlyError: Every other status: one of its subclasses.
    """
    status = answer.status
    if _is_done(answer) if changes else status == HTTPStatus.OK:
        return answer.body
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise _unauthorized(status, kind)
    if changes and status in REFUSED:
        raise GladlyRefused(f"Gladly refuses this: {reason(answer.body, hide)} ({status}).")
    if status == HTTPStatus.NOT_FOUND:
        raise GladlyNotFound("Gladly knows nothing by this id.")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise TryAgain(rate_limited(), answer.retry_after(now))
    if status >= FIRST_SERVER_ERROR:
        error = GladlyUnavailable(
            f"Gladly fails inside ({status}).", "It is tried again by itself."
        )
        raise TryAgain(error, answer.retry_after(now))
    if FIRST_REDIRECT <= status < FIRST_CLIENT_ERROR:
        raise _moved(answer, kind)
    raise GladlyUnavailable(f"Gladly gave an answer that was not expected ({status}).", CHECK_URL)


def _is_done(answer: Answer) -> bool:
    in_json = "json" in answer.headers.get("content-type", "")
    return answer.status in CHANGED or (answer.status == HTTPStatus.OK and in_json)


def _unauthorized(status: int, kind: str) -> GladlyUnauthorized:
    if kind == WEBHOOKS and status == HTTPStatus.FORBIDDEN:
        return GladlyUnauthorized(
            "Gladly does not let this API user manage webhooks (403).",
            "Give the user the API User permission in Gladly, or make the webhook there by hand.",
        )
    return GladlyUnauthorized(
        f"Gladly refuses the agent e-mail or the API token ({status}).",
        "Check gladly.agent_email and the token; the user needs the API User permission.",
    )


def reason(body: bytes, hide: Iterable[Secret] = ()) -> str:
    """Return why Gladly refuses, in its own words, masked and on one line."""
    first = _first_error(body)
    told = [first.get(name) for name in ("detail", "code", "attr")]
    words = [one for one in told if isinstance(one, str) and one]
    text = words[0] if words else "it does not say why"
    if words and isinstance(first.get("attr"), str) and first["attr"] not in text:
        text = f"{first['attr']}: {text}"
    for secret in hide:
        text = text.replace(secret.reveal(), MASK)
    text = "".join(one if one.isprintable() else " " for one in text).strip(" .")
    return text if len(text) <= MAX_REASON else text[:MAX_REASON] + "…"


def _moved(answer: Answer, kind: str) -> GladlyError:
    """Tell a merged customer from an address that redirects; no redirect is ever followed."""
    if kind == "customer" and answer.status == HTTPStatus.MOVED_PERMANENTLY:
        new_id = _merged_into(answer.body)
        if new_id:
            return CustomerMerged(new_id)
    return GladlyUnavailable(f"The address of Gladly redirects ({answer.status}).", CHECK_URL)


def _merged_into(body: bytes) -> str | None:
    """Return errors[0].meta.new."""
    meta = _first_error(body).get("meta")
    new_id = meta.get("new") if isinstance(meta, dict) else None
    return new_id if isinstance(new_id, str) else None


def _first_error(body: bytes) -> dict[str, Any]:
    """Return errors[0]; `errors` may be a list or, as with Gladly's 404, an object."""
    try:
        data: Any = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return {}
    errors = data.get("errors") if isinstance(data, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else errors
    return first if isinstance(first, dict) else {}


def decode(body: bytes, shape: type[T]) -> T:
    """Turn the body of a 200 into what it ought to be.

    Raises:
        GladlyUnavailable: It is no JSON (a login page, say), or something else.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except (ValueError, RecursionError) as exc:
        # No cause: msgspec's message may quote the answer.
        raise GladlyUnavailable(
            f"Gladly's answer is not what was asked for ({type(exc).__name__}).", CHECK_URL
        ) from None
