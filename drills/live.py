"""A live drill: the real desk, the real ladder, real people on simulated phones, or on their own if it was started so.

Exercise control opens the incident with the drill's mark, reads out the injects at their times, gives help where a
contingency inject asks for it, and ends it. Everything else is done by the people and by the program that pages them.

What control did is in the database, and each look works out from it what is due: whoever looks goes on where another
stopped, and any number may look at once. An act is written first, then its note into the drill's log under the act's
own key; whoever dies in between leaves it to the next look, and it is there once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, Engine

from drills.addressed import addressed, person_of
from drills.control import END, PAUSE, REACHED, RESUME, SENT, SUSPEND, UNTOLD, Control, due, fold
from drills.ending import Ending
from drills.said import in_the_log
from drills.score import profile
from drills.script.model import Inject, Script
from drills.simulate.plans import Outside
from drills.simulate.play import reached
from incident.clock import Clock
from incident.commands import Note
from incident.desk.desk import Desk
from incident.desk.requests import Act, Idempotency, OpenReport
from incident.errors import Refused, Unknown, why
from incident.events import Entry
from incident.evolve import replay
from incident.levels import Level
from incident.marks import LIVE
from incident.orders import Send
from incident.store import lineup, live, log, outbox
from incident.store.board import Filter
from incident.store.engine import changing, reading
from incident.store.live import ENDED, PAUSED, RUNNING, SUSPENDED, ActRow, LiveRow

CONTROL: Final = "drill:control"
LOOK_S: Final = 1.0
"""How often control looks."""
_SCOPE: Final = "drill"
_STANDS: Final = {PAUSE: PAUSED, SUSPEND: SUSPENDED, RESUME: RUNNING, END: ENDED}


@dataclass(frozen=True, slots=True)
class Room:
    """What exercise control works with."""

    desk: Desk
    engine: Engine
    clock: Clock
    outside: Callable[[], Outside]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a controller wants: `kind` is one of `drills.control`; `said` is how an expected action was done."""

    kind: str
    inject: int | None = None
    text: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """One drill as it stands now."""

    row: LiveRow
    script: Script
    acts: tuple[ActRow, ...]
    control: Control
    entries: tuple[Entry, ...]


def start(room: Room, script: Script, name: str, *, by: str, locale: str, judge: str, real_phones: bool) -> None:
    """The first message: from here on people are paged. `name` is the drill's own, never used before. Raises Refused
    while a real Critical has nobody, and while the same script runs: a button that was pressed twice, or by two people
    in the same moment, pages once."""
    if _real(room):
        raise Refused(why("drill.live.real_first"))
    mark = (LIVE if real_phones else "") + name
    row = LiveRow(mark, "", script.dump(), locale, judge, by, RUNNING, room.clock.now())
    with changing(room.engine) as connection:
        live.starting(connection)
        if any(Script.load(one.script).id == script.id for one in live.unfinished(connection)):
            raise Refused(why("drill.live.already", script=script.id))
        live.add(connection, row)
    _open(room, row)


def standing(room: Room, name: str) -> Standing:
    """Raises Unknown."""
    with reading(room.engine) as connection:
        row = live.find(connection, name)
        if row is None:
            raise Unknown("drill", name[:80])
        acts = live.acts(connection, row.mark)
        entries = tuple(stored.entry() for stored in log.of(connection, row.incident)) if row.incident else ()
    return Standing(row, Script.load(row.script), acts, fold(row.started_at, acts), entries)


def act(room: Room, name: str, wish: Wish, by: str) -> None:
    """Put a controller's wish. Raises Unknown or Refused; then nothing was written."""
    _write(room, name, wish, by)
    _tell(room, standing(room, name))
    if wish.kind == END:
        look(room, name)


def look(room: Room, name: str) -> bool:
    """Do what is due. True when the drill is over and kept."""
    found = standing(room, name)
    if found.row.kept is not None:
        return True
    if not found.row.incident:
        _open(room, found.row)
        return False
    if found.control.ended is None:
        _do(room, found)
    _tell(room, standing(room, name))
    found = standing(room, name)
    if found.control.ended is None:
        return False
    end = Ending(found.row, found.script, found.control, profile(found.row.profile))
    end.finish(room.desk, room.engine, room.outside())
    return True


def _do(room: Room, found: Standing) -> None:
    """One look at a drill that has not ended: suspend it, end it, or send what is due."""
    state, mark = replay(found.entries), found.row.mark
    assert state is not None
    over = found.control.elapsed(room.clock.now()) >= timedelta(minutes=found.script.duration_min)
    _suspend(room, found)
    suspended = standing(room, mark).row.state == SUSPENDED
    if state.phase.over or over or (suspended and state.commander is None):
        # nobody has taken a suspended one: it would go on paging the very people whom the real one needs
        return _try(room, mark, Wish(END))
    if suspended:  # the ladder may ring anew for want of a sign of life
        with changing(room.engine) as connection:
            live.withdraw(connection, mark, found.row.incident, room.clock.now())
    else:
        for inject in due(found.script, found.control, room.clock.now()):
            _send(room, found, inject)
    return None


def running(room: Room) -> list[str]:
    """The drills that need somebody to look, by their marks."""
    with reading(room.engine) as connection:
        return [row.mark for row in live.unfinished(connection)]


def _open(room: Room, row: LiveRow) -> None:
    script = Script.load(row.script)
    report = script.opening.report(row.locale, script.policy).model_copy(update={"dedup_key": None})
    once = Idempotency(_SCOPE, row.mark, row.mark)
    state = room.desk.submit(OpenReport(report, CONTROL, "drill", row.mark, once)).result().state
    assert state is not None
    with changing(room.engine) as connection:
        live.opened(connection, row.mark, state.id, state.opened_at)


def _real(room: Room) -> list[str]:
    """The Criticals that are no drill and have nobody."""
    with reading(room.engine) as connection:
        wanted = Filter(phase="open", level=Level.CRITICAL, drill=False)
        found = lineup.standing(connection, wanted, limit=lineup.WALL)
    return [one.incident for one in found if one.as_dict()["commander"] is None]


def _suspend(room: Room, found: Standing) -> None:
    """A real Critical comes first; each one suspends a drill once, and a controller lets it go on."""
    known = {act.key for act in found.acts}
    for name in _real(room):
        if f"suspend:{name}" not in known:
            _try(room, found.row.mark, Wish(SUSPEND, text=name))


def _send(room: Room, found: Standing, inject: Inject) -> None:
    state = replay(found.entries)
    needless = inject.contingency and state is not None and reached(state, found.entries, found.script, inject)
    wish = Wish(REACHED if needless else SENT, inject.number)
    _try(room, found.row.mark, wish, f"drill:{inject.controller}")


def _try(room: Room, name: str, wish: Wish, by: str = CONTROL) -> None:
    """Another one that looks may have been quicker."""
    try:
        _write(room, name, wish, by)
    except Refused:
        return


def _write(room: Room, name: str, wish: Wish, by: str) -> None:
    wish, call = _addressed(room, name, wish)
    with changing(room.engine) as connection:
        row = live.find(connection, name, lock=True)
        if row is None:
            raise Unknown("drill", name[:80])
        acts = live.acts(connection, row.mark)
        control = fold(row.started_at, acts)
        key = _key(wish, row, control, acts)
        position = 0 if wish.kind in UNTOLD else None
        now = max(room.clock.now(), row.started_at)
        live.act(connection, row.mark, ActRow(key, wish.kind, by, now, wish.inject, wish.text, wish.said, position))
        _moved(connection, room, row, wish)
        if call is not None:
            outbox.add(connection, [outbox.Ordered(call, 0, now)])


def _addressed(room: Room, name: str, wish: Wish) -> tuple[Wish, Send | None]:
    """An inject that comes by phone is ordered in the transaction of its act: so it goes out once."""
    if wish.kind != SENT:
        return wish, None
    found = standing(room, name)
    inject = next((one for one in found.script.injects if one.number == wish.inject), None)
    state = replay(found.entries)
    if inject is None or state is None:
        return wish, None
    call, said, text = addressed(found.script, inject, state, room.outside().organisation, room.clock.now())
    return replace(wish, said=said, text=text), call


def _moved(connection: Connection, room: Room, row: LiveRow, wish: Wish) -> None:
    if wish.kind in _STANDS:
        live.stand(connection, row.mark, _STANDS[wish.kind])
    if wish.kind in (SUSPEND, END):
        live.withdraw(connection, row.mark, row.incident, room.clock.now())


def _key(wish: Wish, row: LiveRow, control: Control, acts: tuple[ActRow, ...]) -> str:
    """What makes it this act and no other. Raises Refused for what cannot be done now."""
    numbers = {inject.number for inject in Script.load(row.script).injects}
    key = f"{wish.kind}:{len(acts)}"
    match wish.kind:
        case _ if control.ended is not None or not row.incident:
            raise Refused(why("drill.live.over"))
        case "sent" | "skipped" | "reached" | "seen" if wish.inject is not None and wish.inject not in numbers:
            raise Refused(why("drill.live.no_inject", inject=wish.inject))
        case "rated" if not control.went_out(wish.inject):
            raise Refused(why("drill.table.unread", inject=wish.inject))
        case "sent" | "skipped" | "reached":
            if wish.inject in control.settled:
                raise Refused(why("drill.live.settled", inject=wish.inject))
            if wish.kind == SENT and row.state == SUSPENDED:
                raise Refused(why("inject.suspended"))
            key = f"inject:{wish.inject}"
        case "pause" if control.stopped is not None:
            raise Refused(why("drill.live.stands"))
        case "resume" if control.stopped is None:
            raise Refused(why("drill.live.runs"))
        case "suspend":
            key = f"suspend:{wish.text}"
            if any(act.key == key for act in acts):
                raise Refused(why("drill.live.stands"))
        case "end":
            key = "end"
    return key


def _tell(room: Room, found: Standing) -> None:
    """Write into the drill's log what is not there yet, each once."""
    for one in found.acts:
        if one.position is None and found.row.incident:
            text = in_the_log(found.script, one, found.row.locale)
            once = Idempotency(_SCOPE, f"{found.row.mark}/{one.key}", sha256(text.encode()).hexdigest())
            outcome = room.desk.submit(Act(found.row.incident, Note(text), one.by, idempotency=once)).result()
            position = outcome.entries[-1].position if outcome.entries else 0
            with changing(room.engine) as connection:
                live.told(connection, found.row.mark, one.key, position)


def players(found: Standing) -> Iterator[str]:
    """Everybody who was paged, answered, holds a post in it, or was told an inject."""
    for act in found.acts:
        if act.kind == SENT and (told := person_of(act.said)):
            yield told
    for entry in found.entries:
        for summoned in getattr(entry.event, "people", ()):
            yield summoned.person
        person = getattr(entry.event, "person", None)
        if person:
            yield person
