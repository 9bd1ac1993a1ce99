"""The console of a live drill: who may see it, what it shows, and what a controller may do. API and page come here.

Players never see the script: whoever was paged, answered or holds a post in a drill is turned away from its console,
whatever their role, but for the one who started it and has seen it all.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field
from starlette.requests import Request

from drills import live
from drills.addressed import NOBODY, person_of
from drills.control import END, PAUSE, RESUME, SAID, SEEN, SENT, SKIPPED
from drills.room import Standing, Wish, players, standing
from drills.script.model import Inject
from incident.clock import iso
from incident.errors import BadInput, Fault, why
from incident.events import Reported
from incident.ids import new_id
from incident.marks import LIVE, is_live
from incident.words import words_for
from web.auth import who
from web.bodies import Body, Long
from web.drilling import room_of
from web.house import house_of
from web.injects import inject_as, noted
from web.problems import Forbidden
from web.starting import Planned, planned

KINDS: Final = {
    "pause": PAUSE,
    "resume": RESUME,
    "send": SENT,
    "skip": SKIPPED,
    "say": SAID,
    "observe": SEEN,
    "end": END,
}


class Start(Planned):
    """`real_phones`: their own phones may ring. Else only the simulated ones do."""

    real_phones: bool = False


class Deed(Body):
    """What a controller does. `inject` for send and skip, `text` for say; an observation is of an inject, or a remark
    of its own."""

    act: Literal["pause", "resume", "send", "skip", "say", "observe", "end"]
    inject: Annotated[int, Field(ge=1, le=999)] | None = None
    text: Long | None = None
    done: Literal["done", "partly", "not"] | None = None


def start(request: Request, wanted: Start) -> str:
    """The name of the drill. Blocks. Raises BadInput or Refused."""
    house, visitor = house_of(request), who(request)
    room = room_of(house)
    script = planned(wanted, room.outside(), house)
    if wanted.real_phones and house.simulated:
        raise BadInput(Fault("/real_phones", why("drill.live.no_provider")))
    name = f"{script.id}-{new_id()[:8]}"
    live.start(
        room,
        script,
        name,
        by=visitor.by,
        locale=visitor.locale,
        judge=wanted.profile,
        real_phones=wanted.real_phones,
    )
    return name


def opened(request: Request) -> Standing:
    """The drill of this request, for a controller. Raises Unknown, or Forbidden for a player."""
    visitor = who(request)
    found = standing(room_of(house_of(request)), request.path_params["drill"])
    if visitor.person in set(players(found)) and found.row.by != visitor.by:
        raise Forbidden(why("drill.live.player"))
    return found


def do(request: Request, deed: Deed) -> None:
    """Blocks. Raises what `opened` does, BadInput for half a deed, or Refused."""
    found = opened(request)
    if deed.act in ("send", "skip") and deed.inject is None:
        raise BadInput(Fault("/inject", why("intake.missing")))
    if deed.act == "say" and deed.text is None:
        raise BadInput(Fault("/text", why("intake.missing")))
    if deed.act == "observe" and (deed.done is None or (deed.inject is None and deed.text is None)):
        raise BadInput(Fault("/done", why("intake.missing")))
    inject = deed.inject if deed.act in ("send", "skip", "observe") else None
    wish = Wish(KINDS[deed.act], inject, deed.text or "", deed.done or "")
    live.act(room_of(house_of(request)), found.row.mark, wish, who(request).by)


def shown_as(request: Request, found: Standing) -> dict[str, Any]:
    """What the console shows."""
    house, visitor = house_of(request), who(request)
    control, row = found.control, found.row
    first = found.entries[0].event if found.entries else None
    names = {f"person:{person.id}": person.name for person in house.directory.organisation().people}
    return {
        "name": row.mark.removeprefix(LIVE),
        "incident": row.incident,
        "code": first.code if isinstance(first, Reported) else "",
        "state": row.state,
        "elapsed_min": int(control.elapsed(house.clock.now()).total_seconds() // 60),
        "duration_min": found.script.duration_min,
        "real_phones": is_live(row.mark),
        "kept": row.kept,
        "unscored": words_for(visitor.locale).reason(found.unscored) if found.unscored else None,
        "injects": [_inject(found, inject, names, visitor.locale) for inject in found.script.injects],
        "noted": noted(found.script, control, found.acts, names, visitor.locale),
    }


def _inject(found: Standing, inject: Inject, names: dict[str, str], locale: str) -> dict[str, Any]:
    settled, seen = found.control.settled.get(inject.number), found.control.seen.get(inject.number)
    return {
        **inject_as(found.script, found.control, inject, locale),
        "at": iso(found.control.at(inject.at_min)),
        "settled_by": names.get(settled.by, "") if settled else "",
        "told": settled.text if settled and person_of(settled.said) else None,
        "told_nobody": settled is not None and settled.said == NOBODY,
        "done": seen.said if seen else None,
        "note": seen.text if seen else "",
        "seen_by": names.get(seen.by, seen.by) if seen else "",
    }
