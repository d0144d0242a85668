"""The tracking plan: which events go out, under which names, with what left out."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Literal

import msgspec

from core.errors import PlanInvalid
from core.mapping.periods import OpenedWhen

if TYPE_CHECKING:
    from core.settings import Mapping_, Settings

#: they collide with the top level of a track call, and Segment's warehouses discard them
RESERVED = frozenset({"event", "userId", "timestamp", "id", "sentAt"})


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named set of names (resources/plan/profiles)."""

    opened: str
    closed: str
    topics: Literal["ids", "names"]
    custom_attributes: bool
    duration: bool
    properties: dict[str, str]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A profile together with the settings that say what is sent about whom.

    `alias` names the source in messageIds; `merges` is whether alias calls are sent. `source` is
    what the outbox calls it: the alias of a further source, empty for the one of `segment`.
    """

    profile: Profile
    alias: str
    opened_when: OpenedWhen
    user_id: Literal["gladly", "external", "email-sha256"]
    identify: bool
    merges: bool
    drop: frozenset[str]
    hash: frozenset[str]
    source: str = ""


def load_profile(name: str) -> Profile:
    """One of the profiles that ship with the program.

    Raises:
        PlanInvalid: The file contradicts itself.
    """
    text = resources.files("resources").joinpath(f"plan/profiles/{name}.toml").read_text("utf-8")
    try:
        profile = msgspec.convert(tomllib.loads(text), Profile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as exc:
        raise PlanInvalid(f"The naming profile {name} cannot be read: {exc}.") from exc
    for out in profile.properties.values():
        if out in RESERVED:
            raise PlanInvalid(f"The naming profile {name} uses the reserved property {out}.")
    return profile


def make_plan(mapping: Mapping_, alias: str) -> Plan:
    """The plan that the settings describe.

    Raises:
        PlanInvalid: The profile contradicts itself, or a name to drop or hash is unknown.
    """
    profile = load_profile(mapping.names)
    known = {*profile.properties, *profile.properties.values()}
    for name in (*mapping.drop, *mapping.hash):
        if name not in known:
            raise PlanInvalid(
                f"mapping.drop or mapping.hash names {name!r}, which is not a property.",
                f"Properties are: {', '.join(sorted(known))}.",
            )
    return Plan(
        profile=profile,
        alias=alias,
        opened_when=mapping.opened_when,
        user_id=mapping.user_id,
        identify=mapping.identify,
        merges=mapping.merges,
        drop=frozenset(mapping.drop),
        hash=frozenset(mapping.hash),
    )


def make_plans(settings: Settings) -> tuple[Plan, ...]:
    """The plan of each source, the one of `segment` first.

    Raises:
        PlanInvalid: As make_plan.
    """
    further = (
        msgspec.structs.replace(make_plan(one.mapping(settings.mapping), alias), source=alias)
        for alias, one in settings.sources.items()
    )
    return (make_plan(settings.mapping, settings.segment.alias), *further)
