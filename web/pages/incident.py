"""The page of an incident: read from the log, and a form for every command that is legal now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.commands import Decline, Regrade, Reopen
from incident.errors import IncidentError, Unknown
from incident.events import Entry
from incident.levels import Level
from incident.organisation import Role, as_met
from incident.posts import Post
from incident.record.shapes import AlarmView, IncidentView, PagedView
from incident.state import Incident
from incident.store.board import Listed
from web import practice
from web.acts import COMMANDS, act
from web.api.pages import PageShown, shown_pages
from web.api.talk import held_of, messages_of
from web.auth import needs, who
from web.house import House, house_of
from web.pages.effects import effect
from web.pages.forms import Form, body_of, posted, refused
from web.pages.primary import primary
from web.pages.timeline import GROUPS, lines, origins
from web.reading import entries_of, entry_views, view
from web.render import page, reader_of
from web.visible import acts_in, visible

TALK: Final = "talk"
SHOWN: Final = ("all", *GROUPS, "rest", TALK)


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    return incident_page(request, None)


@needs(Role.RESPONDER)
async def post(request: Request) -> Response:
    """One command from a form. Done, the browser is sent back to the page; refused, the page says why and keeps what
    was typed."""
    name, values = request.path_params["command"], await posted(request)
    if name not in COMMANDS:
        raise Unknown("command", name[:40])
    try:
        await act(house_of(request), who(request), request.path_params["id"], name, body_of(values))
    except Unknown:
        raise
    except IncidentError as error:
        form = refused(name, values, error, reader_of(request).words)
        return await to_thread.run_sync(incident_page, request, form)
    return RedirectResponse(f"/incidents/{request.path_params['id']}", 303)


def incident_page(request: Request, form: Form | None) -> HTMLResponse:
    """Blocks for the log and, the first time, for the pinned playbook."""
    house, visitor, reader = house_of(request), who(request), reader_of(request)
    state, row = visible(request)
    seen = view(house, state, visitor.locale)
    log = entries_of(house, state.id, 0, None)
    entries = entry_views(house, log, state, visitor.locale)
    steps = {step.id: step.text for step in seen.steps}
    shown = request.query_params.get("show", "all")
    may = visitor.may(Role.RESPONDER) and acts_in(visitor, state.report.drill)
    texts = steps | {item.id: item.text for item in seen.closeout}
    said = [line for line in lines(entries, texts, reader) if shown not in SHOWN[1:] or line.group == shown]
    return page(
        request,
        "incident.html",
        status=form.status if form else 200,
        view=seen,
        still=seen.paused_at,
        form=form,
        may=may,
        may_compare=visitor.may(Role.COMMANDER) and seen.phase == "closed" and not seen.drill,
        to_come=practice.to_come(house, state.report.drill),
        primary=primary(seen, visitor.person, reader.now) if may else None,
        lines=said,
        whys=_whys(request, state, log) if visitor.may(Role.RESPONDER) and shown != TALK else {},
        messages=messages_of(house, state.id, visitor.locale) if shown == TALK else None,
        held=held_of(house, state.id, visitor.locale) if seen.alarm.ringing else [],
        shown=shown if shown in SHOWN else "all",
        origins=origins(entries, seen),
        chain=chain(seen.alarm),
        step_words=steps,
        done=sum(step.status in ("done", "skipped") for step in seen.steps),
        position=row.position,
        repeats=row.repeats,
        policies={policy.id: reader.text(policy.name) for policy in house.library.policies()},
        **_choices(house, request, state, seen, row),
    )


def _whys(request: Request, state: Incident, log: Sequence[Entry]) -> dict[int, list[PageShown]]:
    """Why each page went to whom, by the entry that paged them. Numbers are masked, and a viewer sees none of it."""
    found: dict[int, list[PageShown]] = {}
    for one in shown_pages(house_of(request), state, log, who(request).locale):
        found.setdefault(one.why.seq, []).append(one)
    return found


def chain(alarm: AlarmView) -> list[tuple[PagedView, int]]:
    """Each person once, in the order in which they were first paged: the last page to them, and how many there were."""
    times = Counter(page.person for page in alarm.paged)
    last = {page.person: page for page in alarm.paged}
    return [(last[person], times[person]) for person in times]


def _choices(house: House, request: Request, state: Incident, seen: IncidentView, row: Listed) -> dict[str, object]:
    """What the forms offer, and what the loud ones would do."""
    visitor, reader = who(request), reader_of(request)
    me, words = visitor.person or "", reader.words
    regrades = [
        (str(level), effect(house, visitor, state, Regrade(level, "?")))
        for level in Level
        if level is not state.level and "regrade" in seen.allowed
    ]
    paged = any(p.person == me and p.answer is None for p in seen.alarm.paged)
    declines = "decline" in seen.allowed and paged and seen.alarm.ringing
    people = as_met(house.directory.organisation(), state.report.drill, visitor.locale).people
    return {
        "regrades": regrades,
        "decline": effect(house, visitor, state, Decline(me, "web")) if declines else None,
        "reopen": effect(house, visitor, state, Reopen("?")) if "reopen" in seen.allowed else None,
        "people": [(p.id, p.name) for p in people if p.role is not Role.VIEWER],
        "posts": [(str(post), words.t(f"post.{post}")) for post in Post if post is not Post.COMMANDER],
        "degrees": [(n, f"{n} · {words.t(f'degree.{n}')}") for n in range(1, 6)],
    }


ROUTES: Final = [
    Route("/incidents/{id}", show),
    Route("/incidents/{id}/{command}", post, methods=["POST"]),
]
