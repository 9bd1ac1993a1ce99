"""One person practises alone: a live drill by its engine, its desk and its scorer, in which nobody else is real.

Nobody is paged: no message is ordered at all. Colleagues are played, on duty above and beside, and answer nothing; one
of them tests what was resolved, for nobody marks their own work good. Who practises is their own control as far as they
can be without the script: they let the next message come early, let it go on after a real Critical, and end it.

It proves a person and no plan: it counts in no calendar, coverage or trend, and for no action.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from drills import keeping, live, sealed
from drills.acting import SCOPE
from drills.control import END, GIVEN_UP, LEFT, RESUME, SENT
from drills.placing import falls_to
from drills.room import Room, Standing, Wish, standing
from drills.score import Profile, Score
from drills.score import profile as profile_of
from drills.script.model import Inject, Script
from drills.simulate.plans import Outside
from drills.simulate.play import Played
from incident.commands import Verify
from incident.desk.requests import Act, Idempotency
from incident.errors import Refused, Unknown, why
from incident.events import Reported, Resolved
from incident.evolve import replay
from incident.marks import practice_of, practised
from incident.organisation import as_met
from incident.organisation.alone import SECOND
from incident.state import Phase
from incident.store import drills
from incident.store import live as table
from incident.store.drills import DrillRow
from incident.store.engine import changing, reading
from incident.store.live import RUNNING, LiveRow
from incident.words import words_for

IDLE: Final = timedelta(hours=1)
"""So long after the last act of whoever practises it is over, and not scored: they have gone. [assumed]"""
A_DAY: Final = 20
"""Practices that one person may begin in 24 hours: what keeps the log from a script that begins one after the other."""
PLAYED: Final = "drill:colleague"


@dataclass(frozen=True, slots=True)
class Practised:
    """One practice in a list. `row` is what was kept of it; None while it goes on, and where it was not scored."""

    live: LiveRow
    script: Script
    row: DrillRow | None

    @property
    def name(self) -> str:
        return practised(self.live.mark)[2]

    @property
    def person(self) -> str:
        return practised(self.live.mark)[0]

    @property
    def goes_on(self) -> bool:
        return self.live.kept is None


def start(room: Room, script: Script, name: str, person: str, *, locale: str, judge: str) -> None:
    """Open it. Raises Refused while a real Critical has nobody, while this person has a practice open, and for the
    twenty-first of a day. Raises Unknown for a script whose playbook or policy is not there."""
    outside = room.outside()
    outside.plans.playbook(script.playbook)
    outside.plans.policy(script.policy)
    if live.untaken(room):
        raise Refused(why("drill.live.real_first"))
    unit, by, now = falls_to(script, outside.organisation), f"person:{person}", room.clock.now()
    mark = practice_of(person, unit, name)
    row = LiveRow(mark, "", script.at_unit(unit).dump(), locale, judge, by, RUNNING, now)
    with changing(room.engine) as connection:
        table.starting(connection)
        latest = table.practices(connection, by, since=now - timedelta(days=1))
        if any(one.kept is None for one in (*latest, *table.practices(connection, by, limit=1))):
            raise Refused(why("practice.open"))
        if len(latest) >= A_DAY:
            raise Refused(why("practice.enough", n=A_DAY))
        table.add(connection, row)
    live.opens(_alone(room, mark), row)


def _alone(room: Room, mark: str) -> Room:
    """The room as it is for this practice: with nobody real in it but one."""

    def outside() -> Outside:
        found = room.outside()
        return replace(found, organisation=as_met(found.organisation, mark))

    return replace(room, outside=outside)


def running(room: Room) -> list[str]:
    """Those that need somebody to look, by their marks."""
    with reading(room.engine) as connection:
        return [row.mark for row in table.practised_now(connection)]


def look(room: Room, mark: str) -> bool:
    """Do what is due; as `live.look`."""
    alone = _alone(room, mark)
    found = standing(alone, mark)
    if found.row.incident and found.control.ended is None:
        if room.clock.now() - _last_act(found) >= IDLE:
            return _ends(alone, found, LEFT, live.CONTROL)
        _tests(alone, found)
    return live.look(alone, mark)


def _last_act(found: Standing) -> datetime:
    by = found.row.by
    acts = (entry.at for entry in found.entries if entry.by == by)
    wishes = (act.at for act in found.acts if act.by == by)
    return max((found.row.started_at, *acts, *wishes))


def _ends(room: Room, found: Standing, said: str, by: str) -> bool:
    live.attempt(room, found.row.mark, Wish(END, said=said), by)
    return live.look(room, found.row.mark)


def _tests(room: Room, found: Standing) -> None:
    """A played colleague passes what was resolved, once for each time."""
    state = replay(found.entries)
    resolved = next((entry for entry in reversed(found.entries) if isinstance(entry.event, Resolved)), None)
    if state is None or resolved is None or state.phase is not Phase.VERIFYING or found.control.stopped is not None:
        return
    test = Verify(SECOND, words_for(found.row.locale).t("practice.tested"))
    once = Idempotency(SCOPE, f"{found.row.mark}/test:{resolved.seq}", "test")
    try:
        room.desk.submit(Act(found.row.incident, test, PLAYED, idempotency=once)).result()
    except Refused:  # it was reopened, or another process was quicker
        return


def act(room: Room, name: str, kind: str, person: str) -> None:
    """What who practises may do besides handling it: `next`, `resume`, `end`, `give_up`. Raises Unknown, or Refused;
    then nothing was written."""
    found = opened(room, name)
    mark, by = found.row.mark, f"person:{person}"
    alone = _alone(room, mark)
    if practised(mark)[0] != person:
        raise Refused(why("practice.not_yours"))
    match kind:
        case "next":
            following = next(to_come(found), None)
            if following is None:
                raise Refused(why("practice.no_more"))
            live.act(alone, mark, Wish(SENT, following.number), by)
        case "resume":
            live.act(alone, mark, Wish(RESUME), by)
        case "end":
            live.act(alone, mark, Wish(END), by)
        case _:
            live.act(alone, mark, Wish(END, said=GIVEN_UP), by)


def to_come(found: Standing) -> Iterator[Inject]:
    """The messages that have not come yet, but for help: that comes by itself, and only where it is needed."""
    for inject in found.script.injects:
        if inject.number not in found.control.settled and not inject.contingency:
            yield inject


def opened(room: Room, name: str) -> Standing:
    """Raises Unknown."""
    with reading(room.engine) as connection:
        row = table.practice(connection, name) if name.isprintable() else None  # PostgreSQL knows no NUL
    if row is None:
        raise Unknown("practice", name[:80])
    return standing(room, row.mark)


def judged(room: Room, found: Standing) -> tuple[Played, Score, Profile] | None:
    """How it went, from its log as it is now. None while it goes on, and where it was not scored."""
    if not found.row.kept:
        return None
    held = profile_of(found.row.profile)
    with reading(room.engine) as connection:
        played = keeping.find(connection, found.row.kept, held, practice=True)
    return played, played.score(held), held


def listed(room: Room, person: str | None = None, limit: int = 50) -> list[Practised]:
    """What one has practised, or anybody, the newest first; without points where the log is no more what was sealed."""
    with reading(room.engine) as connection:
        rows = table.practices(connection, f"person:{person}" if person else None, limit=limit)
        found = drills.practised(connection, [row.kept for row in rows if row.kept])
        void = sealed.void(connection, found)
    kept = {row.id: replace(row, total=None, rating=None) if row.id in void else row for row in found}
    return [Practised(row, Script.load(row.script), kept.get(row.kept or "")) for row in rows]


def code_of(found: Standing) -> str:
    first = found.entries[0].event if found.entries else None
    return first.code if isinstance(first, Reported) else ""
