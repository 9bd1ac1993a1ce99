"""The peer of the walls: sse-starlette's plain recipe, a queue for each wall and an event encoded for each of them.

`uvicorn bench.plain_sse:app`. POST /note gives an event of the size in BENCH_EVENT_BYTES to every wall at GET /stream
and answers with its position. It keeps nothing, checks nobody, and has no board to show.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_FILL = "x" * int(os.environ.get("BENCH_EVENT_BYTES", "1000"))


class Walls:
    """The queues of all that listen."""

    def __init__(self) -> None:
        self.queues: set[asyncio.Queue[dict[str, str]]] = set()
        self.position = 0

    async def events(self) -> AsyncIterator[dict[str, str]]:
        queue: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self.queues.add(queue)
        try:
            yield {"event": "snapshot", "id": "0", "data": "{}"}
            while True:
                yield await queue.get()
        finally:
            self.queues.discard(queue)

    async def stream(self, request: Request) -> Response:
        return EventSourceResponse(self.events(), sep="\n")

    async def note(self, request: Request) -> Response:
        await request.json()
        self.position += 1
        data = json.dumps({"position": self.position, "row": _FILL})
        for queue in self.queues:
            queue.put_nowait({"event": "entry", "id": str(self.position), "data": data})
        return JSONResponse({"entries": [{"position": self.position}]})


_walls = Walls()
app = Starlette(routes=[Route("/stream", _walls.stream), Route("/note", _walls.note, methods=["POST"])])
