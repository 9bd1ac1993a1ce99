"""Evaluators of a live drill or a tabletop, on their own phones: what they see of the script, and what they write down.

They come by a link that a controller shows them: it has a key in it, so that nobody who may still be paged reads the
objectives. They sign in as themselves, and what they write is theirs. Players, and whoever sits at the table, are
turned away, link or no link.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints
from starlette.requests import Request

import drills.sitting as tables
from drills import live
from drills.control import ANSWER, PLAYED, RATED, SEEN, SENT, TASK
from drills.room import Standing, Wish
from drills.script.model import Script
from drills.sitting import Sitting
from incident.clock import iso
from incident.errors import BadInput, Fault, Unknown, why
from incident.events import Reported
from incident.ids import derived_key
from incident.marks import LIVE, TABLE
from incident.store import live as live_table
from incident.store.engine import reading
from incident.store.live import ActRow
from web import console, sitting
from web.auth import who
from web.bodies import Body
from web.drilling import room_of
from web.house import House, house_of
from web.injects import inject_as
from web.problems import Forbidden

KEY: Final = "key"
_LETTERS: Final = 16
Watched = Standing | Sitting
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=900)]


class Observation(Body):
    """`task` is `objective/task` of the script, `inject` the number of one that went out: what it expected is rated;
    `answer` is a customer's, from 1 to 5, `played` by somebody in their role; without any of them it is a strength
    (`done`) or something to improve (`not`), in words."""

    task: Annotated[str, Field(max_length=140)] | None = None
    inject: Annotated[int, Field(ge=1, le=999)] | None = None
    answer: Annotated[int, Field(ge=1, le=5)] | None = None
    played: bool = False
    done: Literal["done", "partly", "not"] | None = None
    text: Note | None = None


def link_of(house: House, mark: str) -> str:
    """The path of the page, with its key."""
    return f"/drills/{mark.removeprefix(LIVE).removeprefix(TABLE)}/observe?{KEY}={_key(house, mark)}"


def link_for(house: House, drill: str) -> str | None:
    """The same by a drill's name, for whoever its plan names as an evaluator; None where no drill has that name."""
    with reading(house.engine) as connection:
        row = live_table.find(connection, drill) or live_table.find(connection, TABLE + drill)
    return link_of(house, row.mark) if row else None


def _key(house: House, mark: str) -> str:
    return derived_key(house.settings.secret.get_secret_value(), f"observe:{mark}")[:_LETTERS]


def opened(request: Request) -> Watched:
    """The drill of this request, for an evaluator. Raises Unknown, or Forbidden for who takes part or another link."""
    house = house_of(request)
    given = request.query_params.get(KEY, "")
    found = run_by(request)
    if not compare_digest(given.encode(), _key(house, found.row.mark).encode()):
        raise Forbidden(why("observe.no_link"))
    return found


def run_by(request: Request) -> Watched:
    """The drill of this request, live or at a table, for whoever may run it. Raises Unknown, or Forbidden for who takes
    part."""
    try:
        return console.opened(request)
    except Unknown:
        return sitting.opened(request)


def write(request: Request, seen: Observation) -> None:
    """Blocks. Raises what `opened` does, BadInput for half an observation, or Refused after the end."""
    found, room, by = opened(request), room_of(house_of(request)), who(request).by
    wish = _wish(found.script, seen)
    if isinstance(found, Sitting):
        tables.observe(room, found.name, wish, by)
    else:
        live.act(room, found.row.mark, wish, by)


def _wish(script: Script, seen: Observation) -> Wish:
    if seen.answer is not None:
        return Wish(ANSWER, text=PLAYED if seen.played else "", said=str(seen.answer))
    if seen.done is None:
        raise BadInput(Fault("/done", why("intake.missing")))
    if seen.inject is not None:
        return Wish(RATED, seen.inject, seen.text or "", seen.done)
    if seen.task is not None:
        if seen.task not in {f"{o.id}/{t.id}" for o in script.objectives for t in o.tasks}:
            raise BadInput(Fault("/task", why("observe.no_task")))
        return Wish(TASK, text=seen.text or "", said=f"{seen.task}/{seen.done}")
    if seen.text is None:
        raise BadInput(Fault("/text", why("intake.missing")))
    return Wish(SEEN, text=seen.text, said=seen.done)


def shown_as(request: Request, found: Watched) -> dict[str, Any]:
    """What the page shows: what is asked now, the objectives, and what this evaluator has written."""
    house, visitor = house_of(request), who(request)
    control, row, script = found.control, found.row, found.script
    mine = [act for act in found.acts if act.by == visitor.by]
    return {
        "path": link_of(house, row.mark),
        "code": _code(found),
        "state": row.state,
        "elapsed_min": int(control.elapsed(house.clock.now()).total_seconds() // 60),
        "injects": _asked(found, visitor.by, visitor.locale),
        "objectives": [
            {
                "text": objective.text.for_locale(visitor.locale),
                "tasks": [
                    {
                        "name": (name := f"{objective.id}/{task.id}"),
                        "text": task.text.for_locale(visitor.locale),
                        "must": task.must,
                        **_written(control.tasks.get((visitor.by, name))),
                    }
                    for task in objective.tasks
                ],
            }
            for objective in script.objectives
        ],
        "answers": [
            {"value": act.said, "played": act.text == PLAYED, "at": iso(act.at)} for act in mine if act.kind == ANSWER
        ],
        "remarks": [
            {"done": act.said, "text": act.text, "at": iso(act.at)}
            for act in mine
            if act.kind == SEEN and act.inject is None
        ],
    }


def _code(found: Watched) -> str:
    """A tabletop opens no incident."""
    first = found.entries[0].event if isinstance(found, Standing) and found.entries else None
    return first.code if isinstance(first, Reported) else ""


def _asked(found: Watched, by: str, locale: str) -> list[dict[str, Any]]:
    """The injects that went out, the last one first: that one is in play."""
    injects = {inject.number: inject for inject in found.script.injects}
    sent = [act.inject for act in reversed(found.acts) if act.kind == SENT and act.inject in injects]
    return [
        {
            **inject_as(found.script, found.control, injects[number], locale),
            **_written(found.control.rated.get((by, number))),
        }
        for number in sent
        if number is not None
    ]


def _written(act: ActRow | None) -> dict[str, Any]:
    """An evaluator's last word on it."""
    return {
        "done": act.said.rpartition("/")[2] if act else None,
        "note": act.text if act else "",
        "seen_at": iso(act.at) if act else None,
    }
