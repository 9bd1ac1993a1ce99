"""The pages that people see: each module renders its own and takes its forms."""

from __future__ import annotations

from typing import Final

from starlette.routing import BaseRoute

from web.pages import (
    board,
    incident,
    login,
    on_call,
    people,
    person,
    phones,
    playbooks,
    policies,
    report,
    review,
    wall,
)

ROUTES: Final[list[BaseRoute]] = [
    *board.ROUTES,
    *wall.ROUTES,
    *report.ROUTES,
    *incident.ROUTES,
    *review.ROUTES,
    *person.ROUTES,
    *on_call.ROUTES,
    *people.ROUTES,
    *playbooks.ROUTES,
    *policies.ROUTES,
    *phones.ROUTES,
    *login.ROUTES,
]
