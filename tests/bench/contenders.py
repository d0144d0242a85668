"""The others, as processes of their own: `noop` does nothing, `script` is what people write."""

from __future__ import annotations

import asyncio
import signal
import sys
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from segment import analytics
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from core.ingest.server import HttpServer
from core.runner import loop_factory
from tests.bench.processes import WRITE_KEY

if TYPE_CHECKING:
    from starlette.types import ASGIApp

PATH = "/gladly/webhook"
EVENTS = {
    "CONVERSATION/CREATED": "Conversation Opened",
    "CONVERSATION/CLOSED": "Conversation Closed",
}


def noop() -> ASGIApp:
    """Starlette that answers without looking at the request."""

    async def answer(_: Request) -> Response:
        return Response(b'{"status":"stored"}', media_type="application/json")

    return Starlette(routes=[Route(PATH, answer, methods=["POST"])])


def script(segment: str) -> ASGIApp:
    """A webhook handler as tutorials show it: answer 200, leave the rest to the library."""
    analytics.write_key = WRITE_KEY
    analytics.host = segment
    app = FastAPI()

    @app.post(PATH)
    async def webhook(request: Request) -> dict[str, str]:
        event = await request.json()
        content = event["content"]
        if name := EVENTS.get(event["type"]):
            analytics.track(
                user_id=content["customerId"],
                event=name,
                properties={
                    "conversationId": content["conversationId"],
                    "agentId": content["context"]["assignee"].get("agentId"),
                },
            )
        return {"status": HTTPStatus.OK.phrase}

    return app


async def _serve(app: ASGIApp) -> None:
    server = HttpServer(app, host="127.0.0.1", port=0)
    server.open()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    print(server.url + PATH, flush=True)
    await server.run()


def main() -> None:
    """`contenders noop` or `contenders script URL-OF-SEGMENT`; prints its address."""
    which, *others = sys.argv[1:]
    app = noop() if which == "noop" else script(*others)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(app))


if __name__ == "__main__":
    main()
