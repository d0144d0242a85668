"""Invents an organisation with its people, inboxes and topics, by a seed (pure).

E-mail addresses use the domains of RFC 2606, phone numbers the ranges reserved for fiction.
"""

from __future__ import annotations

import base64
import hashlib
import random
from typing import Any, TypeAlias

import msgspec

Profile: TypeAlias = dict[str, Any]

DEFAULT_CUSTOMERS = 60
_AGENTS = (
    "Amy Ortiz", "Bilal Haddad", "Chloë Martin", "Dmitri Volkov", "Ebba Nyström", "Femi Adeyemi",
    "Grace O'Neill", "Hiro Tanaka",
)  # fmt: skip
_INBOXES = ("General", "Returns", "VIP", "Technical")
_TOPICS = (
    ("Order", None), ("Order Return", "Order"), ("Damaged Merchandise", "Order"),
    ("Late Delivery", "Order"), ("Billing", None), ("Refund", "Billing"),
    ("Account & Login", None), ("Produktfrage: Größe", None), ("Holiday 2019", None),
)  # fmt: skip
_DISABLED_TOPICS = frozenset({"Holiday 2019"})
_NAMES = (
    ("Martha J Williams", "martha.williams"), ("Sean O'Brien", "sean.obrien"),
    ("Zoë Müller-Lüdenscheid", "zoe.mueller"), ("Łukasz Wiśniewski", "lukasz.w"),
    ("Nguyễn Thị Minh Khai", "minhkhai"), ("Søren Ørsted", "soren"),
    ("José María Núñez", "jm.nunez"), ("Анна Кузнецова", "a.kuznetsova"),
    ("Олександр Шевченко", "o.shevchenko"), ("Ελένη Παπαδοπούλου", "eleni.p"),
    ("محمد عبد الله", "m.abdullah"), ("ליאור כהן", "lior.cohen"), ("王小明", "wang.xm"),
    ("佐藤 花子", "h.sato"), ("김민준", "minjun.kim"), ("प्रिया शर्मा", "priya.sharma"),
    ("สมชาย ใจดี", "somchai"), ("Ọlámídé Adébáyọ̀", "olamide"), ("Ana-Maria d'Angelo", "anamaria"),
    ("Björk Guðmundsdóttir", "bjork"), ("X Æ", "x.ae"), ("Þórunn Jónsdóttir", "thorunn"),
)  # fmt: skip
_DOMAINS = ("example.com", "example.org", "example.net")
_ID_BYTES = 16
_NO_EMAIL, _NO_PHONE, _NO_NAME = 0.15, 0.3, 0.05
_EXTERNAL, _SECOND_EMAIL, _TIER = 0.4, 0.2, 0.3


class World(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation in Gladly; every member has the shape of its REST resource."""

    organization: Profile
    customers: list[Profile]
    agents: list[Profile]
    inboxes: list[Profile]
    topics: list[Profile]


def new_id(dice: random.Random) -> str:
    """An id in Gladly's style: 22 URL-safe characters."""
    return base64.urlsafe_b64encode(dice.randbytes(_ID_BYTES)).rstrip(b"=").decode()


def derived_id(text: str) -> str:
    """An id in Gladly's style that is always the same for the same text."""
    digest = hashlib.sha256(text.encode()).digest()[:_ID_BYTES]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def make_world(seed: int = 0, *, customers: int = DEFAULT_CUSTOMERS, poison: int = 0) -> World:
    """Invent an organisation; the names of the first `poison` customers contain "poison"."""
    dice = random.Random(seed)  # noqa: S311 - the same world for the same seed
    people = [_customer(dice, number) for number in range(customers)]
    for person in people[:poison]:
        person["name"] = f"{person.get('name', 'Ivy')} (poison)"
    return World(
        organization=_organization(dice),
        customers=people,
        agents=[_agent(dice, name) for name in _AGENTS],
        inboxes=[{"id": new_id(dice), "name": name, "disabled": False} for name in _INBOXES],
        topics=_make_topics(dice),
    )


def _organization(dice: random.Random) -> Profile:
    return {
        "id": new_id(dice),
        "name": "Example Outfitters (simulated)",
        "loginDomain": "example.com",
        "timezone": "America/Los_Angeles",
        "gladlyUrl": "https://example.gladly.com",
    }


def _agent(dice: random.Random, name: str) -> Profile:
    address = f"{name.split(maxsplit=1)[0].lower()}.agent@example.com"
    return {"id": new_id(dice), "name": name, "emailAddress": address}


def _make_topics(dice: random.Random) -> list[Profile]:
    ids = {name: new_id(dice) for name, _ in _TOPICS}
    topics: list[Profile] = []
    for name, parent in _TOPICS:
        topic: Profile = {"id": ids[name], "name": name, "disabled": name in _DISABLED_TOPICS}
        topics.append(topic if parent is None else {**topic, "parentId": ids[parent]})
    return topics


def _customer(dice: random.Random, number: int) -> Profile:
    name, local = _NAMES[number % len(_NAMES)]
    turn = number // len(_NAMES)
    profile: Profile = {
        "id": new_id(dice),
        "createdAt": "2024-02-21T07:15:18.07272933Z",
        "updatedAt": "2025-02-21T19:50:23.486566336Z",
    }
    if dice.random() >= _NO_NAME:
        profile["name"] = f"{name} {turn + 1}" if turn else name
    if dice.random() >= _NO_EMAIL:
        profile["emails"] = _emails(dice, f"{local}{turn or ''}")
    if dice.random() >= _NO_PHONE:
        profile["phones"] = [_phone(dice)]
    if dice.random() < _EXTERNAL:
        profile["externalCustomerId"] = f"CRM-{number:06d}"
    if dice.random() < _TIER:
        profile["customAttributes"] = {"membershipTier": dice.choice(["gold", "silver"])}
    return profile


def _emails(dice: random.Random, local: str) -> list[Profile]:
    domain = dice.choice(_DOMAINS)
    original = f"{local.title() if dice.random() < _SECOND_EMAIL else local}@{domain}"
    first: Profile = {"original": original, "normalized": f"{local}@{domain}"}
    if dice.random() >= _SECOND_EMAIL:
        return [first]
    second: Profile = {"original": f"{local}@work.example", "normalized": f"{local}@work.example"}
    return [first, {**second, "primary": True}]


def _phone(dice: random.Random) -> Profile:
    number = dice.choice(
        [
            f"+1{dice.choice((202, 415, 646))}55501{dice.randrange(100):02d}",
            f"+447700900{dice.randrange(1000):03d}",
            f"+33199{dice.randrange(10000):06d}",
        ]
    )
    kind = dice.choice(["HOME", "MOBILE", "OFFICE"])
    return {"original": number, "normalized": number, "type": kind}
