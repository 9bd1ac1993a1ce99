"""The peer of the walls: sse-starlette's plain recipe, a queue for each wall and an event encoded for each of them.

`uvicorn bench.plain_sse:app`. What is POSTed to /note goes to every wall at GET /stream. It keeps nothing, checks
nobody, and has no board to show.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


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
        self.position += 1
        event = {"event": "entry", "id": str(self.position), "data": (await request.body()).decode()}
        for queue in self.queues:
            queue.put_nowait(event)
        return Response(status_code=202)


_walls = Walls()
app = Starlette(routes=[Route("/stream", _walls.stream), Route("/note", _walls.note, methods=["POST"])])
