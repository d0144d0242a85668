"""Where every value that goes to Segment came from, property by property. Pure but for words."""

from __future__ import annotations

import contextlib
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import msgspec
from PySide6.QtCore import QCoreApplication

from core.errors import Unmappable
from core.gladly.payloads import parse_webhook
from core.mapping.plan import load_profile
from core.model import Channel
from core.settings import Mapping_
from gui.deliveries.story import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.gladly.payloads import WebhookView
    from core.model import DeliveryDetail

#: of the call itself, beside its properties
TOP = ("event", "previousId", "userId", "anonymousId", "timestamp", "messageId")
CUSTOMER = frozenset({"customerName", "email", "phone", "customAttributes"})
#: left out of a call where they are not known
WANTED = ("customerName", "email", "phone", "agentId", "agentName")
HEX_DIGITS = 64


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One value that went (or did not go) to Segment.

    `origin` is webhook, lookup, plan or nowhere: which part of us it comes from.
    """

    name: str
    value: str
    origin: str
    why: str


@cache
def profile_names(used: str) -> Mapping[str, str]:
    """Our names of properties by those of the profiles; the profile in use goes before others."""
    profiles = get_args(get_type_hints(Mapping_)["names"])
    ordered = sorted(profiles, key=lambda one: one == used)
    return {out: ours for one in ordered for ours, out in load_profile(one).properties.items()}


def compare(detail: DeliveryDetail, mapping: Mapping_) -> tuple[Compared, ...]:
    """Every member of the call with where it came from, then what was left out and why."""
    message = decoded(detail.payload)
    if not message:
        return ()
    return tuple(_Comparison(detail, message, mapping).rows())


class _Comparison:
    """One delivery beside what Gladly said."""

    def __init__(self, detail: DeliveryDetail, message: dict[str, Any], mapping: Mapping_) -> None:
        self._detail = detail
        self._message = message
        self._mapping = mapping
        self._seen = decoded(detail.looked_up)
        self._names = {**profile_names(mapping.names), "name": "customerName"}
        #: kind and content of each webhook that can be read, by its id
        self._views = dict(_views(detail))

    def rows(self) -> Iterator[Compared]:
        """What was sent, then what was not."""
        for name in TOP:
            if name in self._message:
                yield self._row(name, self._message[name], *self._top(name))
        properties = self._message.get("properties", self._message.get("traits"))
        sent: dict[str, Any] = properties if isinstance(properties, dict) else {}
        for out, value in sent.items():
            yield self._row(out, value, *self._origin(self._names.get(out, out), out))
        yield from self._left_out({self._names.get(out, out) for out in sent})

    def _row(self, name: str, value: object, origin: str, why: str) -> Compared:
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        return Compared(name=name, value=text, origin=origin, why=why)

    def _origin(self, ours: str, out: str) -> tuple[str, str]:
        """Which part of us a property comes from, and the sentence."""
        origin, why = self._plain_origin(ours)
        if {ours, out} & set(self._mapping.hash):
            return origin, f"{why} {_tr('Sent as SHA-256 (mapping.hash).')}"
        return origin, why

    def _plain_origin(self, ours: str) -> tuple[str, str]:
        if ours in CUSTOMER:
            return "lookup", _tr("Customer, looked up in Gladly.")
        if ours == "conversationId":
            return "webhook", self._told(_tr("Webhook {kind}."))
        if ours == "agentId":
            return "webhook", self._agent()
        return {
            "agentName": ("lookup", _tr("Agent, looked up in Gladly.")),
            "topics": ("lookup", _tr("Conversation, looked up in Gladly.")),
            "status": ("plan", _tr("What the event means.")),
            "duration": ("plan", _tr("From the start of the period to its end.")),
        }.get(ours, ("nowhere", _tr("It is not known from where.")))

    def _top(self, name: str) -> tuple[str, str]:
        match name:
            case "event":
                text = _tr("Naming profile (now {profile}).")
                return "plan", text.format(profile=self._mapping.names)
            case "timestamp":
                return "webhook", self._told(_tr("Time of webhook {kind}."))
            case "previousId":
                return "webhook", self._told(_tr("Customer who was merged, in webhook {kind}."))
            case "messageId":
                merged = self._message.get("type") == "alias"
                what = _tr("Made of alias, both customers and time.")
                return "plan", what if merged else _tr(
                    "Made of alias, event, conversation and time."
                )
            case "anonymousId":
                return "plan", _tr("Stands in: the userId that the plan asks for is not known.")
        return self._user()

    def _user(self) -> tuple[str, str]:
        user = self._message["userId"]
        if user == self._seen.get("externalCustomerId"):
            return "lookup", _tr("External id of the customer, looked up in Gladly.")
        if any(user in {view.customer_id, view.merged_into_id} for _, view in self._views.values()):
            return "webhook", self._told(_tr("Customer in webhook {kind}."))
        if user == self._seen.get("customerId"):
            return "lookup", _tr("Customer into whom the one in the webhook was merged.")
        if isinstance(user, str) and len(user) == HEX_DIGITS:
            return "lookup", _tr("SHA-256 of the e-mail address (mapping.user_id).")
        return "nowhere", _tr("It is not known from where.")

    def _agent(self) -> str:
        """The webhook that named the agent; the one that led to the delivery goes first."""
        properties = self._message.get("properties", {})
        ids = {properties.get("agentId"), properties.get("agent_id")} - {None}
        own = self._detail.delivery.webhook_id
        for one in sorted(self._views, key=lambda one: one != own):
            kind, view = self._views[one]
            if view.agent_id in ids:
                return _tr("Webhook {kind}.").format(kind=kind)
        return _tr("A webhook that is no longer here.")

    def _told(self, text: str) -> str:
        """A sentence about the webhook that led to the delivery."""
        own = self._detail.delivery.webhook_id
        kinds = [one.kind for one in self._detail.webhooks if one.id == own]
        return text.format(kind=kinds[0]) if kinds else _tr("A webhook that is no longer here.")

    def _left_out(self, sent: set[str]) -> Iterator[Compared]:
        for name in self._mapping.drop:
            why = _tr("Left out by the settings (mapping.drop).")
            yield self._row(name, "", "plan", why)
        if self._message.get("type") != "track":
            return
        dropped = {self._names.get(one, one) for one in self._mapping.drop}
        for name in WANTED:
            if name not in sent and name not in dropped:
                yield self._row(name, "", "nowhere", self._why_not(name))

    def _why_not(self, name: str) -> str:
        part = "agent" if name.startswith("agent") else "customer"
        if part in (self._seen.get("missing") or ()):
            return _tr("Gladly could not be asked.")
        if part in (self._seen.get("gone") or ()):
            if self._detail.delivery.channel is Channel.TEST:
                return _tr("Made up for a test, so Gladly does not know it.")
            return _tr("Gladly no longer knows it.")
        return _tr("Not known in Gladly, so left out.")


def _views(detail: DeliveryDetail) -> Iterator[tuple[int, tuple[str, WebhookView]]]:
    for webhook in detail.webhooks:
        if webhook.body is not None:
            with contextlib.suppress(Unmappable):
                yield webhook.id, (webhook.kind, parse_webhook(webhook.body))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Compare", text)
