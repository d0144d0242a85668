"""The bare upload loop: `segment.analytics.request.post`, one batch after the other, one thread."""

from __future__ import annotations

import json
import sys

from segment.analytics import request

from tests.bench import bodies
from tests.bench.processes import WRITE_KEY


def main() -> None:
    """`bare URL EVENTS BATCH`; says `ready`, then uploads when a line comes in."""
    url, events, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    messages = [json.loads(one.payload) for one in bodies.deliveries(events)]
    batches = [messages[first : first + size] for first in range(0, events, size)]
    print("ready", flush=True)
    sys.stdin.readline()
    for batch in batches:
        request.post(WRITE_KEY, url, batch=batch)
    print(json.dumps({"sent": events}), flush=True)


if __name__ == "__main__":
    main()
