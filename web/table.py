"""Which route a request goes to: starlette's own answer, found among the few that can match and not among all.

Starlette tries one route after the other, a regular expression each; there are more than two hundred. Here they stand
on shelves by what is fixed in the first two parts of their paths, each shelf in the order of the whole.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import Any, Final, NamedTuple

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Scope

Handler = Callable[[Request], Awaitable[Response]]
_Parts = tuple[str | None, str | None]
"""The first two parts of a path; None for one that may be anything."""


class Found(NamedTuple):
    """A route, and what answers its requests; without a handler the route serves by itself, or says 405."""

    route: BaseRoute
    handler: Handler | None


class _Kept(NamedTuple):
    place: int
    found: Found


class Table:
    """The routes of one application, in their order."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        kept: defaultdict[_Parts, list[_Kept]] = defaultdict(list)
        for place, route in enumerate(routes):
            kept[_fixed(route)].append(_Kept(place, Found(route, _handler(route))))
        any_path = kept[None, None]
        self._every: Final = _shelf(*kept.values())
        firsts = {first for first, _ in kept if first is not None}
        self._by_one: Final = {first: _shelf(any_path, kept.get((first, None), [])) for first in firsts}
        self._by_two: Final = {
            (first, second): _shelf(any_path, kept.get((first, None), []), those)
            for (first, second), those in kept.items()
            if second is not None
        }
        self._rest: Final = _shelf(any_path)

    def find(self, scope: Scope) -> Found:
        """The first route for the path and the method, else the first for the path; noted in the scope as starlette
        does. Raises HTTPException 404."""
        lesser = None
        for found in self._shelf_of(scope):
            match, more = found.route.matches(scope)
            if match is Match.FULL:
                return _noted(scope, found, more)
            if match is Match.PARTIAL and lesser is None:
                lesser = found, more
        if lesser is None:
            raise HTTPException(404)
        return _noted(scope, Found(lesser[0].route, None), lesser[1])

    def _shelf_of(self, scope: Scope) -> tuple[Found, ...]:
        if scope.get("root_path"):
            return self._every  # under another application's path: the parts are not where they are here
        _, first, second, *_ = f"{scope['path']}//".split("/", 3)
        return self._by_two.get((first, second)) or self._by_one.get(first, self._rest)


def _noted(scope: Scope, found: Found, more: Scope) -> Found:
    scope["route"] = found.route
    scope.update(more)
    return found


def _shelf(*kept: Sequence[_Kept]) -> tuple[Found, ...]:
    """In the routes' order."""
    return tuple(one.found for one in sorted(chain.from_iterable(kept), key=attrgetter("place")))


def _fixed(route: BaseRoute) -> _Parts:
    """`/incidents/{id}` is (incidents, None), `/incidents` is (incidents, empty)."""
    if isinstance(route, Mount):
        path = f"{route.path}/{{path}}"
    else:
        assert isinstance(route, Route)
        path = route.path
    _, first, second, *_ = f"{path}//".split("/", 3)
    if "{" in first:
        return None, None
    return first, None if "{" in second else second


def _handler(route: BaseRoute) -> Handler | None:
    """The endpoint itself: what starlette puts around it, a second request and a second look for errors, is done."""
    if not isinstance(route, Route) or not inspect.isroutine(route.endpoint):
        return None
    if inspect.iscoroutinefunction(route.endpoint):
        return _as_handler(route.endpoint)
    return partial(to_thread.run_sync, route.endpoint)


def _as_handler(endpoint: Any) -> Handler:
    handler: Handler = endpoint
    return handler
