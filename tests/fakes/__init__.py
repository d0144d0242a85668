"""Stand-ins that tests share: a clock, secrets in memory, builders of Gladly's events."""

from __future__ import annotations

import json
from typing import Any

from core.errors import SecretStoreUnavailable


class FakeClock:
    """Epoch seconds that stand still until told otherwise."""

    def __init__(self, now: float = 1_780_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class MemorySecrets:
    """A keyring in memory; `available=False` behaves like a machine without one."""

    def __init__(self, values: dict[str, str] | None = None, *, available: bool = True) -> None:
        self.values = dict(values or {})
        self.available = available

    def _check(self) -> None:
        if not self.available:
            raise SecretStoreUnavailable("There is no usable OS keyring here.", "Use variables.")

    def get(self, name: str) -> str | None:
        self._check()
        return self.values.get(name)

    def set(self, name: str, value: str) -> None:
        self._check()
        self.values[name] = value

    def delete(self, name: str) -> bool:
        self._check()
        return self.values.pop(name, None) is not None


def gladly_event(
    kind: str,
    *,
    id: str = "e1",  # noqa: A002 - Gladly's word
    conversation: str = "c1",
    customer: str | None = "customer-1",
    at: str = "2026-05-28T10:00:00Z",
    agent: str | None = None,
    assignee: str | None = None,
) -> dict[str, Any]:
    """A webhook body as Gladly sends it; `agent` stands in `context`, `assignee` is the new one."""
    content: dict[str, Any] = {
        "conversationId": conversation,
        "context": {"assignee": {"inboxId": "inbox-1", **({"agentId": agent} if agent else {})}},
    }
    if customer is not None:
        content["customerId"] = customer
    if kind == "CONVERSATION_ASSIGNEE/UPDATED":
        content["reason"] = "MANUAL"
        content["assignee"] = {
            "inboxId": "inbox-1",
            **({"agentId": assignee} if assignee else {}),
        }
    return {
        "id": id,
        "type": kind,
        "timestamp": at,
        "initiator": {"id": "agent-0", "type": "AGENT"},
        "content": content,
    }


def body(event: dict[str, Any]) -> bytes:
    """The event as the bytes of a request."""
    return json.dumps(event).encode()
