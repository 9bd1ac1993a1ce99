"""Choosing people for a roster, a unit or a skill; exams; and what a person sees of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import IncidentError, Reason
from incident.organisation import Organisation, Role
from incident.record.row import name_of
from incident.selection import Decision, Exam, Weighing, Weights
from incident.store import selection as table
from incident.store.engine import reading
from incident.store.sends import as_reason
from web import selection
from web.api.selection import PageQuery, own
from web.auth import check, needs, who
from web.house import house_of
from web.pages.drill_action import speaker
from web.pages.forms import Form, body_of, posted, refused
from web.pages.skills import known_skills
from web.render import page, reader_of
from web.say import Reader
from web.wire import parse

PATH: Final = "/candidates"
EXAMS: Final = "/exams"
SHOWN: Final = 20
"""Decisions beneath the candidates, the last ones."""


@needs(Role.ADMIN)
def show(request: Request) -> HTMLResponse:
    return _page(request, None, request.query_params.get("for", ""), everybody=_everybody(request.query_params))


@needs(Role.ADMIN)
async def decide(request: Request) -> Response:
    """A decision from the form beside somebody; refused, the form stands there again with what was typed."""
    values = await posted(request)
    wanted, everybody = values.pop("for", ""), values.pop("everybody", "")
    kind, _, name = wanted.partition(":")
    try:
        body = {**body_of(values), "kind": kind, "target": name}
        await selection.decide(house_of(request), who(request), parse(Decision, body))
    except IncidentError as error:
        form = refused("decide", values, error, reader_of(request).words)
        return await to_thread.run_sync(_again, request, form, wanted, everybody)
    more = "&everybody=1" if everybody else ""
    return RedirectResponse(f"{PATH}?for={quote(wanted)}{more}&saved=1#{quote(values.get('person', ''))}", 303)


def _again(request: Request, form: Form, wanted: str, everybody: str) -> HTMLResponse:
    return _page(request, form, wanted, everybody=bool(everybody))


def _everybody(params: Mapping[str, str]) -> bool:
    return params.get("everybody", "") == "1"


def _page(request: Request, form: Form | None, wanted: str, *, everybody: bool) -> HTMLResponse:
    house, reader = house_of(request), reader_of(request)
    organisation = house.directory.organisation()
    kind, _, name = wanted.partition(":")
    target = selection.target_of(organisation, kind, name) if wanted else None
    found = selection.candidates(house, target, everybody=everybody) if target else []
    with reading(house.engine) as connection:
        decided = table.holding(connection, target.kind, target.id) if target else {}
        last = table.latest(connection)[:SHOWN]
    return page(
        request,
        "candidates.html",
        status=form.status if form else 200,
        form=form,
        target=target,
        wanted=wanted,
        everybody=everybody,
        choices=_choices(organisation, reader),
        found=found,
        decided=decided,
        last=last,
        saved=bool(request.query_params.get("saved")) and form is None,
        **_words(organisation, reader, selection.profile_of(house)),
    )


def _words(organisation: Organisation, reader: Reader, profile: Weighing) -> dict[str, Any]:
    """What every page here says by: names of people, of targets, of who decided; the profile; reasons as kept."""

    def target_name(kind: str, name: str) -> str:
        if kind == "roster":
            return next((reader.text(one.name) for one in organisation.rosters if one.id == name), name)
        unit = organisation.unit(name) if kind == "unit" else None
        return reader.text(unit.name) if unit else name

    def reason(kept: Mapping[str, Any]) -> Reason:
        return as_reason(dict(kept))

    return {
        "named": lambda person: name_of(person, organisation) or person,
        "target_name": target_name,
        "speaker": lambda by: speaker(by, organisation, reader),
        "profile": profile,
        "kept_reason": reason,
    }


def _choices(organisation: Organisation, reader: Reader) -> list[tuple[str, list[tuple[str, str]]]]:
    """What somebody may be chosen for, by kind. A roster says what it requires."""

    def asking(name: str, skills: tuple[str, ...]) -> str:
        return name + reader.words.t("list.aside", text=reader.words.t("list.comma").join(skills)) if skills else name

    rosters = [(f"roster:{r.id}", asking(reader.text(r.name), tuple(r.requires))) for r in organisation.rosters]
    units = [
        (f"unit:{u.id}", asking(reader.text(u.name), tuple(u.team.skills) if u.team else ()))
        for u in organisation.units
    ]
    skills = [(f"skill:{name}", name) for name in known_skills(organisation)]
    return [("roster", rosters), ("unit", units), ("skill", skills)]


@needs(Role.ADMIN)
async def weigh(request: Request) -> Response:
    """The house's own weights, from the form above the candidates."""
    values = await posted(request)
    wanted = values.pop("for", "")
    try:
        await selection.weigh(house_of(request), who(request), parse(Weights, body_of(values)))
    except IncidentError as error:
        form = refused("weights", values, error, reader_of(request).words)
        return await to_thread.run_sync(_again, request, form, wanted, "")
    return RedirectResponse(f"{PATH}?for={quote(wanted)}", 303)


@needs(Role.ADMIN)
def show_exams(request: Request) -> HTMLResponse:
    return _exams(request, None)


@needs(Role.ADMIN)
async def record(request: Request) -> Response:
    values = await posted(request)
    try:
        await selection.record(house_of(request), who(request), parse(Exam, body_of(values)))
    except IncidentError as error:
        form = refused("exam", values, error, reader_of(request).words)
        return await to_thread.run_sync(_exams, request, form)
    return RedirectResponse(f"{EXAMS}?saved=1#held", 303)


def _exams(request: Request, form: Form | None) -> HTMLResponse:
    house, reader = house_of(request), reader_of(request)
    organisation = house.directory.organisation()
    asked = {name: request.query_params[name] for name in ("after",) if name in request.query_params}
    with reading(house.engine) as connection:
        found = table.latest_exams(connection, parse(PageQuery, asked, "/query").after)
    return page(
        request,
        "exams.html",
        status=form.status if form else 200,
        form=form,
        people=[(one.id, one.name) for one in organisation.people],
        known=known_skills(organisation),
        today=reader.now.astimezone(reader.zone).date(),
        held=found[: table.PAGE],
        following=found[table.PAGE - 1].id if len(found) > table.PAGE else None,
        saved=bool(request.query_params.get("saved")) and form is None,
        **_words(organisation, reader, selection.profile_of(house)),
    )


@needs(Role.VIEWER)
def show_own(request: Request) -> HTMLResponse:
    """One's own, or anybody's for an admin."""
    visitor, name = who(request), str(request.path_params["person"])
    if visitor.person != name:
        check(visitor, Role.ADMIN)
    house = house_of(request)
    organisation = house.directory.organisation()
    found = own(house, name, visitor.locale)
    return page(
        request,
        "selection_own.html",
        person=organisation.person(name),
        mine=visitor.person == name,
        found=found,
        **_words(organisation, reader_of(request), selection.profile_of(house)),
    )


ROUTES: Final = [
    Route(PATH, show),
    Route(PATH, decide, methods=["POST"]),
    Route(f"{PATH}/weights", weigh, methods=["POST"]),
    Route(EXAMS, show_exams),
    Route(EXAMS, record, methods=["POST"]),
    Route("/people/{person}/selection", show_own),
]
