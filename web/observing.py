"""Evaluators of a live drill, on their own phones: what they see of the script, and what they write down.

They come by a link that a controller shows them: it has a key in it, so that nobody who may still be paged reads the
objectives. They sign in as themselves, and what they write is theirs. Players are turned away, link or no link.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints
from starlette.requests import Request

from drills import live
from drills.control import ANSWER, PLAYED, SEEN, TASK
from drills.live import Standing, Wish
from drills.script.model import Script
from incident.clock import iso
from incident.errors import BadInput, Fault, why
from incident.events import Reported
from incident.ids import derived_key
from incident.marks import LIVE
from web import console
from web.auth import who
from web.bodies import Body
from web.drilling import room_of
from web.house import House, house_of
from web.problems import Forbidden

KEY: Final = "key"
_LETTERS: Final = 16
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=900)]


class Observation(Body):
    """`task` is `objective/task` of the script; `answer` a customer's, from 1 to 5, `played` by somebody in their role;
    without either it is a strength (`done`) or something to improve (`not`), in words."""

    task: Annotated[str, Field(max_length=140)] | None = None
    answer: Annotated[int, Field(ge=1, le=5)] | None = None
    played: bool = False
    done: Literal["done", "partly", "not"] | None = None
    text: Note | None = None


def link_of(house: House, mark: str) -> str:
    """The path of the page, with its key."""
    return f"/drills/{mark.removeprefix(LIVE)}/observe?{KEY}={_key(house, mark)}"


def _key(house: House, mark: str) -> str:
    return derived_key(house.settings.secret.get_secret_value(), f"observe:{mark}")[:_LETTERS]


def opened(request: Request) -> Standing:
    """The drill of this request, for an evaluator. Raises Unknown, or Forbidden for a player or another link."""
    house = house_of(request)
    given = request.query_params.get(KEY, "")
    found = console.opened(request)
    if not compare_digest(given.encode(), _key(house, found.row.mark).encode()):
        raise Forbidden(why("observe.no_link"))
    return found


def write(request: Request, seen: Observation) -> None:
    """Blocks. Raises what `opened` does, BadInput for half an observation, or Refused after the end."""
    found = opened(request)
    live.act(room_of(house_of(request)), found.row.mark, _wish(found.script, seen), who(request).by)


def _wish(script: Script, seen: Observation) -> Wish:
    if seen.answer is not None:
        return Wish(ANSWER, text=PLAYED if seen.played else "", said=str(seen.answer))
    if seen.done is None:
        raise BadInput(Fault("/done", why("intake.missing")))
    if seen.task is not None:
        if seen.task not in {f"{o.id}/{t.id}" for o in script.objectives for t in o.tasks}:
            raise BadInput(Fault("/task", why("observe.no_task")))
        return Wish(TASK, text=seen.text or "", said=f"{seen.task}/{seen.done}")
    if seen.text is None:
        raise BadInput(Fault("/text", why("intake.missing")))
    return Wish(SEEN, text=seen.text, said=seen.done)


def shown_as(request: Request, found: Standing) -> dict[str, Any]:
    """What the page shows: the objectives, and what this evaluator has written."""
    house, visitor = house_of(request), who(request)
    control, row, script = found.control, found.row, found.script
    first = found.entries[0].event if found.entries else None
    return {
        "path": link_of(house, row.mark),
        "code": first.code if isinstance(first, Reported) else "",
        "state": row.state,
        "elapsed_min": int(control.elapsed(house.clock.now()).total_seconds() // 60),
        "objectives": [
            {
                "text": objective.text.for_locale(visitor.locale),
                "tasks": [
                    _task(
                        found, visitor.by, f"{objective.id}/{task.id}", task.text.for_locale(visitor.locale), task.must
                    )
                    for task in objective.tasks
                ],
            }
            for objective in script.objectives
        ],
        "answers": [
            {"value": act.said, "played": act.text == PLAYED, "at": iso(act.at)}
            for act in control.answers
            if act.by == visitor.by
        ],
        "remarks": [
            {"done": act.said, "text": act.text, "at": iso(act.at)} for act in control.remarks if act.by == visitor.by
        ],
    }


def _task(found: Standing, by: str, name: str, text: str, must: bool) -> dict[str, Any]:
    act = found.control.tasks.get((by, name))
    return {
        "name": name,
        "text": text,
        "must": must,
        "done": act.said.rpartition("/")[2] if act else None,
        "note": act.text if act else "",
        "at": iso(act.at) if act else None,
    }
