"""The drills: when each centre is due, what has been drilled, how it went, and the scripts there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from drills import guests, keeping, own
from drills.ahead_said import local
from drills.ahead_said import on_paper as ahead_on_paper
from drills.briefing import standing as standing_of
from drills.calendar import calendar, centre_of, coverage, trends
from drills.improving import opened, standing
from drills.planned import on_paper
from drills.report.drill import report
from drills.score import profile
from drills.script.model import Script
from drills.script.reader import open_script, shipped
from drills.story import Telling
from incident.errors import NoOrganisation
from incident.marks import LIVE, TABLE
from incident.organisation import Organisation, Role
from incident.playbooks.reader import load_library
from incident.posts import Tier
from incident.store import drill_guests, drill_plans, live
from incident.store.drill_plans import PlanRow
from incident.store.engine import reading
from incident.words import words_for
from web.auth import needs, who
from web.house import house_of
from web.pages.drill_actions import helpers
from web.proving import own_overdue
from web.render import page, reader_of

FORMS: Final = ("people", "simulated", "all")
"""What the coverage is counted over, the usual first."""
_SHOWN: Final = 50


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    """`?centre=` shows one centre's coverage, `?form=` that of simulated drills or of all."""
    house, reader = house_of(request), reader_of(request)
    playbooks = house.library.playbooks()
    organisation = _organisation(request)
    centre = request.query_params.get("centre") or None
    form = request.query_params.get("form", "")
    form = form if form in FORMS else FORMS[0]
    centres = [u for u in organisation.units if u.tier is not Tier.FIELD] if organisation else []
    with reading(house.engine) as connection:
        kept = keeping.listed(connection)
        ahead = drill_plans.coming(connection)
        running, tables = live.unfinished(connection), live.tables(connection)
        added = own.listed(connection)
        plans = standing(connection, reader.now.date())
        mine = own_overdue(request, connection, plans.left)
    counted = keeping.sound(kept)
    return page(
        request,
        "drills.html",
        due=calendar(organisation, playbooks, counted, reader.now.date()) if organisation else [],
        playbooks=playbooks,
        left=plans.left[:_SHOWN],
        mine=mine[:_SHOWN],
        **helpers(request, plans, playbooks),
        cells=coverage(playbooks, counted, organisation, centre, form),
        names={playbook.id: reader.text(playbook.name) for playbook in (*load_library(), *playbooks)},
        centres=centres,
        centre=centre,
        forms=FORMS,
        form=form,
        address=lambda **changes: _address({"centre": centre, "form": form} | changes),
        kept=kept[:_SHOWN],
        units={unit.id: reader.text(unit.name) for unit in organisation.units} if organisation else {},
        trends=trends(counted)[:_SHOWN],
        **_planned(ahead, organisation),
        scripts=[*added, *shipped_scripts()],
        own={script.id for script in added},
        titles={script.id: reader.text(script.name) for script in (*added, *shipped_scripts())},
        of_playbook={script.playbook: script.id for script in shipped_scripts()},
        may=who(request).may(Role.COMMANDER),
        may_practise=who(request).may(Role.RESPONDER),
        running=[row.mark.removeprefix(LIVE) for row in running] if who(request).may(Role.COMMANDER) else [],
        tables=[row.mark.removeprefix(TABLE) for row in tables] if who(request).may(Role.COMMANDER) else [],
    )


@needs(Role.VIEWER)
def download(request: Request) -> Response:
    """The report as a file of its own: it carries its style inside, which a page here may not."""
    with reading(house_of(request).engine) as connection:
        played, row = opened(connection, request.path_params["id"])
        today = house_of(request).clock.now().date()
        plan = standing(connection, today, row.id)
        planned = drill_plans.of_kept(connection, row.id)
        briefed = standing_of(connection, planned) if planned else []
        watched = drill_guests.of_kept(connection, row.id)
    words = words_for(request.state.visitor.locale)
    organisation = _organisation(request)
    unit = organisation.unit(row.unit) if organisation else None
    reader = Telling(played, words, ZoneInfo(played.zone), unit.name.for_locale(words.locale) if unit else row.unit)
    now, ahead = on_paper(reader, plan.every, today), ahead_on_paper(reader, planned, briefed)
    ahead += guests.on_paper(reader, watched)
    whole = report(reader, played.score(profile(row.profile)), now, ahead)
    name = f"drill-{played.script.id}-{played.started_at:%Y-%m-%d}.html"
    return Response(whole, media_type="text/html", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _planned(ahead: Sequence[PlanRow], organisation: Organisation | None) -> dict[str, Any]:
    """What is planned, and at which centre."""
    centres: defaultdict[str, list[PlanRow]] = defaultdict(list)
    for row in ahead:
        if organisation and (centre := centre_of(organisation, row.unit)):
            centres[centre].append(row)
    return {"ahead": ahead, "by_centre": centres, "local": local}


def _address(values: Mapping[str, str | None]) -> str:
    asked = urlencode({k: v for k, v in values.items() if v and (k, v) != ("form", FORMS[0])})
    return f"/drills?{asked}" if asked else "/drills"


def _organisation(request: Request) -> Organisation | None:
    try:
        return house_of(request).directory.organisation()
    except NoOrganisation:
        return None


_read: Final[list[Script]] = []


def shipped_scripts() -> list[Script]:
    """The shipped scripts, read once: it takes a second."""
    if not _read:
        _read[:] = [open_script(name) for name in shipped()]
    return _read


ROUTES: Final = [Route("/drills", show), Route("/drills/{id}/report", download)]
