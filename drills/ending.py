"""The end of a live drill: its log is judged and sealed as it was then, it is kept, and nobody is paged any more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from drills import keeping
from drills.control import CALLED_OFF, CUT_OFF, PAUSE, RESUME, SUSPEND, Control, answered, helps, observed
from drills.leaking import leaks
from drills.score import Observations, Profile, of_script
from drills.score.seal import seal
from drills.script.model import Script
from drills.simulate.plans import Outside
from drills.simulate.play import Played
from incident.commands import EndDrill
from incident.desk.desk import Desk
from incident.desk.requests import Act
from incident.events import Acknowledged, Declined, DrillEnded, Entry
from incident.evolve import replay
from incident.marks import is_practice
from incident.store import live, log
from incident.store.drills import ALONE
from incident.store.engine import changing, reading
from incident.store.live import ActRow, LiveRow, Sent

CONTROL = "drill:control"


@dataclass(frozen=True, slots=True)
class Ending:
    """What is judged, and by which profile."""

    row: LiveRow
    script: Script
    control: Control
    profile: Profile

    def finish(self, desk: Desk, engine: Engine, outside: Outside) -> None:
        """May be done again after a crash, by anybody. One that an older release ended has a note where others have the
        end: it is ended now, and that does not count."""
        row, end = self.row, self.control.ended
        with reading(engine) as connection:
            whole = [stored.entry() for stored in log.of(connection, row.incident)]
            sent = live.went_out(connection, row.incident)
        sealed = next((entry.position for entry in whole if isinstance(entry.event, DrillEnded)), 0)
        entries = tuple(entry for entry in whole if end and entry.position <= (end.position or sealed))
        if not sealed:
            desk.submit(Act(row.incident, EndDrill(), CONTROL)).result()
        played = self.played(outside, entries, sent)
        with changing(engine) as connection:
            policy = outside.plans.policy(self.script.policy)
            kept = keeping.keep(connection, played, policy, self.profile, _form(row))
            live.kept(connection, row.mark, kept.id)

    def shows_nothing(self, outside: Outside, acts: Iterable[ActRow], entries: tuple[Entry, ...]) -> str | None:
        """Why it is not scored that could have been: it ended while it still had time to be answered, and nobody had,
        because a real Critical came, or with nothing said to it and nothing seen. Raises Unknown for a playbook or
        policy that is gone."""
        end, state = self.control.ended, replay(entries)
        if end is None or state is None or state.commander is not None:
            return None
        playbook, policy = outside.plans.playbook(self.script.playbook), outside.plans.policy(self.script.policy)
        due = of_script(self.script, playbook, policy, self.profile).acknowledge_min
        if self.control.elapsed(end.at) >= timedelta(minutes=due):
            return None
        stops = [act.kind for act in acts if act.kind in (PAUSE, SUSPEND, RESUME)]
        if stops[-1:] == [SUSPEND]:
            return CUT_OFF
        silent = not any(isinstance(entry.event, (Acknowledged, Declined)) for entry in entries)
        return CALLED_OFF if silent and not is_practice(self.row.mark) and not self.control.noted else None

    def played(self, outside: Outside, entries: tuple[Entry, ...], sent: Iterable[Sent] = ()) -> Played:
        """It up to these entries, as if they were all."""
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
                leaks=leaks(self.row.mark, sent, names),
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


def _form(row: LiveRow) -> str:
    return ALONE if is_practice(row.mark) else keeping.LIVE
