"""Whom test events may be about: customers, agents and topics to choose from. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from core.model import Context

if TYPE_CHECKING:
    from collections.abc import Iterable


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A customer."""

    id: str
    name: str = ""
    email: str = ""
    phone: str = ""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """An agent or a topic."""

    id: str
    name: str


class People(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody to choose from; `known` means that Gladly will answer for them by these ids."""

    customers: tuple[Person, ...]
    agents: tuple[Named, ...]
    topics: tuple[Named, ...]
    known: bool = False

    def customer(self, customer_id: str | None) -> Person | None:
        """The customer of this id."""
        return next((one for one in self.customers if one.id == customer_id), None)

    def agent(self, agent_id: str | None) -> Named | None:
        """The agent of this id."""
        return next((one for one in self.agents if one.id == agent_id), None)

    def topic(self, text: str) -> Named:
        """The topic of this id or name; one that is not here stands for itself."""
        plain = text.strip()
        for one in self.topics:
            if plain == one.id or plain.casefold() == one.name.casefold():
                return one
        return Named(id=plain, name=plain)

    def context(
        self, customer_id: str | None, agent_id: str | None, topics: Iterable[str] = ()
    ) -> Context:
        """What a look-up would say of these ids."""
        person = self.customer(customer_id)
        agent = self.agent(agent_id)
        chosen = [self.topic(one) for one in topics if one.strip()]
        return Context(
            customer_id=customer_id,
            customer_name=(person and person.name) or None,
            email=(person and person.email) or None,
            phone=(person and person.phone) or None,
            agent_name=agent.name if agent else None,
            topic_ids=tuple(one.id for one in chosen) or None,
            topic_names=tuple(one.name for one in chosen) or None,
        )


#: invented; e-mail addresses of RFC 2606, numbers reserved for fiction
MADE_UP = People(
    customers=(
        Person(
            id="test-customer-martha",
            name="Martha J Williams",
            email="martha.williams@example.com",
            phone="+12025550114",
        ),
        Person(
            id="test-customer-jose",
            name="José María Núñez",
            email="jm.nunez@example.org",
            phone="+33199001234",
        ),
        Person(id="test-customer-anna", name="Анна Кузнецова", email="a.kuznetsova@example.net"),
        Person(id="test-customer-hanako", name="佐藤 花子", phone="+447700900123"),
        Person(id="test-customer-muhammad", name="محمد عبد الله", email="m.abdullah@example.com"),
        Person(
            id="test-customer-wolfeschlegel",
            name="Hubert Wolfeschlegelsteinhausenbergerdorff-Lüdenscheid",
            email="hubert.wolfeschlegelsteinhausenbergerdorff@example.com",
        ),
        Person(id="test-customer-unnamed"),
    ),
    agents=(
        Named(id="test-agent", name="Amy Ortiz"),
        Named(id="test-agent-chloe", name="Chloë Martin"),
        Named(id="test-agent-hiro", name="Hiro Tanaka"),
    ),
    topics=(
        Named(id="test-topic-order-return", name="Order Return"),
        Named(id="test-topic-damaged", name="Damaged Merchandise"),
        Named(id="test-topic-late", name="Late Delivery"),
        Named(id="test-topic-refund", name="Refund"),
        Named(id="test-topic-groesse", name="Produktfrage: Größe"),
    ),
)
