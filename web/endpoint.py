"""One line of the API: what the router, the guard and the description are all made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.routing import Route

from incident.organisation import Role
from web.auth import needs

Handler = Callable[[Request], Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`role` None means that anybody may ask. `body` and `query` are models, `answer` is the shape of the answer;
    `many` marks a list with a cursor. `reports` lets integration keys in. `routed` False only describes, `described`
    False only routes: one route serves many commands, each with a body of its own. `also` are other statuses that
    have a shape of their own; all the rest are problems.
    """

    method: str
    path: str
    handler: Handler
    role: Role | None
    tag: str
    says: str
    body: Any = None
    query: type[BaseModel] | None = None
    answer: Any = None
    many: bool = False
    status: int = 200
    reports: bool = False
    media: str = "application/json"
    routed: bool = True
    described: bool = True
    also: Mapping[int, Any] = field(default_factory=dict)

    def route(self) -> Route:
        handler = self.handler if self.role is None else needs(self.role, reports=self.reports)(self.handler)
        return Route(self.path, handler, methods=[self.method], name=f"{self.method} {self.path}")
