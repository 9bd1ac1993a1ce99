"""The policies: what is due when at which level, how a report is graded, how often word is given."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from incident.errors import Unknown
from incident.levels import Degree
from incident.organisation import Role
from incident.policy import DEFAULT_POLICY, ClockName
from web.auth import needs
from web.house import house_of
from web.render import page


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    return page(request, "policies.html", policies=house_of(request).library.policies(), default=DEFAULT_POLICY)


@needs(Role.VIEWER)
def show_one(request: Request) -> HTMLResponse:
    name = request.path_params["id"]
    policy = next((p for p in house_of(request).library.policies() if p.id == name), None)
    if policy is None:
        raise Unknown("policy", name[:60])
    clocks = [clock for clock in ClockName if policy.clocks.get(clock)]
    return page(request, "policy.html", policy=policy, clocks=clocks, degrees=tuple(Degree), default=DEFAULT_POLICY)


ROUTES: Final = [Route("/policies", show), Route("/policies/{id}", show_one)]
