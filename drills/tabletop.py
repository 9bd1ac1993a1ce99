"""A tabletop: the facilitator reads out the injects, people talk, and what they would do is judged. Nobody is paged.

Its log is what was read out and what was judged, minute by minute; its score is made of the judgements.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from drills.control import Control, answered, observed
from drills.measures import Item, Measure
from drills.score import Observations, Profile, of_script
from drills.score.observations import Help, Judgement
from drills.score.seal import seal
from drills.script.model import Inject, Script
from drills.simulate.plans import Outside
from drills.simulate.play import CODE, Played, read_out
from drills.story import measure_says
from incident.clock import Clock
from incident.commands import Open
from incident.events import Entry, Noted
from incident.rehearse import put
from incident.words import words_for

CONTROL = "drill:control"


@dataclass(slots=True)
class Tabletop:
    """One tabletop. The opening is the core's own, so that level, playbook and unit are those of a real report."""

    script: Script
    outside: Outside
    clock: Clock
    name: str
    locale: str
    present: tuple[str, ...] = ()
    _log: list[Entry] = field(default_factory=list)
    _judged: list[Judgement] = field(default_factory=list)
    _helps: list[Help] = field(default_factory=list)

    def open(self) -> None:
        report = self.script.opening.report(self.locale, self.script.policy)
        moment = self.outside(self.clock.now(), CONTROL)
        turn = put(None, Open(report, CODE, None, self.name), moment, incident=self.name)
        assert turn is not None
        self._log.append(turn.entries[0])

    def read(self, inject: Inject) -> str:
        """Read one out. A contingency inject is help."""
        text = read_out(self.script, inject, self.locale)
        position = self.note(text)
        if inject.contingency:
            self._helps.append(
                Help(inject=inject.number, measure=inject.measure, objective=inject.objective, position=position)
            )
        return text

    def judge(self, measure: Measure, outcome: str, said: str = "", took_min: float | None = None) -> None:
        """`outcome` is done, partly or not. Raises pydantic's ValidationError for another."""
        words = words_for(self.locale)
        playbook = self.outside.plans.playbook(self.script.playbook)
        told = measure_says(measure, playbook, words)
        note = words.t("drill.table.judged", measure=told, drill_outcome=outcome)
        position = self.note(f"{note} {said}".strip())
        judgement = {"measure": measure, "outcome": outcome, "position": position, "took_min": took_min}
        self._judged.append(Judgement.model_validate(judgement))

    def left(self) -> list[Measure]:
        """What is still to be judged: measures of tasks first, then whole items of which nothing was looked at."""
        return left(self.script, {judgement.measure for judgement in self._judged})

    def finish(self, profile: Profile, control: Control | None = None) -> Played:
        """`control` has what evaluators wrote down and when the clock stood still, if anybody kept that."""
        script, outside = self.script, self.outside
        organisation = outside.organisation
        unit = organisation.unit(organisation.route(script.opening.report(self.locale, script.policy)).unit)
        self.note(words_for(self.locale).t("drill.live.ended"))
        entries = tuple(self._log)
        names = {person.id: person.name for person in organisation.people}
        seen = Observations(
            seen=observed(script, control, entries, names, self.locale) if control else (),
            answers=answered(control, entries) if control else (),
            judged=tuple(self._judged),
            present=self.present,
            helps=tuple(self._helps),
            pauses=control.pauses if control else (),
            ended_at=entries[-1].at,
            sealed=seal(entries),
        )
        playbook, policy = outside.plans.playbook(script.playbook), outside.plans.policy(script.policy)
        return Played(
            script=script,
            playbook=playbook,
            entries=entries,
            observations=seen,
            expected=of_script(script, playbook, policy, profile),
            cast=outside.cast,
            names=names,
            seed=0,
            locale=self.locale,
            started_at=entries[0].at,
            zone=unit.timezone if unit else "UTC",
        )

    def note(self, text: str) -> int:
        """The position of what was written."""
        at: datetime = max(self.clock.now(), self._log[-1].at)
        number = len(self._log) + 1
        self._log.append(Entry(number, self.name, number, at, CONTROL, Noted(text)))
        return number


def left(script: Script, seen: AbstractSet[Measure]) -> list[Measure]:
    """What the script still wants judged when these measures were."""
    tasks = [task.measure for objective in script.objectives for task in objective.tasks]
    found = [measure for measure in dict.fromkeys(tasks) if measure not in seen]
    items = {measure.item for measure in (*seen, *found)}
    return [*found, *(Measure(item) for item in Item if item not in items and item is not Item.SATISFACTION)]
