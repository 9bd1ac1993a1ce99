"""A live drill: the real desk, the real ladder, real people on simulated phones, or on their own if it was started so.

Exercise control opens the incident with the drill's mark, reads out the injects at their times, gives help where a
contingency inject asks for it, and ends it. Everything else is done by the people and by the program that pages them.
A real Critical that nobody has taken comes first: the drill stands still until somebody has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from drills.score import Observations, Profile, of_script
from drills.score.observations import Help, Pause
from drills.score.seal import seal
from drills.script.model import Inject, Script
from drills.simulate.plans import Outside
from drills.simulate.play import Played, reached, read_out
from incident.clock import Clock
from incident.commands import Command, Note, Recover, Resolve
from incident.desk.desk import Desk
from incident.desk.requests import Act, OpenReport
from incident.errors import Refused
from incident.events import Entry
from incident.evolve import replay
from incident.levels import Level
from incident.marks import LIVE
from incident.state import Incident
from incident.store import lineup, log
from incident.store.board import Filter
from incident.store.engine import reading
from incident.words import words_for

CONTROL: Final = "drill:control"
LOOK_S: Final = 1.0
"""How often control looks at the log."""


@dataclass(frozen=True, slots=True)
class Room:
    """What exercise control works with. `wait` lets so many seconds pass; `tell` hears each new entry."""

    desk: Desk
    engine: Engine
    clock: Clock
    outside: Outside
    wait: Callable[[float], None]
    tell: Callable[[Entry], None] = lambda _: None


@dataclass(slots=True)
class LiveDrill:
    """One live drill from its opening to its seal."""

    room: Room
    script: Script
    name: str
    locale: str
    incident: str = ""
    began: datetime | None = None
    _pauses: list[Pause] = field(default_factory=list)
    _paused: datetime | None = None
    _helps: list[Help] = field(default_factory=list)
    _sent: set[int] = field(default_factory=set)
    _told: int = 0
    ended: bool = False

    def open(self, *, real_phones: bool) -> None:
        """The first message: from here on people are paged."""
        mark = (LIVE if real_phones else "") + self.name
        report = self.script.opening.report(self.locale, self.script.policy)
        asked = OpenReport(report.model_copy(update={"dedup_key": None}), CONTROL, "drill", mark)
        outcome = self.room.desk.submit(asked).result()
        assert outcome.state is not None
        self.incident, self.began = outcome.state.id, outcome.state.opened_at

    def run(self) -> None:
        """Until it is closed, its time is over, or somebody ends it."""
        while not self.ended and not self.step():
            self.room.wait(LOOK_S)

    def step(self) -> bool:
        """Look once: tell what is new, stand still for a real Critical, send what is due. True when it is over."""
        entries = self.entries()
        for entry in entries[self._told :]:
            self.room.tell(entry)
        self._told = len(entries)
        state = replay(entries)
        now = self.room.clock.now()
        if state is None or state.phase.over:
            return True
        self._stand_still(now, state)
        if self._paused is not None:
            return self.ended
        elapsed = self._elapsed(now)
        for inject in self.script.injects:
            if inject.number not in self._sent and elapsed >= timedelta(minutes=inject.at_min):
                self._sent.add(inject.number)
                self._send(inject, state, entries)
        return elapsed >= timedelta(minutes=self.script.duration_min)

    def finish(self, profile: Profile) -> Played:
        """The end: the log is judged and sealed as it is now, and then nobody is paged or reminded any more."""
        now = self.room.clock.now()
        if self._paused is not None:
            self._pauses.append(Pause(start=self._paused, end=max(now, self._paused)))
            self._paused = None
        words = words_for(self.locale)
        self._put(Note(words.t("drill.live.ended")))
        entries = tuple(self.entries())
        self._silence(words.t("drill.live.ended"))
        seen = Observations(
            helps=tuple(self._helps), pauses=tuple(self._pauses), ended_at=entries[-1].at, sealed=seal(entries)
        )
        return self._played(profile, entries, seen)

    def _silence(self, said: str) -> None:
        """What nobody has taken is called over; who commands has nothing to do any more. Neither counts."""
        state = replay(self.entries())
        if state is None or state.phase.over or state.resolved_at is not None:
            return
        self._put(Resolve(state.commander, "web", said) if state.commander else Recover(said))

    def entries(self) -> list[Entry]:
        with reading(self.room.engine) as connection:
            return [stored.entry() for stored in log.of(connection, self.incident)]

    @property
    def paused(self) -> bool:
        return self._paused is not None

    def _elapsed(self, now: datetime) -> timedelta:
        assert self.began is not None
        return now - self.began - sum((pause.end - pause.start for pause in self._pauses), timedelta())

    def _stand_still(self, now: datetime, state: Incident) -> None:
        """Begin or end a pause, and say so in the drill's log. A drill that nobody has taken yet ends: it would go on
        paging the very people whom the real one needs."""
        alarm = self._real_critical()
        words = words_for(self.locale)
        if alarm and self._paused is None:
            self._paused = now
            self._put(Note(words.t("drill.live.suspended")))
            self.ended = state.alarm.ringing
        elif not alarm and self._paused is not None:
            self._pauses.append(Pause(start=self._paused, end=now))
            self._paused = None
            self._put(Note(words.t("drill.live.resumed")))

    def _real_critical(self) -> bool:
        """Whether a Critical that is no drill waits for somebody to take it."""
        with reading(self.room.engine) as connection:
            waiting = Filter(phase="open", level=Level.CRITICAL, drill=False)
            found = lineup.standing(connection, waiting, limit=lineup.WALL)
        return any(listed.as_dict()["commander"] is None for listed in found)

    def _send(self, inject: Inject, state: Incident, entries: list[Entry]) -> None:
        if inject.contingency and reached(state, entries, self.script, inject):
            return
        written = self._put(Note(read_out(self.script, inject, self.locale)), f"drill:{inject.controller}")
        if inject.contingency and written is not None:
            help_ = Help(inject=inject.number, measure=inject.measure, objective=inject.objective, position=written)
            self._helps.append(help_)

    def _put(self, command: Command, by: str = CONTROL) -> int | None:
        """The position of what was written; None when the core refused it or had nothing to write."""
        try:
            outcome = self.room.desk.submit(Act(self.incident, command, by)).result()
        except Refused:
            return None
        return outcome.entries[-1].position if outcome.entries else None

    def _played(self, profile: Profile, entries: tuple[Entry, ...], seen: Observations) -> Played:
        script, outside = self.script, self.room.outside
        playbook, policy = outside.plans.playbook(script.playbook), outside.plans.policy(script.policy)
        organisation = outside.organisation
        unit = organisation.unit(organisation.route(script.opening.report(self.locale, script.policy)).unit)
        return Played(
            script=script,
            playbook=playbook,
            entries=entries,
            observations=seen,
            expected=of_script(script, playbook, policy, profile),
            cast=outside.cast,
            names={person.id: person.name for person in organisation.people},
            seed=0,
            locale=self.locale,
            started_at=entries[0].at,
            zone=unit.timezone if unit else "UTC",
        )
