"""The end of a live drill: its log is judged and sealed as it was then, it is kept, and nobody is paged any more."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from drills import keeping
from drills.control import Control, answered, helps, observed
from drills.score import Observations, Profile, of_script
from drills.score.seal import seal
from drills.script.model import Script
from drills.simulate.plans import Outside
from drills.simulate.play import Played
from incident.commands import Command, Recover, Resolve
from incident.desk.desk import Desk
from incident.desk.requests import Act
from incident.errors import Refused
from incident.events import Entry
from incident.evolve import replay
from incident.store import live, log
from incident.store.engine import changing, reading
from incident.store.live import LiveRow
from incident.words import words_for

CONTROL = "drill:control"


@dataclass(frozen=True, slots=True)
class Ending:
    """What is judged, and by which profile."""

    row: LiveRow
    script: Script
    control: Control
    profile: Profile

    def finish(self, desk: Desk, engine: Engine, outside: Outside) -> None:
        """May be done again after a crash, by anybody: what comes after the note of the end does not count."""
        row, end = self.row, self.control.ended
        with reading(engine) as connection:
            whole = [stored.entry() for stored in log.of(connection, row.incident)]
        entries = tuple(entry for entry in whole if end and entry.position <= (end.position or 0))
        _silence(desk, row, whole)
        played = self._played(outside, entries)
        with changing(engine) as connection:
            policy = outside.plans.policy(self.script.policy)
            kept = keeping.keep(connection, played, policy, self.profile, keeping.LIVE)
            live.kept(connection, row.mark, kept.id)

    def _played(self, outside: Outside, entries: tuple[Entry, ...]) -> Played:
        script, control, locale = self.script, self.control, self.row.locale
        playbook, policy = outside.plans.playbook(script.playbook), outside.plans.policy(script.policy)
        organisation = outside.organisation
        names = {person.id: person.name for person in organisation.people}
        unit = organisation.unit(organisation.route(script.opening.report(locale, script.policy)).unit)
        return Played(
            script=script,
            playbook=playbook,
            entries=entries,
            observations=Observations(
                seen=observed(script, control, entries, names, locale),
                answers=answered(control, entries),
                helps=helps(script, control),
                pauses=control.pauses,
                ended_at=entries[-1].at,
                sealed=seal(entries),
            ),
            expected=of_script(script, playbook, policy, self.profile),
            cast=outside.cast,
            names=names,
            seed=0,
            locale=locale,
            started_at=entries[0].at,
            zone=unit.timezone if unit else "UTC",
        )


def _silence(desk: Desk, row: LiveRow, entries: list[Entry]) -> None:
    """What nobody has taken is called over; who commands has nothing to do any more. Neither counts."""
    state = replay(entries)
    if state is None or state.phase.over or state.resolved_at is not None:
        return
    said = words_for(row.locale).t("drill.live.ended")
    command: Command = Resolve(state.commander, "web", said) if state.commander else Recover(said)
    try:
        desk.submit(Act(row.incident, command, CONTROL)).result()
    except Refused:  # somebody was quicker
        return
