"""A live drill: the real desk, the real ladder, real people on simulated phones, or on their own if it was started so.

Exercise control opens the incident with the drill's mark, reads out the injects at their times, gives help where a
contingency inject asks for it, and ends it. Everything else is done by the people and by the program that pages them.

What control did is in the database, and each look works out from it what is due: whoever looks goes on where another
stopped, and any number may look at once. An act is written first, then its note into the drill's log under the act's
own key; whoever dies in between leaves it to the next look, and it is there once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from drills.acting import SCOPE, tell, write
from drills.control import END, LOST, REACHED, RESUME, SENT, SUSPEND, UNSCORED, due
from drills.ending import Ending
from drills.room import Room, Standing, Wish, standing
from drills.score import profile
from drills.script.model import Inject, Script
from drills.simulate.play import reached
from incident.desk.requests import Idempotency, OpenReport
from incident.errors import Refused, Unknown, why
from incident.evolve import replay
from incident.levels import Level
from incident.marks import LIVE
from incident.store import lineup, live
from incident.store.board import Filter
from incident.store.engine import changing, reading
from incident.store.live import PAUSED, RUNNING, SUSPENDED, ActRow, LiveRow

CONTROL: Final = "drill:control"
LOOK_S: Final = 1.0
"""How often control looks."""


def start(room: Room, script: Script, name: str, *, by: str, locale: str, judge: str, real_phones: bool) -> None:
    """The first message: from here on people are paged. `name` is the drill's own, never used before. Raises Refused
    while a real Critical has nobody, and while the same script runs for the same unit: a button that was pressed twice,
    or by two people in the same moment, pages once. Raises Unknown for a script whose playbook or policy is not there.
    """
    plans = room.outside().plans
    plans.playbook(script.playbook)
    plans.policy(script.policy)
    if untaken(room):
        raise Refused(why("drill.live.real_first"))
    mark = (LIVE if real_phones else "") + name
    row = LiveRow(mark, "", script.dump(), locale, judge, by, RUNNING, room.clock.now())
    with changing(room.engine) as connection:
        live.starting(connection)
        if any(_same(Script.load(one.script), script) for one in live.unfinished(connection)):
            raise Refused(why("drill.live.already", script=script.id))
        live.add(connection, row)
    opens(room, row)


def _same(running: Script, wanted: Script) -> bool:
    return (running.id, running.opening.unit) == (wanted.id, wanted.opening.unit)


def act(room: Room, name: str, wish: Wish, by: str) -> None:
    """Put a controller's wish. Raises Unknown or Refused; then nothing was written. It does not go on while a real
    Critical has nobody, as none begins then."""
    if wish.kind == RESUME and untaken(room):
        raise Refused(why("drill.live.real_first"))
    write(room, name, wish, by)
    tell(room, standing(room, name))
    if wish.kind == END:
        look(room, name)


def look(room: Room, name: str) -> bool:
    """Do what is due. True when the drill is over and kept, or cannot be scored any more."""
    found = standing(room, name)
    if found.row.kept is not None:
        return True
    if not found.row.incident:
        opens(room, found.row)
        return False
    if found.control.ended is None:
        _do(room, found)
    tell(room, standing(room, name))
    found = standing(room, name)
    if found.control.ended is None:
        return False
    end = Ending(found.row, found.script, found.control, profile(found.row.profile))
    try:
        if found.control.ended.said in LOST:
            _unscored(room, found.row, found.control.ended.said)
        elif nothing := end.shows_nothing(room.outside(), found.acts, found.entries):
            _unscored(room, found.row, nothing)
        else:
            end.finish(room.desk, room.engine, room.outside())
    except Unknown as gone:
        lacking = dict(gone.reason.params)
        _unscored(room, found.row, str(lacking["what"]), str(lacking["name"]))
    return True


def _unscored(room: Room, row: LiveRow, said: str, name: str = "") -> None:
    """What it would be measured by was taken away while it ran, or it was cut off before anything could be seen: it is
    over, sealed, and nobody tries again."""
    act = ActRow(UNSCORED, UNSCORED, CONTROL, room.clock.now(), None, name, said, 0)
    with changing(room.engine) as connection:
        found = live.find(connection, row.mark, lock=True)
        if found is not None and found.kept is None:
            live.act(connection, row.mark, act)
            live.kept(connection, row.mark, "")


def _do(room: Room, found: Standing) -> None:
    """One look at a drill that has not ended: suspend it, end it, or send what is due."""
    state, mark = replay(found.entries), found.row.mark
    assert state is not None
    over = found.control.elapsed(room.clock.now()) >= timedelta(minutes=found.script.duration_min)
    _suspend(room, found)
    suspended = standing(room, mark).row.state == SUSPENDED
    if state.phase.over or over or (suspended and state.commander is None):
        # nobody has taken a suspended one: those whom it asked are the very people whom the real one needs
        return attempt(room, mark, Wish(END))
    if found.control.stopped is not None:
        _hold(room, found, suspended=suspended)
    else:
        for inject in due(found.script, found.control, room.clock.now()):
            _send(room, found, inject)
    return None


def _hold(room: Room, found: Standing, *, suspended: bool) -> None:
    """While it stands still: what was under way when it stopped may have come back to be tried again."""
    row = found.row
    with changing(room.engine) as connection:
        if suspended:
            live.withdraw(connection, row.mark, row.incident, room.clock.now())
        elif live.state_of(connection, row.mark) == PAUSED:
            live.put_off(connection, row.mark, row.incident)


def running(room: Room) -> list[str]:
    """The drills that need somebody to look, by their marks."""
    with reading(room.engine) as connection:
        return [row.mark for row in live.unfinished(connection)]


def opens(room: Room, row: LiveRow) -> None:
    """Open its incident, once whoever tries."""
    script = Script.load(row.script)
    report = script.opening.report(row.locale, script.policy).model_copy(update={"dedup_key": None})
    once = Idempotency(SCOPE, row.mark, row.mark)
    state = room.desk.submit(OpenReport(report, CONTROL, "drill", row.mark, once)).result().state
    assert state is not None
    with changing(room.engine) as connection:
        live.opened(connection, row.mark, state.id, state.opened_at)


def untaken(room: Room) -> list[str]:
    """The Criticals that are no drill and have nobody."""
    with reading(room.engine) as connection:
        wanted = Filter(phase="open", level=Level.CRITICAL, drill=False)
        found = lineup.standing(connection, wanted, limit=lineup.WALL)
    return [one.incident for one in found if one.as_dict()["commander"] is None]


def _suspend(room: Room, found: Standing) -> None:
    """A real Critical comes first; each one suspends a drill once, and a controller lets it go on."""
    known = {act.key for act in found.acts}
    for name in untaken(room):
        if f"suspend:{name}" not in known:
            attempt(room, found.row.mark, Wish(SUSPEND, text=name))


def _send(room: Room, found: Standing, inject: Inject) -> None:
    state = replay(found.entries)
    needless = inject.contingency and state is not None and reached(state, found.entries, found.script, inject)
    wish = Wish(REACHED if needless else SENT, inject.number)
    attempt(room, found.row.mark, wish, f"drill:{inject.controller}")


def attempt(room: Room, name: str, wish: Wish, by: str = CONTROL) -> None:
    """Another one that looks may have been quicker."""
    try:
        write(room, name, wish, by)
    except Refused:
        return
