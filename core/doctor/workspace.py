"""What Segment's Public API says of the workspace that the write key belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.credentials import NAMES
from core.doctor import reach, write_key
from core.doctor.blocking import on_own_thread
from core.errors import GladlySourceError, PublicApiRefused, SecretError
from core.segment.public_api import HOSTS, PublicApi
from core.settings import SEGMENT_HOSTS
from core.settings_rules import is_loopback

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.credentials import Secret
    from core.doctor.outcome import Findings, Outcome
    from core.doctor.subject import Subject
    from core.segment.public_api import Source
    from core.settings import Settings

TOKEN = "public-api-token"  # noqa: S105 - the name of it
REGIONS = {"us": "in the United States", "eu": "in the European Union"}


class NotAsked(Exception):
    """Nothing to look at; the outcome says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.title)
        self.outcome = outcome


class Asked:
    """What the Public API said of the workspace."""

    def __init__(self, api: PublicApi, workspace: str, sources: Sequence[Source], key: str) -> None:
        self.api = api
        self.workspace = workspace
        self.sources = sources
        self.own = next((one for one in sources if key in one.write_keys), None)

    @classmethod
    async def of(cls, findings: Findings, subject: Subject, settings: Settings) -> Asked:
        """Ask.

        Raises:
            NotAsked: There is nothing to ask with, or nobody to ask.
            GladlySourceError: There was no answer.
        """
        if not settings.confirm.public_api:
            raise NotAsked(
                findings.skip(
                    f"{_prefix(findings)}.off",
                    "Segment's Public API is not asked: confirm.public_api is off.",
                )
            )
        token = await _secret(findings, subject, TOKEN)
        key = await _secret(findings, subject, write_key.NAME)
        urls = dict(subject.outside.public_urls or public_urls(settings))
        if not urls:
            raise NotAsked(
                findings.skip(
                    f"{_prefix(findings)}.own_host",
                    "Events go to a host of your own: Segment is not asked about them.",
                )
            )
        region, url = next(iter(urls.items()))
        api = PublicApi(token, url, transport=subject.outside.transport)
        try:
            workspace = await api.workspace()
        except PublicApiRefused:
            await _look_elsewhere(findings, subject, token, region, urls)
            raise
        return cls(api, workspace, await api.sources(), key.reveal())


def public_urls(settings: Settings) -> dict[str, str]:
    """Where the Public API is, by region, the one of the settings first; empty for another host.

    A host on this computer (a simulator) is asked itself.
    """
    segment = settings.segment
    if segment.host is None or segment.url in SEGMENT_HOSTS.values():
        region = next(name for name, url in SEGMENT_HOSTS.items() if url == segment.url)
        return {region: HOSTS[region], **HOSTS}
    return {segment.region: segment.url} if is_loopback(reach.host_of(segment.url)) else {}


def no_answer(findings: Findings, exc: GladlySourceError) -> Outcome:
    """A token that is refused fails; anything else says nothing of the events."""
    if isinstance(exc, PublicApiRefused):
        return findings.failed(exc)
    return findings.warn(f"{_prefix(findings)}.unavailable", exc.title, exc.hint)


async def _secret(findings: Findings, subject: Subject, name: str) -> Secret:
    try:
        found = await on_own_thread(lambda: subject.secrets.find(name))
    except SecretError as exc:
        title, hint = exc.title, exc.hint
    else:
        if found is not None:
            return found[0]
        title = f"There is nothing to ask with: {NAMES[name]} is missing."
        hint = f"Give it with `gladly-source secret set {name}`."
    raise NotAsked(findings.skip(f"{_prefix(findings)}.missing", title, hint))


async def _look_elsewhere(
    findings: Findings, subject: Subject, token: Secret, region: str, urls: dict[str, str]
) -> None:
    """The token is refused here: is it another region's?"""
    for other, url in urls.items():
        if other == region:
            continue
        api = PublicApi(token, url, transport=subject.outside.transport)
        try:
            workspace = await api.workspace()
        except GladlySourceError:
            continue
        raise NotAsked(
            findings.fail(
                f"{_prefix(findings)}.other_region",
                f"The workspace “{workspace}” is {REGIONS[other]}, but events go to Segment "
                f"{REGIONS[region]}: Segment answers 200 there and drops them.",
                f"Set segment.region to {other}.",
                workspace=workspace,
            )
        )


def _prefix(findings: Findings) -> str:
    return findings.name.replace("-", "_")
