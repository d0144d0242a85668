"""The doctor's checks, asked of what is typed and not saved yet; no widgets here."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
from PySide6.QtCore import QCoreApplication

from core.credentials import Secrets
from core.doctor import listening, public_api, reach, services, write_key
from core.doctor.blocking import on_own_thread
from core.doctor.outcome import Findings, Outcome
from core.doctor.reach import Unreached
from core.doctor.subject import Outside, Subject
from core.errors import SecretError
from core.ingest.server import free_port
from gui.run import Phase
from gui.setup import advice, shapes
from gui.setup.draft import Kept, look_up
from gui.setup.places import TypedPlace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from core.settings import Listener, Settings
    from gui.session import Session
    from gui.setup.draft import Draft

CHECK_SECONDS = 20.0
KEYRING_SECONDS = 60.0
NOT_ALLOWED, NOT_FOUND = 405, 404
GATEWAY_ERRORS = frozenset({502, 503, 504, 521, 522, 523, 530})

translate = QCoreApplication.translate


class Checks:
    """Asks the doctor about a draft.

    Args:
        session: Its home, environment and keyring are looked at.
        outside: The world around; tests hand in another.
    """

    def __init__(self, session: Session, outside: Outside | None = None) -> None:
        self._session = session
        self._outside = outside or Outside()

    async def kept(self) -> Kept:
        """Where the secrets are that are kept already, and whether the keyring can be used."""
        try:
            async with asyncio.timeout(KEYRING_SECONDS):
                return await on_own_thread(lambda: look_up(self._session.secrets))
        except TimeoutError:
            problem = translate("Checks", "The keyring of this computer did not answer.")
            return Kept(problem=problem, known=True)

    async def reveal(self, names: Sequence[str]) -> dict[str, str]:
        """The secrets of these names that are kept, to be shown and copied."""

        def find() -> dict[str, str]:
            found = {name: self._session.secrets.obtain(name) for name in names}
            return {name: one.reveal() for name, one in found.items() if one is not None}

        try:
            async with asyncio.timeout(KEYRING_SECONDS):
                return await on_own_thread(find)
        except (TimeoutError, SecretError):
            return {}

    async def write_key(self, draft: Draft) -> Outcome:
        """Whether Segment knows the write key; where that cannot be asked, whether it is there."""
        return await self._asked("write-key", write_key.write_key, draft)

    async def public_api(self, draft: Draft) -> Outcome:
        """Whose the write key is, by Segment's Public API."""
        return await self._asked("public-api", public_api.public_api, draft)

    async def segment(self, draft: Draft) -> Outcome:
        """Whether Segment's address, or the host of one's own, is reached."""
        url = draft.settings.segment.host
        return await self._asked("segment", services.segment, draft, url)

    async def source(self, draft: Draft) -> Outcome:
        """What a person wants to know of the Segment card in one answer."""
        if (wrong := _refused("segment", draft.settings.segment.host)) is not None:
            return wrong
        key = await self.write_key(draft)
        if key.code in advice.SETTLED:
            return key
        reached = await self.segment(draft)
        return key if reached.verdict == "ok" else reached

    async def gladly(self, draft: Draft) -> Outcome:
        """Whether Gladly admits us, and to which organisation."""
        url = draft.settings.gladly.url
        return await self._asked("gladly", services.gladly, draft, url)

    async def port(self, draft: Draft) -> Outcome:
        """Whether the port is free, or ours; `free` in the detail offers another."""
        outcome = await self._asked("port", listening.port, draft)
        if outcome.code != "listener.port_in_use":
            return outcome
        listener = draft.settings.listener
        free = await on_own_thread(lambda: free_port(listener.host, listener.port))
        if free is None:
            return outcome
        return msgspec.structs.replace(outcome, detail={**outcome.detail, "free": str(free)})

    async def public_url(self, draft: Draft) -> Outcome:
        """Whether the public URL leads to this listener."""
        url = draft.settings.listener.public_url
        return await self._asked("public-url", _public_url, draft, url)

    async def _asked(
        self,
        name: str,
        check: Callable[[Subject, Settings], Awaitable[Outcome]],
        draft: Draft,
        url: str | None = None,
    ) -> Outcome:
        if (wrong := _refused(name, url)) is not None:
            return wrong
        session = self._session
        place = TypedPlace(draft.secrets, session.secrets.place)
        subject = Subject(
            home=session.home,
            environ=session.environ,
            secrets=Secrets(session.environ, place),
            engine_running=session.phase in {Phase.RUNNING, Phase.ATTACHED},
            settings=draft.settings,
            outside=self._outside,
        )
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return advice.in_words(await check(subject, draft.settings), draft.settings)
        except TimeoutError:
            return Findings(name).fail(
                "timeout",
                translate("Checks", "The check was given up: something does not answer."),
                translate("Checks", "Check again, then look at the network."),
            )
        except (httpx.InvalidURL, UnicodeError):
            return Findings(name).fail(
                "address",
                translate("Checks", "This address cannot be used."),
                translate("Checks", "Look for a typing mistake in it."),
            )


def _refused(name: str, url: str | None) -> Outcome | None:
    """Why nobody is asked at this address: what is sent there would be read by others."""
    problem = shapes.address_problem(url) if url else None
    if problem is None:
        return None
    hint = translate("Checks", "Correct the address, then check again.")
    return Findings(name).fail("address", problem, hint)


async def _public_url(subject: Subject, settings: Settings) -> Outcome:
    """GET on the webhook's path: our listener answers 405, and nothing is stored or counted."""
    findings = Findings("public-url")
    listener = settings.listener
    if not listener.public_url:
        return findings.skip(
            "public_url.missing", translate("Checks", "There is no public URL yet.")
        )
    url = listener.public_url.rstrip("/") + listener.path
    host = reach.host_of(url)
    try:
        reply = await reach.get(url, subject.outside)
    except Unreached as exc:
        return findings.fail(f"public_url.{exc.kind}", f"{host} {exc.words}", advice.unreached(exc))
    return _answered(findings, host, reply, listener)


def _answered(findings: Findings, host: str, reply: reach.Reply, listener: Listener) -> Outcome:
    said = _error_of(reply.body)
    if reply.status == NOT_ALLOWED and said == "method not allowed":
        if (local := shapes.local_warning(listener.public_url or "")) is not None:
            hint = translate("Checks", "Enter the address that a tunnel or proxy has outside.")
            return findings.warn("public_url.local", local, hint)
        return findings.ok(
            "public_url.ours",
            translate("Checks", "{host} leads to this listener.").format(host=host),
        )
    if reply.status == NOT_FOUND and said == "not found":
        return findings.fail(
            "public_url.path",
            translate(
                "Checks", "{host} leads to a Gladly Source, but not to the path {path}."
            ).format(host=host, path=listener.path),
            translate("Checks", "Let the tunnel or proxy hand the path on as it is."),
        )
    if reply.status in GATEWAY_ERRORS:
        return findings.fail(
            "public_url.gateway",
            translate(
                "Checks", "{host} answers, but it does not reach the listener on port {port}."
            ).format(host=host, port=listener.port),
            translate("Checks", "Start the tunnel with the command above, with this port."),
        )
    return findings.fail(
        "public_url.elsewhere",
        translate("Checks", "Something else answers at {host} (status {status}).").format(
            host=host, status=reply.status
        ),
        translate("Checks", "Check the address, and where the tunnel or proxy leads."),
    )


def _error_of(body: bytes) -> str:
    """What our listener says in an error; empty for what others say."""
    try:
        content: Any = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return str(content.get("error", "")) if isinstance(content, dict) else ""
