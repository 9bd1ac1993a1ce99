"""Guests of a drill: the page on which whoever runs it makes their links, and the page that a guest sees.

A guest's link is a right to look at this one page, for a while; it signs nobody in, and no other route knows it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from drills import guests as links
from drills.control import REMARKS
from drills.guests import DAYS, Guest
from drills.sitting import Sitting
from incident.errors import IncidentError, Unknown
from incident.organisation import Role
from web import guests
from web.auth import Visitor, gate_of, needs
from web.drilling import room_of
from web.guests import LONGEST_REMARK, Invited, Remark
from web.house import house_of
from web.language import chosen, words_of
from web.observing import run_by
from web.pages.console import REFRESH_S
from web.pages.forms import Form, body_of, posted, refused
from web.problems import Denied, wants_page
from web.render import page, reader_of
from web.say import LANG
from web.watching import shown_as, zone_of
from web.wire import parse

DAYS_OFFERED: Final = (0, 1, 3, DAYS)


@needs(Role.COMMANDER)
def show(request: Request) -> HTMLResponse:
    return _links(request)


def _links(request: Request, *, form: Form | None = None, link: str = "", made: str = "") -> HTMLResponse:
    found, reader = run_by(request), reader_of(request)
    name = guests.name_of(found)
    return page(
        request,
        "drill_guests.html",
        status=form.status if form else 200,
        form=form,
        name=name,
        title=found.script.name,
        over=found.row.state == "ended",
        console=f"/drills/{name}/{'tabletop' if isinstance(found, Sitting) else 'console'}",
        guests=guests.listed(request),
        link=link,
        made=made,
        spoken=[(tag, reader.words.t(f"language.{locale}")) for locale, tag in LANG.items()],
        days=[
            (days, reader.words.n("guest.days", days) if days else reader.words.t("guest.end")) for days in DAYS_OFFERED
        ],
    )


@needs(Role.COMMANDER)
async def add(request: Request) -> Response:
    """A new link. It is shown on the page that answers, and never again."""
    values = await posted(request)
    try:
        await to_thread.run_sync(run_by, request)
        wanted = parse(Invited, body_of(values))
        _, link = await to_thread.run_sync(guests.add, request, wanted)
    except (Unknown, Denied):
        raise
    except IncidentError as error:
        form = refused("add", values, error, reader_of(request).words)
        return await to_thread.run_sync(lambda: _links(request, form=form))
    return await to_thread.run_sync(lambda: _links(request, link=link, made=wanted.name))


@needs(Role.COMMANDER)
async def remove(request: Request) -> Response:
    await to_thread.run_sync(guests.remove, request)
    return RedirectResponse(f"/drills/{request.path_params['drill']}/guests", 303)


def watch(request: Request) -> HTMLResponse:
    try:
        guest = _entered(request)
    except Unknown:
        if not wants_page(request):
            raise
        return _gone(request)
    return _watched(request, guest, None)


def _gone(request: Request) -> HTMLResponse:
    """What a page that was open says at the drill's end, to who opens it again: a guest has no board to look on."""
    request.state.visitor = Visitor(None, "", None, words_of(request).locale, house_of(request).settings.timezone)
    return page(request, "guest_gone.html", status=HTTPStatus.NOT_FOUND)


async def write(request: Request) -> Response:
    try:
        guest = await to_thread.run_sync(_entered, request)
    except Unknown:
        if not wants_page(request):
            raise
        return await to_thread.run_sync(_gone, request)
    values = await posted(request)
    try:
        seen = parse(Remark, body_of(values))
        await to_thread.run_sync(guests.remark, request, guest, seen)
    except IncidentError as error:
        form = refused("remark", values, error, reader_of(request).words)
        return await to_thread.run_sync(_watched, request, guest, form)
    return RedirectResponse(f"{request.url.path}#remarks", 303)


def _entered(request: Request) -> Guest:
    """Whose link it is. From here on the page is theirs: in their language, signed in as nobody. Raises Unknown for one
    that opens nothing (any more), counted as every wrong secret is."""
    house = house_of(request)
    guest = links.entered(room_of(house), request.path_params["token"])
    if guest is None:
        gate_of(request).count_wrong(request)
        raise Unknown("link", "…")
    locale = chosen(request) or guest.row.locale
    request.state.visitor = Visitor(None, guest.row.name, None, locale, zone_of(house, guest.drill.script))
    return guest


def _watched(request: Request, guest: Guest, form: Form | None) -> HTMLResponse:
    view = shown_as(house_of(request), guest, reader_of(request))
    return page(
        request,
        "guest.html",
        status=form.status if form else 200,
        view=view,
        form=form,
        action=request.url.path,
        every=REFRESH_S,
        longest=LONGEST_REMARK,
        full=len(view["remarks"]) >= REMARKS,
    )


ROUTES: Final = [
    Route("/drills/{drill}/guests", show),
    Route("/drills/{drill}/guests", add, methods=["POST"]),
    Route("/drills/{drill}/guests/{guest}/remove", remove, methods=["POST"]),
    Route("/guest/{token}", watch),
    Route("/guest/{token}", write, methods=["POST"]),
]
