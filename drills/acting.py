"""How an act of exercise control is written: the act first, then what the drill's log hears of it.

Whoever dies in between leaves the log to the next look, and it is there once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection

from drills.addressed import addressed
from drills.control import END, PAUSE, REMARKS, RESUME, SENT, SUSPEND, UNTOLD, Control, fold, full
from drills.room import Room, Standing, Wish, standing
from drills.said import in_the_log
from drills.script.model import Script
from incident.desk.requests import Act, Idempotency
from incident.errors import Refused, Unknown, why
from incident.evolve import replay
from incident.marks import is_practice
from incident.orders import Send
from incident.store import live, outbox
from incident.store.engine import changing
from incident.store.live import ENDED, PAUSED, RUNNING, SUSPENDED, ActRow, LiveRow

SCOPE: Final = "drill"
_STANDS: Final = {PAUSE: PAUSED, SUSPEND: SUSPENDED, RESUME: RUNNING, END: ENDED}


def write(room: Room, name: str, wish: Wish, by: str) -> None:
    """One act, and what it moves, in one transaction. Raises Unknown or Refused; then nothing was written."""
    wish, call = _addressed(room, name, wish)
    with changing(room.engine) as connection:
        row = live.find(connection, name, lock=True)
        if row is None:
            raise Unknown("drill", name[:80])
        acts = live.acts(connection, row.mark)
        control = fold(row.started_at, acts)
        key = _key(wish, row, control, acts)
        if full(acts, by):
            raise Refused(why("guest.remarks", most=REMARKS))
        position = 0 if wish.kind in UNTOLD else None
        now = max(room.clock.now(), row.started_at)
        live.act(connection, row.mark, ActRow(key, wish.kind, by, now, wish.inject, wish.text, wish.said, position))
        _moved(connection, row, wish, control, now)
        if call is not None:
            outbox.add(connection, [outbox.Ordered(call, 0, now)])


def _addressed(room: Room, name: str, wish: Wish) -> tuple[Wish, Send | None]:
    """An inject that comes by phone is ordered in the transaction of its act: so it goes out once. In a practice it is
    only read in the log."""
    if wish.kind != SENT or is_practice(name):
        return wish, None
    found = standing(room, name)
    inject = next((one for one in found.script.injects if one.number == wish.inject), None)
    state = replay(found.entries)
    if inject is None or state is None:
        return wish, None
    call, said, text = addressed(found.script, inject, state, room.outside().organisation, room.clock.now())
    return replace(wish, said=said, text=text), call


def _moved(connection: Connection, row: LiveRow, wish: Wish, control: Control, now: datetime) -> None:
    """What waits to go out stands still with it: a pause puts it off, a real Critical and the end withdraw it."""
    if wish.kind in _STANDS:
        live.stand(connection, row.mark, _STANDS[wish.kind])
    if wish.kind == PAUSE:
        live.put_off(connection, row.mark, row.incident)
    if wish.kind == RESUME and control.stopped is not None:
        live.let_go(connection, row.mark, row.incident, now - control.stopped.at)
    if wish.kind in (SUSPEND, END):
        live.withdraw(connection, row.mark, row.incident, now)


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


def tell(room: Room, found: Standing) -> None:
    """Write into the drill's log what is not there yet, each once."""
    for one in found.acts:
        if one.position is None and found.row.incident:
            command = in_the_log(found.script, one, found.row.locale)
            digest = sha256(repr(command).encode()).hexdigest()
            once = Idempotency(SCOPE, f"{found.row.mark}/{one.key}", digest)
            outcome = room.desk.submit(Act(found.row.incident, command, one.by, idempotency=once)).result()
            position = outcome.entries[-1].position if outcome.entries else 0
            with changing(room.engine) as connection:
                live.told(connection, found.row.mark, one.key, position)
