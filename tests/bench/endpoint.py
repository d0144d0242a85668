"""A simulated Segment as a process of its own; answers questions in JSON lines.

`["wait", N, SECONDS]` waits until N events were accepted, `["quiet", SECONDS]` until nothing new
came for so long, `["conversations", FILE]` writes what arrived, `["reset"]` forgets it.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator


class Endpoint:
    """What can be asked.

    Args:
        segment: The simulator.
    """

    def __init__(self, segment: SegmentSimulator) -> None:
        self._segment = segment

    def answer(self, verb: str, *words: object) -> dict[str, object]:
        """Do what is asked, then say how many were accepted and how long that took."""
        getattr(self, verb)(*words)
        requests, accepted = self._segment.requests, self._segment.accepted
        seconds = time.time() - requests[0].at if requests else 0.0
        return {"accepted": len(accepted), "requests": len(requests), "seconds": seconds}

    def wait(self, count: int, seconds: float) -> None:
        """Wait for `count` accepted events, at most so many seconds."""
        self._segment.wait_until(lambda: len(self._segment.accepted) >= count, seconds)

    def quiet(self, seconds: float) -> None:
        """Wait until nothing new was accepted for so many seconds."""
        before = -1
        while before != (before := len(self._segment.accepted)):
            count = before
            self._segment.wait_until(lambda: len(self._segment.accepted) > count, seconds)  # noqa: B023

    def conversations(self, file: str) -> None:
        """Write the conversation ids of what arrived, one a line."""
        found = (event["properties"]["conversationId"] for event in self._segment.accepted.values())
        Path(file).write_text("\n".join(found), "ascii")

    def reset(self) -> None:
        """Forget everything that arrived."""
        self._segment.reset()


def main() -> None:
    """`endpoint [FAULT]`; prints its address, then answers questions until stdin ends."""
    segment = SegmentSimulator(faults=sys.argv[1:])
    with SimulatorServer(segment) as server:
        print(server.url, flush=True)
        endpoint = Endpoint(segment)
        for line in sys.stdin:
            print(json.dumps(endpoint.answer(*json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
