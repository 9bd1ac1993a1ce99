"""A tabletop in the browser. What its facilitator did is in the database, and no process holds it: a reload, another
browser or another web process goes on with the next act.

Its log is written when it ends: the acts are told, each at its own time, to the very tabletop of the terminal. So both
come to the same score, and the end, the kept drill and its seal are one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from drills import keeping
from drills.control import END, PAUSE, RATED, REMARKS, RESUME, SENT, SKIPPED, Control, fold, full
from drills.measures import Measure
from drills.room import Room, Wish
from drills.score import profile
from drills.script.model import Inject, Script
from drills.simulate.plans import Outside
from drills.tabletop import Tabletop, left
from incident.clock import MovedClock
from incident.errors import Refused, Unknown, why
from incident.marks import TABLE
from incident.store import live
from incident.store.engine import changing, reading
from incident.store.live import ENDED, PAUSED, RUNNING, ActRow, LiveRow
from incident.words import words_for

FORM: Final = "tabletop"
PRESENT: Final = "present"
JUDGED: Final = "judged"
_STANDS: Final = {PAUSE: PAUSED, RESUME: RUNNING, END: ENDED}
_UNTOLD: Final = 0
"""The position of every act here: the log that tells them is made at the end."""


@dataclass(frozen=True, slots=True)
class Said:
    """One judgement: how a measure was reached, a note, and which of the participants said so. `inject` is None for
    what was judged at the end."""

    measure: Measure
    outcome: str
    note: str = ""
    who: str = ""
    inject: int | None = None

    def act(self, key: str, by: str, at: datetime) -> ActRow:
        text = json.dumps({"of": str(self.measure), "note": self.note, "who": self.who}, ensure_ascii=False)
        return ActRow(key, JUDGED, by, at, self.inject, text, self.outcome, _UNTOLD)

    @classmethod
    def of(cls, act: ActRow) -> Said:
        body = json.loads(act.text)
        return cls(Measure.parse(body["of"]), act.said, body["note"], body["who"], act.inject)


@dataclass(frozen=True, slots=True)
class Sitting:
    """One tabletop as it stands. `judged` has the last judgement of each inject, by its number, and of what was judged
    at the end, by its measure."""

    row: LiveRow
    script: Script
    acts: tuple[ActRow, ...]
    control: Control
    judged: Mapping[int | Measure, ActRow]

    @property
    def name(self) -> str:
        return self.row.mark.removeprefix(TABLE)

    @property
    def participants(self) -> tuple[str, ...]:
        """Their ids: they never see the script."""
        return tuple(name for act in self.acts if act.kind == PRESENT for name in act.text.split())

    @property
    def rest(self) -> list[Measure]:
        """What no inject asked for: judged at the end."""
        return left(self.script, {Said.of(act).measure for of, act in self.judged.items() if isinstance(of, int)})


def start(room: Room, script: Script, name: str, *, by: str, locale: str, judge: str, present: Iterable[str]) -> None:
    """Nobody is paged. The same name by the same facilitator again changes nothing: a button that was pressed twice
    starts one tabletop. Raises Refused when somebody else's has that name."""
    now = room.clock.now()
    row = LiveRow(TABLE + name, "", script.dump(), locale, judge, by, RUNNING, now)
    with changing(room.engine) as connection:
        if not live.add_once(connection, row):
            found = live.find(connection, row.mark)
            if found is None or found.by != by:
                raise Refused(why("drill.live.already", script=script.id))
            return
        live.act(connection, row.mark, ActRow(PRESENT, PRESENT, by, now, None, " ".join(present), "", _UNTOLD))


def sitting(room: Room, name: str) -> Sitting:
    """Raises Unknown."""
    with reading(room.engine) as connection:
        return _found(connection, name)


def _found(connection: Connection, name: str, *, lock: bool = False) -> Sitting:
    row = live.find(connection, TABLE + name, lock=lock)
    if row is None:
        raise Unknown("drill", name[:80])
    acts = live.acts(connection, row.mark)
    judged: dict[int | Measure, ActRow] = {}
    for act in acts:
        if act.kind == JUDGED:
            judged[act.inject if act.inject is not None else Said.of(act).measure] = act
    return Sitting(row, Script.load(row.script), acts, fold(row.started_at, acts), judged)


def settle(room: Room, name: str, number: int, by: str, *, read: bool) -> None:
    """Read an inject out, or leave it out. The same again changes nothing. Raises Unknown or Refused."""
    with changing(room.engine) as connection:
        found = _open(connection, name)
        _inject(found.script, number)
        kind, settled = SENT if read else SKIPPED, found.control.settled.get(number)
        if settled is not None and settled.kind == kind:
            return
        if settled is not None:
            raise Refused(why("drill.live.settled", inject=number))
        if found.control.stopped is not None:
            raise Refused(why("drill.table.paused"))
        act = ActRow(f"inject:{number}", kind, by, _now(room, found), number, "", "", _UNTOLD)
        live.act(connection, found.row.mark, act)


def judge(room: Room, name: str, said: Said, by: str) -> None:
    """The last one of an inject, or of a measure at the end, counts; the same again changes nothing. Raises Unknown or
    Refused."""
    with changing(room.engine) as connection:
        found = _open(connection, name)
        if said.inject is None and said.measure not in found.rest:
            raise Refused(why("drill.table.no_measure", measure=said.measure))
        if said.inject is not None:
            _read_out(found, said.inject)
        before = found.judged.get(said.inject if said.inject is not None else said.measure)
        if before is None or Said.of(before) != said:
            live.act(connection, found.row.mark, said.act(f"judged:{len(found.acts)}", by, _now(room, found)))


def observe(room: Room, name: str, wish: Wish, by: str) -> None:
    """What an evaluator writes down, as in a live drill. Their last word on an inject or a task counts, beside the
    facilitator's. Raises Unknown or Refused."""
    with changing(room.engine) as connection:
        found = _open(connection, name)
        if wish.kind == RATED:
            _read_out(found, wish.inject)
        if full(found.acts, by):
            raise Refused(why("guest.remarks", most=REMARKS))
        key, now = f"{wish.kind}:{len(found.acts)}", _now(room, found)
        act = ActRow(key, wish.kind, by, now, wish.inject, wish.text, wish.said, _UNTOLD)
        live.act(connection, found.row.mark, act)


def stop(room: Room, name: str, by: str, *, still: bool) -> None:
    """Let the clock stand still, or go on. It does that already: nothing changes. Raises Unknown or Refused."""
    with changing(room.engine) as connection:
        found = _open(connection, name)
        if (found.control.stopped is not None) == still:
            return
        kind = PAUSE if still else RESUME
        act = ActRow(f"{kind}:{len(found.acts)}", kind, by, _now(room, found), position=_UNTOLD)
        live.act(connection, found.row.mark, act)
        live.stand(connection, found.row.mark, _STANDS[kind])


def end(room: Room, name: str, by: str) -> None:
    """Score, seal and keep it. One at which nothing was judged is closed and not kept: there is nothing to score. Once
    more changes nothing. Raises Unknown."""
    outside = room.outside()
    with changing(room.engine) as connection:
        found = _found(connection, name, lock=True)
        if found.control.ended is not None:
            return
        live.act(connection, found.row.mark, ActRow(END, END, by, _now(room, found), position=_UNTOLD))
        live.stand(connection, found.row.mark, ENDED)
        live.kept(connection, found.row.mark, _kept(connection, _found(connection, name), outside))


def _kept(connection: Connection, found: Sitting, outside: Outside) -> str:
    """The seal under which it was kept; empty when there was nothing to keep."""
    if not found.judged:
        return ""
    clock, held = MovedClock(found.row.started_at), profile(found.row.profile)
    table = Tabletop(found.script, outside, clock, found.name, found.row.locale, found.participants)
    table.open()
    for act in found.acts:
        clock.set(act.at)
        _tell(table, found.script, act)
    played = table.finish(held, found.control)
    return keeping.keep(connection, played, outside.plans.policy(found.script.policy), held, FORM).id


def _tell(table: Tabletop, script: Script, act: ActRow) -> None:
    words = words_for(table.locale)
    match act.kind:
        case "sent" if act.inject is not None:
            table.read(_inject(script, act.inject))
        case "skipped":
            table.note(words.t("drill.live.skipped", inject=act.inject))
        case "judged":
            said = Said.of(act)
            note = words.t("drill.table.said", who=said.who, note=said.note).strip() if said.who else said.note
            table.judge(said.measure, said.outcome, note)
        case "pause":
            table.note(words.t("drill.live.paused"))
        case "resume":
            table.note(words.t("drill.live.resumed"))


def _open(connection: Connection, name: str) -> Sitting:
    """Held until the transaction ends: two browsers do one after the other. Raises Refused when it is over."""
    found = _found(connection, name, lock=True)
    if found.control.ended is not None:
        raise Refused(why("drill.live.over"))
    return found


def _read_out(found: Sitting, number: int | None) -> None:
    """Raises Refused for one that was not."""
    if not found.control.went_out(number):
        raise Refused(why("drill.table.unread", inject=number))


def _now(room: Room, found: Sitting) -> datetime:
    return max(room.clock.now(), found.acts[-1].at)


def _inject(script: Script, number: int) -> Inject:
    """Raises Refused."""
    for inject in script.injects:
        if inject.number == number:
            return inject
    raise Refused(why("drill.live.no_inject", inject=number))
