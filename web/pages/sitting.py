"""Starting a tabletop, and its console: one inject after the other, to read aloud and to judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import IncidentError, Unknown
from incident.ids import new_id
from incident.organisation import Role
from web import sitting
from web.auth import needs, who
from web.house import house_of
from web.observing import link_of
from web.pages.console import REFRESH_S
from web.pages.forms import Form, body_of, posted, refused
from web.problems import Denied
from web.proving import proving
from web.render import page, reader_of
from web.starting import asked
from web.wire import parse

REST: Final = "rest"
"""`?inject=` of what no inject asked for, after the last one; 0 is the opening report."""


@needs(Role.COMMANDER)
def ask(request: Request) -> HTMLResponse:
    """Proposes those at the table whom the first message would page now."""
    return _asked(request, dict(request.query_params), None)


def _asked(request: Request, wanted: Mapping[str, str], form: Form | None) -> HTMLResponse:
    found = asked(request, wanted.get("script", ""), wanted.get("unit"))
    return page(
        request,
        "tabletop_start.html",
        present="\n".join(person for person in found["people"] if person != who(request).name),
        once=(form.values.get("once") if form else None) or new_id()[:8],
        form=form,
        status=form.status if form else 200,
        **found,
        **proving(request, found["script"], "tabletop"),
    )


@needs(Role.COMMANDER)
async def start(request: Request) -> Response:
    values = await posted(request)
    try:
        name = await to_thread.run_sync(sitting.start, request, parse(sitting.Sit, body_of(values)))
    except IncidentError as error:
        form = refused("start", values, error, reader_of(request).words)
        return await to_thread.run_sync(_asked, request, values, form)
    return RedirectResponse(f"/drills/{name}/tabletop", 303)


@needs(Role.COMMANDER)
def show(request: Request) -> HTMLResponse:
    """`?inject=` goes back and forth and changes nothing; without it, where the table stands."""
    return _console(request, None)


def _console(request: Request, form: Form | None) -> HTMLResponse:
    found = sitting.opened(request)
    view = sitting.shown_as(request, found)
    typed = form.values if form else {}
    place = typed.get("inject") or (REST if typed.get("measure") else request.query_params.get("inject"))
    return page(
        request,
        "tabletop.html",
        view=view,
        title=found.script.name,
        observe=link_of(house_of(request), found.row.mark),
        every=REFRESH_S,
        form=form,
        status=form.status if form else 200,
        **_places(view, place),
        **proving(request, found.script, "tabletop"),
    )


def _places(view: dict[str, Any], wanted: str | None) -> dict[str, Any]:
    """The inject that is shown (None for the opening and for the rest), and the places before and after it."""
    injects = {str(one["number"]): one for one in view["injects"]}
    places = ["0", *injects, REST]
    settled = [number for number, one in injects.items() if one["settled"]]
    here = wanted if wanted in places else (settled[-1] if settled else "0")
    index = places.index(here)
    return {
        "here": here,
        "inject": injects.get(here),
        "before": places[index - 1] if index else None,
        "after": places[index + 1] if here != REST else None,
        "then": injects.get(places[index + 1]) if here != REST else None,
    }


@needs(Role.COMMANDER)
async def act(request: Request) -> Response:
    values = await posted(request)
    try:
        deed = parse(sitting.TableDeed, body_of(values))
        await to_thread.run_sync(sitting.do, request, deed)
    except (Unknown, Denied):
        raise
    except IncidentError as error:
        form = refused("act", values, error, reader_of(request).words)
        return await to_thread.run_sync(_console, request, form)
    place = f"?inject={deed.inject}" if deed.inject else f"?inject={REST}#{deed.measure}" if deed.measure else ""
    return RedirectResponse(f"/drills/{request.path_params['drill']}/tabletop{place}", 303)


ROUTES: Final = [
    Route("/drills/tabletop", ask),
    Route("/drills/tabletop", start, methods=["POST"]),
    Route("/drills/{drill}/tabletop", show),
    Route("/drills/{drill}/tabletop", act, methods=["POST"]),
]
