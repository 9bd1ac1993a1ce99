"""Practising alone: who may begin and see what, and what is shown of it. API and pages come here.

Who practises sees neither the script nor what it expects until the end; then all of it, for that is what they learn by.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from starlette.requests import Request

from drills import own, practice
from drills.commands.sheet import as_json
from drills.placing import judged_by
from drills.practice import Practised
from drills.replay import MADE
from drills.room import Standing
from drills.score.profile import DEFAULT
from drills.script.model import Script
from drills.story import Telling
from incident.clock import iso
from incident.errors import BadInput, Fault, Unknown, why
from incident.ids import new_id
from incident.marks import is_practice, practised
from incident.organisation import Role, as_met
from incident.record.row import name_of
from incident.store import board
from incident.store.engine import reading
from incident.words import Words, words_for
from web.auth import who
from web.bodies import Body, Name
from web.drilling import room_of
from web.house import House, house_of
from web.starting import made_of, script_of
from web.visible import theirs
from web.wanted import wanted_of

CLOSED: Final = board.Filter(phase="closed", drill=False)


class Begin(Body):
    """One of both: a script, by its name, or a real incident that is closed, by its id or code."""

    script: Name | None = None
    incident: Name | None = None
    profile: Name = DEFAULT


class Wanted(Body):
    """`next` lets the next message come at once, `resume` goes on after a real Critical; `end` has it scored, `give_up`
    has not."""

    act: Literal["next", "resume", "end", "give_up"]


def start(request: Request, begin: Begin) -> Standing:
    """Blocks. Raises BadInput, Unknown or Refused; then nothing was opened."""
    house, visitor = house_of(request), who(request)
    if visitor.person is None:
        raise BadInput(Fault("/person", why("practice.nobody")))
    if (begin.script is None) == (begin.incident is None):
        raise BadInput(Fault("/script", why("practice.one_of")))
    judged_by(begin.profile, "/profile")
    script = script_of(begin.script, house) if begin.script else _of_closed(house, begin.incident or "")
    name, room = f"{script.id}-{new_id()[:8]}", room_of(house)
    practice.start(room, script, name, visitor.person, locale=visitor.locale, judge=begin.profile)
    return practice.opened(room, name)


def _of_closed(house: House, name: str) -> Script:
    """Its unit plays it again, if it is still there."""
    with reading(house.engine) as connection:
        listed = board.get(connection, name)
    row = listed.as_dict() if listed else {}
    if listed is None or row["drill"] is not None or row["phase"] != "closed":
        raise BadInput(Fault("/incident", why("practice.not_closed")))
    made, unit = made_of(house, listed.incident), str(row["unit"])
    return made.at_unit(unit) if house.directory.organisation().unit(unit) else made


def closed(house: House, limit: int = 20) -> list[dict[str, object]]:
    """The real incidents closed last that may be practised. Blocks."""
    with reading(house.engine) as connection:
        rows, _ = board.page(connection, CLOSED, None, limit)
    return [row for row in (one.as_dict() for one in rows) if row["playbook"]]


def opened(request: Request) -> Standing:
    """Raises Unknown, or Forbidden for somebody else's."""
    found = practice.opened(room_of(house_of(request)), request.path_params["practice"])
    theirs(who(request), practised(found.row.mark)[0])
    return found


def do(request: Request, wanted: Wanted) -> None:
    """Blocks. Raises what `opened` does, or Refused."""
    found = opened(request)
    name = practised(found.row.mark)[2]
    practice.act(room_of(house_of(request)), name, wanted.act, who(request).person or "")


def listed(request: Request) -> list[Practised]:
    """One's own; everybody's for who manages training. Blocks."""
    visitor = who(request)
    if visitor.may(Role.ADMIN):
        return practice.listed(room_of(house_of(request)))
    return practice.listed(room_of(house_of(request)), visitor.person) if visitor.person else []


def to_come(house: House, mark: str | None) -> int:
    """How many messages a practice still has; 0 for whatever is none. Blocks."""
    if not is_practice(mark):
        return 0
    return sum(1 for _ in practice.to_come(practice.opened(room_of(house), practised(mark or "")[2])))


def brief(one: Practised, house: House, words: Words) -> dict[str, Any]:
    """What a list shows."""
    return {
        "name": one.name,
        "person": one.person,
        "person_name": name_of(one.person, house.directory.organisation()),
        "script": one.script.id,
        "title": one.script.name.for_locale(words.locale),
        "level": str(one.script.level),
        "incident": one.live.incident,
        "started_at": iso(one.live.started_at),
        "state": one.live.state,
        "scored": one.row is not None,
        "total": one.row.total if one.row else None,
        "rating": one.row.rating if one.row else None,
    }


def shown_as(request: Request, found: Standing) -> dict[str, Any]:
    """How it stands; at the end how it went, and what was wanted."""
    house, words = house_of(request), words_for(who(request).locale)
    row, control = found.row, found.control
    one = Practised(row, found.script, None)
    over = row.kept is not None
    return brief(one, house, words) | {
        "code": practice.code_of(found),
        "elapsed_min": int(control.elapsed(house.clock.now()).total_seconds() // 60),
        "duration_min": found.script.duration_min,
        "to_come": sum(1 for _ in practice.to_come(found)),
        "over": over,
        "unscored": words.reason(found.unscored) if found.unscored else None,
        "again": _again(found.script, house),
        **_score(request, found, words),
    }


def _again(script: Script, house: House) -> dict[str, str | None]:
    """What to begin to practise the same once more."""
    with reading(house.engine) as connection:
        kept = {one.id for one in own.listed(connection)}
    if script.id not in kept and script.id.startswith(MADE):
        return {"script": None, "incident": script.id.removeprefix(MADE).upper()}
    return {"script": script.id, "incident": None}


def _score(request: Request, found: Standing, words: Words) -> dict[str, Any]:
    if not found.row.kept:
        return {"scored": False, "score": None, "wanted": None}
    try:
        judged = practice.judged(room_of(house_of(request)), found)
    except Unknown:  # what was kept of it is not there any more
        judged = None
    if judged is None:
        return {"scored": False, "score": None, "wanted": None}
    played, score, _ = judged
    met = as_met(house_of(request).directory.organisation(), found.row.mark, words.locale)
    played = replace(played, names={**played.names, **{one.id: one.name for one in met.people}})
    shown = as_json(score, Telling(played, words, ZoneInfo(played.zone)))
    seqs = {entry.position: entry.seq for entry in played.entries}
    for line in (*shown["gates"], *(line for item in shown["items"] for line in item["lines"])):
        line["seq"] = seqs.get(line["position"])
    stands = score.stands.value if score.stands else None
    return {
        "scored": True,
        "total": score.total,
        "rating": stands,
        "score": shown,
        "wanted": wanted_of(played, found, words),
    }
