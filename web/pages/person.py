"""One person's page behind the link in a message: look by GET, answer only by POST (scanners follow links).

The token is the right of that one person for that one incident; no session is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident import commands
from incident.commands import Command
from incident.errors import IncidentError, Unknown
from incident.events import CommandOffered, Entry
from incident.marks import is_test
from incident.organisation import Person, Role
from incident.record.shapes import IncidentView
from incident.record.why import PageWhy, pages_of
from incident.state import Incident
from web import bodies
from web.acts import act_as
from web.auth import Visitor, by_request
from web.house import House, house_of
from web.language import chosen
from web.pages.effects import effect
from web.pages.forms import Form, body_of, posted, refused
from web.reading import entries_of, playbook_of, standing, view
from web.reading import reader as read_by
from web.render import page, reader_of
from web.wire import parse

LINK: Final = "link"
MANY_STEPS: Final = 8

Build = Callable[[Any, str], Command]

ACTS: Final[Mapping[str, tuple[type[bodies.Body], Build]]] = {
    "acknowledge": (bodies.Nothing, lambda _, me: commands.Acknowledge(me, LINK)),
    "decline": (bodies.Decline, lambda body, me: commands.Decline(me, LINK, body.note)),
    "accept-command": (bodies.Nothing, lambda _, me: commands.AcceptCommand(me)),
    "finish-step": (bodies.FinishStep, lambda body, me: commands.FinishStep(body.step, me, body.result)),
    "update": (bodies.Update, lambda body, _: commands.Update(body.text)),
    "resolve": (bodies.Resolve, lambda body, me: commands.Resolve(me, LINK, body.note)),
    "offer-command": (bodies.OfferCommand, lambda body, _: commands.OfferCommand(body.to, body.briefing)),
}
"""What somebody may do from the page: their own answer, their steps, their word. The rest asks for a sign-in."""


def show(request: Request) -> HTMLResponse:
    incident, person = _entered(request)
    return _page(request, incident, person, None)


async def post(request: Request) -> Response:
    """The page that follows is made after the commit, so what it says is true."""
    incident, person = await to_thread.run_sync(_entered, request)
    name, values = request.path_params["command"], await posted(request)
    if name not in ACTS:
        raise Unknown("command", name[:40])
    body, build = ACTS[name]
    try:
        command = build(parse(body, body_of(values)), person.id)
        await _only_commander_offers(request, incident, person, name)
        await act_as(house_of(request), person.id, incident, command)
    except Unknown:
        raise
    except IncidentError as error:
        form = refused(name, values, error, reader_of(request).words)
        return await to_thread.run_sync(_page, request, incident, person, form)
    return RedirectResponse(f"/a/{request.path_params['token']}?did={name}", 303)


async def _only_commander_offers(request: Request, incident: str, person: Person, name: str) -> None:
    """As in the API: the command is given away by who has it, or by somebody of that role."""
    if name != "offer-command" or person.role.rank >= Role.COMMANDER.rank:
        return
    state, _ = await to_thread.run_sync(standing, house_of(request), request.app.state.states, incident)
    if state.commander != person.id:
        raise Unknown("command", name)


def _entered(request: Request) -> tuple[str, Person]:
    """Whose link it is. From here on the page is theirs: in their language and time zone. Raises Unknown."""
    found = by_request(request, request.path_params["token"])
    person = house_of(request).directory.organisation().person(found[1]) if found else None
    if found is None or person is None:
        raise Unknown("link", "…")
    locale = chosen(request) or person.locale
    request.state.visitor = Visitor(person.id, person.name, person.role, locale, person.timezone)
    return found[0], person


def _page(request: Request, incident: str, person: Person, form: Form | None) -> HTMLResponse:
    house, reader = house_of(request), reader_of(request)
    state, _ = standing(house, request.app.state.states, incident)
    seen_in = person.locale if not chosen(request) else reader.words.locale
    seen = view(house, state, seen_in)
    stands, testing = how_it_stands(seen, person.id), is_test(state.report.drill)
    mine = [p for p in seen.alarm.paged if p.person == person.id]
    response = next((clock for clock in seen.clocks if clock.name == "response"), None)
    did = request.query_params.get("did", "")
    log = entries_of(house, state.id, 0, None) if mine or seen.offered_to else []
    return page(
        request,
        "person.html",
        status=form.status if form else 200,
        token=request.path_params["token"],
        view=seen,
        still=seen.paused_at,
        form=form,
        person=person.id,
        standing=stands,
        testing=testing,
        said=reader.words.t(f"person.did.{_did(did, seen, person.id)}") if did in ACTS else "",
        offer=_offer(log, seen, person.id),
        passed_on=bool(mine) and mine[-1].answer == "declined",
        merged_into=_code(house, request, seen.merged_into),
        answer_due=response.due if response and response.verdict != "met" else None,
        decline=None if testing or stands != "asked" else _declining(house, request, state, person),
        why=_why(house, state, log, person.id, seen_in) if mine else None,
        others=[p for name, p in {p.person: p for p in seen.alarm.paged}.items() if name != person.id],
        steps=[s for s in seen.steps if s.status != "skipped"][:MANY_STEPS],
        people=_others(house, person),
    )


def _did(name: str, view: IncidentView, person: str) -> str:
    """What was done, in a word of its own where somebody else had taken it first: they have not taken it."""
    second = name == "acknowledge" and view.commander is not None and view.commander.person != person
    return "join" if second else name


def _offer(log: Sequence[Entry], view: IncidentView, person: str) -> CommandOffered | None:
    """The command that waits for this person, with its briefing; they need not have answered before."""
    if view.offered_to is None or view.offered_to.person != person or "accept-command" not in view.allowed:
        return None
    offers = (entry.event for entry in reversed(log) if isinstance(entry.event, CommandOffered))
    return next((offer for offer in offers if offer.to == person), None)


def _code(house: House, request: Request, incident: str | None) -> str | None:
    return standing(house, request.app.state.states, incident)[0].report.code if incident else None


def _why(house: House, state: Incident, log: Sequence[Entry], person: str, locale: str) -> PageWhy | None:
    """The last page to this person: why them, and who was asked before. From the log."""
    pages = pages_of(log, read_by(house, locale, playbook_of(house, state)))
    return next((page for page in reversed(pages) if page.person == person), None)


def how_it_stands(view: IncidentView, person: str) -> str:
    """`over`; `mine` once they have taken it; `taken` by others; `asked` while an answer is wanted of them.

    To whoever has no part in it, it is over as soon as it is resolved: an alarm that went out by itself asks nobody."""
    if view.phase in ("closed", "merged"):
        return "over"
    commands = view.commander is not None and view.commander.person == person
    if view.quiet and view.quiet.expired_at and not commands:
        return "asked"
    if person in {who.person for who in view.responders} or commands:
        return "mine"
    if view.resolved_at is not None:
        return "over"
    return "taken" if view.commander else "asked"


def _declining(house: House, request: Request, state: Incident, person: Person) -> object:
    return effect(house, request.state.visitor, state, commands.Decline(person.id, LINK))


def _others(house: House, person: Person) -> list[tuple[str, str]]:
    people = house.directory.organisation().people
    return [(p.id, p.name) for p in people if p.role is not Role.VIEWER and p.id != person.id]


ROUTES: Final = [
    Route("/a/{token}", show),
    Route("/a/{token}/{command}", post, methods=["POST"]),
]
