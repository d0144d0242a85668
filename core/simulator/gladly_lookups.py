"""The pages of Gladly's API that say what an id stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.simulator.base import json_response
from core.simulator.gladly_gate import NOT_FOUND, errors_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from core.simulator.gladly_gate import Handler
    from core.simulator.gladly_state import Directory
    from core.simulator.people import Profile

    Resources = Callable[[], Mapping[str, Profile]]

_MOVED = 301


def pages(directory: Directory) -> dict[str, tuple[str, Handler]]:
    """Every look-up: its path, its kind, and what answers it."""
    return {
        "/organization": ("organization", _organization(directory)),
        "/agents": ("agents", _all(lambda: directory.agents)),
        "/agents/{id}": ("agent", _one(lambda: directory.agents)),
        "/topics": ("topics", _all(lambda: directory.topics)),
        "/topics/{id}": ("topic", _one(lambda: directory.topics)),
        "/inboxes": ("inboxes", _all(lambda: directory.inboxes)),
        "/inboxes/{id}": ("inbox", _one(lambda: directory.inboxes)),
        "/conversations/{id}": ("conversation", _one(lambda: directory.conversations)),
        "/customer-profiles/{id}": ("customer-profile", _customer(directory)),
    }


def _organization(directory: Directory) -> Handler:
    async def answer(request: Request) -> Response:
        return json_response(directory.organization)

    return answer


def _all(resources: Resources) -> Handler:
    async def answer(request: Request) -> Response:
        return json_response(list(resources().values()))

    return answer


def _one(resources: Resources) -> Handler:
    async def answer(request: Request) -> Response:
        wanted = request.path_params["id"]
        found = resources().get(wanted)
        if found is None:
            detail = f"entity [{wanted}] does not exist"
            return errors_response(request, NOT_FOUND, code="not_exist", detail=detail)
        return json_response(found)

    return answer


def _customer(directory: Directory) -> Handler:
    known = _one(lambda: directory.customers)

    async def answer(request: Request) -> Response:
        old = request.path_params["id"]
        new = directory.moved.get(old)
        if new is None:
            return await known(request)
        meta = {"old": old, "new": new}
        error = {"attr": "customerId", "code": "moved", "detail": "customer id has changed"}
        return errors_response(request, _MOVED, **error, meta=meta)

    return answer
