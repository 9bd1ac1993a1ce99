"""The forms of a roster: stand-ins, swaps. Each shows what it would do before it is saved, and keeps what was typed.

Times of the forms are local times of the roster's own zone, as the page says beside them. A form that comes without
`do=look` is saved: a program's, or the button under the effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import BadInput, Fault, IncidentError, Unknown, why
from incident.organisation import Organisation, Role
from incident.roster import Override, Roster, Shift, Swap, coming
from web import rostering
from web.auth import Visitor, needs, safe_next, who
from web.house import house_of
from web.pages.forms import Form, body_of, posted, refused
from web.pages.rosters import month_of, roster_of
from web.render import page, reader_of
from web.rostering import Asked, Effect, Plan
from web.say import Reader
from web.wire import parse

AHEAD: Final = timedelta(days=60)
"""How far ahead shifts are offered for a swap."""
MOST_OFFERED: Final = 100
DONE: Final = frozenset({"override", "drop", "swap", "accepted", "declined", "withdrawn", "time-off", "back"})

Values = Mapping[str, str]
Make = Callable[[Visitor, Roster, Values], Plan]


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    return roster_page(request, roster_of(request), None, None)


async def change(request: Request, name: str, make: Make) -> Response:
    """Work out or save what a form of the roster's page asks for. `name` is the form's."""
    roster, values = roster_of(request), await posted(request)
    house, visitor = house_of(request), who(request)
    try:
        plan = make(visitor, roster, values)
        if values.get("do") == "look":
            seen = await rostering.effect(house, plan)
            typed = Form(name, values, {}, 200, "", ())
            return await to_thread.run_sync(roster_page, request, roster, typed, seen)
        await rostering.save(house, visitor, plan, version_of(values))
    except Unknown:
        raise
    except IncidentError as error:
        form = refused(name, values, error, reader_of(request).words)
        return await to_thread.run_sync(roster_page, request, roster, form, None)
    did = values.get("answer") or name
    here = (
        safe_next(values["next"]) + "?"
        if values.get("next")
        else f"/on-call/roster/{roster.id}?month={_month(values)}&"
    )
    return RedirectResponse(f"{here}did={quote(did)}", 303)


def _month(values: Values) -> str:
    """In which month (2026-12) what a form is about begins; whatever else stands there means the present one."""
    return quote((values.get("start") or values.get("shift") or "")[:7])


def done(request: Request, reader: Reader) -> str:
    """What was just done, in words; empty for an address that somebody made up."""
    did = request.query_params.get("did", "")
    return reader.words.t(f"rota.did.{did}") if did in DONE else ""


def version_of(values: Values) -> int | None:
    """The version that a form was made from."""
    written = values.get("version", "")
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 10 else None


def roster_page(request: Request, roster: Roster, form: Form | None, effect: Effect | None) -> HTMLResponse:
    """The month of a roster with its forms; `effect` is shown in the one that was asked."""
    house, visitor, plain = house_of(request), who(request), reader_of(request)
    version, organisation = house.directory.version, house.directory.organisation()
    month = month_of(
        request,
        (roster,),
        roster.timezone,
        path=f"/on-call/roster/{roster.id}",
        shown=_month(form.values) if form else "",
    )
    known = _nearest(organisation, roster)
    commands = visitor.may(Role.COMMANDER)
    answers = commands or (visitor.person is not None and visitor.may(Role.RESPONDER))
    return page(
        request,
        "roster_month.html",
        **month,
        status=form.status if form else 200,
        form=form,
        refused=form if form and form.detail else None,
        effect=effect,
        said=done(request, plain),
        roster_names={one.id: one.name for one in organisation.rosters},
        version=version,
        roster=roster,
        unit=organisation.unit(roster.unit),
        now=plain.now,
        away=[
            (person.name, one)
            for person in organisation.people
            if person.id in roster.named
            for one in person.time_off
            if one.end > plain.now
        ],
        may_edit=commands,
        may_ask=answers,
        stand_ins=known if commands else [(i, n) for i, n in known if i == visitor.person],
        takers=[(i, n) for i, n in known if i != visitor.person],
        own_shifts=_offered(roster, organisation, visitor, month["reader"]) if answers else [],
        local=local,
    )


def _nearest(organisation: Organisation, roster: Roster) -> list[tuple[str, str]]:
    """Whoever may be on duty, as the choices of a field: who is on this roster, then their unit, then the rest."""
    people = [person for person in organisation.people if person.role is not Role.VIEWER]
    people.sort(key=lambda person: (person.id not in roster.named, person.unit != roster.unit))
    return [(person.id, person.name) for person in people]


def _offered(roster: Roster, organisation: Organisation, visitor: Visitor, reader: Any) -> list[tuple[str, str]]:
    """The coming shifts that the visitor may give away, as the choices of a field."""
    commands = visitor.may(Role.COMMANDER)
    if not commands and visitor.person not in roster.named:
        return []
    found = coming(roster, reader.now, reader.now + AHEAD, organisation.absent_on(roster))
    mine = (one for one in found if commands or one.person == visitor.person)
    names = {person.id: person.name for person in organisation.people}
    return [
        (_written(one), f"{reader.stamp(one.start)} – {reader.stamp(one.end)} · {names.get(one.person, one.person)}")
        for one in islice(mine, MOST_OFFERED)
    ]


def _written(shift: Shift) -> str:
    return f"{shift.start.isoformat()} {shift.end.isoformat()} {shift.person}"


def local(at: datetime, roster: Roster) -> str:
    """A time in the roster's own zone, as `datetime-local` fields want it."""
    return at.astimezone(ZoneInfo(roster.timezone)).strftime("%Y-%m-%dT%H:%M")


def instant_of(values: Values, field: str, zone: str) -> datetime:
    """What a `datetime-local` field holds, as an instant of a zone."""
    try:
        return datetime.fromisoformat(values.get(field, "")).replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        raise BadInput(Fault(f"/{field}", why("intake.not_a_time"))) from None


def exact(values: Values, field: str = "start") -> datetime:
    """An instant that a page wrote into a hidden field. Raises BadInput."""
    try:
        found = datetime.fromisoformat(values.get(field, ""))
    except ValueError:
        raise BadInput(Fault(f"/{field}", why("intake.not_a_time"))) from None
    if found.tzinfo is None:
        raise BadInput(Fault(f"/{field}", why("intake.not_a_time")))
    return found


def _times(values: Values, zone: str) -> dict[str, object]:
    faults: list[Fault] = []
    found: dict[str, object] = {}
    for field in ("start", "end"):
        try:
            found[field] = instant_of(values, field, zone).isoformat()
        except BadInput as bad:
            faults += bad.faults
    if faults:
        raise BadInput(*faults)
    return found


def _stand_in(visitor: Visitor, roster: Roster, values: Values) -> Plan:
    body = {k: v for k, v in body_of(values).items() if k in ("person", "reason")}
    return rostering.override(visitor, roster.id, parse(Override, body | _times(values, roster.timezone)))


def _drop(visitor: Visitor, roster: Roster, values: Values) -> Plan:
    return rostering.drop_override(visitor, roster.id, exact(values), values.get("person", ""))


def _offer(visitor: Visitor, roster: Roster, values: Values) -> Plan:
    start, _, rest = values.get("shift", "").partition(" ")
    end, _, giver = rest.partition(" ")
    whole = {"start": start, "end": end}
    if not giver:
        raise BadInput(Fault("/shift", why("rota.choose_shift")))
    part = {
        f: instant_of(values, f, roster.timezone).isoformat() for f in ("start", "end") if values.get(f, "").strip()
    }
    body = {"giver": giver, "taker": values.get("taker", "").strip(), "note": values.get("note", "")} | whole | part
    return rostering.offer(visitor, roster.id, parse(Swap, body))


def _answer(visitor: Visitor, roster: Roster, values: Values) -> Plan:
    about = Asked(roster.id, exact(values), values.get("giver", ""), values.get("taker", ""))
    match values.get("answer"):
        case "accepted" | "declined" as state:
            return rostering.answer(visitor, about, state)
        case "withdrawn":
            return rostering.withdraw(visitor, about)
        case _:
            raise BadInput(Fault("/answer", why("api.wrong_form")))


def _posting(name: str, make: Make) -> Callable[[Request], Any]:
    @needs(Role.RESPONDER)
    async def post(request: Request) -> Response:
        return await change(request, name, make)

    return post


ROUTES: Final = [
    Route("/on-call/roster/{roster}", show),
    Route("/on-call/{roster}/overrides", _posting("override", _stand_in), methods=["POST"]),
    Route("/on-call/{roster}/overrides/remove", _posting("drop", _drop), methods=["POST"]),
    Route("/on-call/{roster}/swaps", _posting("swap", _offer), methods=["POST"]),
    Route("/on-call/{roster}/swaps/answer", _posting("answer", _answer), methods=["POST"]),
]
