"""What every request passes before its handler, and every answer on its way out: one layer, each concern in its place.

In this order: the path, the announced length, the origin, who asks, the route. Whatever is raised, from there or in a
handler, becomes a problem; each answer gets the security headers, and is counted with the time to its first byte.
A chain of layers would do the same, and make a request, a coroutine and a `send` of its own for each of them.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Router
from starlette.types import Message, Receive, Scope, Send

from incident.clock import monotonic
from web.auth import Gate
from web.language import cookie_of
from web.operations import Metrics
from web.problems import respond
from web.security import SafeHeaders, SameOrigin, check_length, check_path, limited
from web.table import Table


class Front:
    """Stands where starlette has its own layers. `router` serves what is no request: start and end of the server."""

    def __init__(self, router: Router, *, gate: Gate, metrics: Metrics, public_url: str) -> None:
        self._router, self._table = router, Table(router.routes)
        self._gate, self._metrics = gate, metrics
        self._headers = SafeHeaders(secure=public_url.startswith("https://"))
        self._origin = SameOrigin(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._router(scope, receive, send)
        came, begun, cookie = monotonic(), False, None

        async def answer(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                given = message.get("headers", ())
                message["headers"] = self._headers.beside([*given, cookie] if cookie else given, scope["path"])
                self._metrics.answered(scope, message["status"], monotonic() - came)
            await send(message)

        request = Request(scope, limited(receive), answer)
        try:
            self._check(scope)
            request.state.visitor = await self._gate.visitor(request)
            cookie = cookie_of(request)
            await self._serve(request, answer)
        except Exception as error:
            if begun:
                raise  # the server writes it down, and cuts the connection
            response = respond(request, error)
            await response(scope, receive, answer)
            error.__traceback__ = None  # the desk may have raised the same one for several: it would grow with each

    def _check(self, scope: Scope) -> None:
        """Raises what is wrong with a request whoever sent it."""
        headers = dict(reversed(scope["headers"]))  # of two by one name the first counts
        check_path(scope["path"])
        check_length(headers)
        self._origin.check(scope, headers)

    async def _serve(self, request: Request, send: Send) -> None:
        scope = request.scope
        route, handler = self._table.find(scope)
        if handler is None:
            await route.handle(scope, request.receive, send)
        else:
            response = await handler(request)
            await response(scope, request.receive, send)
