"""A script played from its first message to the verified close, or to its end: the log, and what was seen of it.

    play(script, outside, at, seed=1) -> Played

The same script, organisation, time and seed give the same log to the byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from drills.measures import Item
from drills.score import Expected, Observations, Profile, Score, of_script, score
from drills.score.observations import Help
from drills.score.seal import Copy, seal
from drills.script.model import Actor, Habit, Inject, Script
from drills.simulate.habits import Habits, as_ears, usual
from drills.simulate.plans import Outside
from drills.simulate.stage import Cast, Stage
from drills.simulate.team import Team
from incident.commands import Note, Open
from incident.events import Entry, Reported, Updated
from incident.organisation.model import Holder
from incident.playbooks.model import Playbook
from incident.posts import Tier
from incident.rehearse import SYSTEM
from incident.state import Incident
from incident.words import words_for

CODE: Final = "D1"
DAY: Final = date(2026, 6, 1)
"""A Monday. The day on which a drill is set where nobody names another, so that a seed always tells the same story."""


@dataclass(frozen=True, slots=True)
class Played:
    """A drill that is over. `copy` is of one that was kept or saved and read again; `form` is how it was held."""

    script: Script
    playbook: Playbook
    entries: tuple[Entry, ...]
    observations: Observations
    expected: Expected
    cast: Mapping[str, Tier]
    names: Mapping[str, str]
    seed: int
    locale: str
    started_at: datetime
    zone: str
    copy: Copy | None = None
    form: str = "simulated"

    @property
    def unit(self) -> str:
        """Whose it was, by the unit's id; empty for a log that does not begin with a report."""
        first = self.entries[0].event
        return first.unit if isinstance(first, Reported) else ""

    def score(self, profile: Profile) -> Score:
        return score(self.expected, self.entries, self.observations, profile=profile, cast=self.cast, copy=self.copy)


def starts_at(script: Script, outside: Outside, day: date = DAY) -> datetime:
    """The script's local time on a day, where the unit is that its report falls to."""
    organisation = outside.organisation
    routed = organisation.route(script.opening.report("en", script.policy))
    unit = organisation.unit(routed.unit)
    zone = ZoneInfo(unit.timezone if unit else "UTC")
    return datetime.combine(day, script.local_time, zone)


def play(
    script: Script,
    outside: Outside,
    at: datetime,
    *,
    seed: int,
    profile: Profile,
    locale: str = "en",
    habits: Habits | None = None,
) -> Played:
    """Play it. `at` is when the first message comes. Raises Unknown for a playbook or policy that is not in force."""
    playbook = outside.plans.playbook(script.playbook)
    policy = outside.plans.policy(script.policy)
    words = words_for(locale)
    report = script.opening.report(locale, script.policy)
    unit = outside.organisation.route(report).unit
    name = f"{script.id}-{seed}"
    ears = _players(script, outside, unit, at)
    stage = Stage(name, outside, Cast(habits or usual(), {person: as_ears(h) for person, h in ears.items()}), name)
    stage.now = at.astimezone(ZoneInfo("UTC"))
    end = stage.now + timedelta(minutes=script.duration_min)
    team = Team(stage, script, playbook, words, _working(script))
    helps: list[Help] = []
    control = _Control(stage, team, script, locale, helps)
    for inject in script.injects:
        stage.at(stage.now + timedelta(minutes=inject.at_min), partial(control.send, inject))
    stage.put(Open(report, CODE, None, name), SYSTEM)
    stage.run(end, stop=lambda state: state.phase.over)
    entries = tuple(stage.log)
    seen = Observations(helps=tuple(helps), ended_at=min(end, max(stage.now, entries[-1].at)), sealed=seal(entries))
    expected = of_script(script, playbook, policy, profile)
    own = outside.organisation.unit(unit)
    zone = own.timezone if own else "UTC"
    names = {person.id: person.name for person in outside.organisation.people}
    return Played(script, playbook, entries, seen, expected, outside.cast, names, seed, locale, entries[0].at, zone)


def _players(script: Script, outside: Outside, unit: str, at: datetime) -> dict[str, Habit]:
    """The habits of those who hold the places that the script's players stand for."""
    organisation, own = outside.organisation, outside.organisation.unit(unit)
    found: dict[str, Habit] = {}
    for actor in script.actors:
        if actor.habit is None or actor.tier is None or actor.who is None:
            continue
        for tier in dict.fromkeys((actor.tier, own.tier if own else actor.tier)):
            holders: tuple[Holder, ...] = organisation.holders(unit, tier, actor.who, "response", at)
            if holders:
                found.setdefault(holders[0].person, actor.habit)
                break
    return found


def _working(script: Script) -> Habit:
    """How the team works: as the script's first player who has a habit."""
    players: list[Actor] = [actor for actor in script.actors if actor.habit is not None]
    return players[0].habit or Habit() if players else Habit()


@dataclass(frozen=True, slots=True)
class _Control:
    """Exercise control: reads out the injects at their times."""

    stage: Stage
    team: Team
    script: Script
    locale: str
    helps: list[Help]

    def send(self, inject: Inject) -> None:
        """A contingency inject goes out only if its measure has not been reached, and then it helps."""
        stage, script, measure = self.stage, self.script, inject.measure
        state = stage.state
        if state is None or state.phase.over or (inject.contingency and reached(state, stage.log, script, inject)):
            return
        stage.put(Note(read_out(script, inject, self.locale)), f"drill:{inject.controller}")
        if inject.contingency:
            position = len(stage.log)
            self.helps.append(
                Help(inject=inject.number, measure=measure, objective=inject.objective, position=position)
            )
            self.team.remind(measure.part if measure.item is Item.STEPS else None)


def read_out(script: Script, inject: Inject, locale: str) -> str:
    """An inject as it stands in the log: its number, who speaks, and the words."""
    sender = script.actor(inject.sender)
    name = sender.name.for_locale(locale) if sender else inject.sender
    return f"[{inject.number}] {name}: {inject.text.for_locale(locale)}"


def reached(state: Incident, entries: Iterable[Entry], script: Script, inject: Inject) -> bool:
    """Whether the players have got there by themselves."""
    steps = {name for name, step in state.steps.items() if step.status in ("done", "running")}
    measure = inject.measure
    match measure.item:
        case Item.STEPS if measure.part:
            return measure.part in steps
        case Item.CONTAINMENT:
            return set(script.expects.containment.steps) <= steps
        case Item.RESTORE:
            return state.restored_at is not None or set(script.expects.restore.steps) <= steps
        case Item.ACKNOWLEDGE | Item.COMMAND:
            return state.commander is not None
        case Item.POSTS if measure.part:
            return any(post == measure.part for post in state.posts)
        case Item.ESCALATION if measure.part:
            return any(isinstance(e.event, Updated) and e.event.audience == measure.part for e in entries)
        case Item.GRADING:
            return state.level is script.level
        case _:
            return False
