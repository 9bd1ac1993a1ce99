"""The pages that people see: each module renders its own and takes its forms."""

from __future__ import annotations

from typing import Final

from starlette.routing import BaseRoute

from web.pages import (
    board,
    code,
    console,
    contacts,
    drills,
    dry_run,
    handover,
    incident,
    layers,
    load,
    login,
    maintenance,
    mine,
    observing,
    on_call,
    people,
    person,
    phones,
    playbooks,
    policies,
    readiness,
    report,
    review,
    roster_import,
    rostering,
    rosters,
    wall,
    ways,
)

ROUTES: Final[list[BaseRoute]] = [
    *board.ROUTES,
    *wall.ROUTES,
    *load.ROUTES,
    *report.ROUTES,
    *dry_run.ROUTES,
    *incident.ROUTES,
    *review.ROUTES,
    *person.ROUTES,
    *code.ROUTES,
    *on_call.ROUTES,
    *mine.ROUTES,
    *contacts.ROUTES,
    *layers.ROUTES,
    *roster_import.ROUTES,
    *rosters.ROUTES,
    *rostering.ROUTES,
    *handover.ROUTES,
    *maintenance.ROUTES,
    *people.ROUTES,
    *ways.ROUTES,
    *playbooks.ROUTES,
    *policies.ROUTES,
    *console.ROUTES,
    *observing.ROUTES,
    *drills.ROUTES,
    *readiness.ROUTES,
    *phones.ROUTES,
    *login.ROUTES,
]
