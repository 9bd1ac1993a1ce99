"""A real incident once more: as it was, by its own log, and its report today, with today's rosters, plans and policies.

The first is a score; the second is played in virtual time, many times over, so that one lucky seed proves nothing. For
the second a script is made of the incident, which one may keep and finish by hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from drills.measures import Item, Measure
from drills.score import Profile, Score, of_incident, score
from drills.score.expected import HANDLED, Expected
from drills.script.model import LONGEST_MIN, Actor, Escalation, Inject, Objective, Opening, Script, Steps
from drills.script.model import Expected as Wanted
from drills.simulate.plans import Outside
from drills.simulate.play import Played, play
from incident.errors import Unknown
from incident.events import CommunicationJudged, Entry, Noted, Reported, StepFinished
from incident.evolve import replay
from incident.organisation import Organisation
from incident.playbooks.model import Playbook
from incident.posts import Tier
from incident.state import Incident
from incident.text import Text
from incident.words import words_for

MADE = "replay-"
"""What the name of a script begins with that was made of an incident; its code follows."""
SEEDS = 25
"""How often it is played today; the median of each item is shown."""


@dataclass(frozen=True, slots=True)
class Beside:
    """One item: the share it earned then, and the median of today's. None where it was not observed."""

    item: Item
    then: float | None
    today: float | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """`answered` are the minutes until the first answer, then and today (median); None for never. `runs` are all that
    was played today."""

    then: Score
    beside: tuple[Beside, ...]
    script: Script
    total_today: float | None
    answered_then: float | None
    answered_today: float | None
    runs: tuple[Played, ...]


def as_it_was(entries: Sequence[Entry], playbook: Playbook, outside: Outside, profile: Profile) -> Score:
    """The score of a real incident; what its review said later is no part of it. Raises Unknown for a log that was
    never graded."""
    handled = [entry for entry in entries if not isinstance(entry.event, CommunicationJudged)]
    return score(_expected(handled, playbook, profile), handled, profile=profile, cast=outside.cast)


def replayed(
    entries: Sequence[Entry],
    playbook: Playbook,
    outside: Outside,
    profile: Profile,
    locale: str,
    *,
    rest: Callable[[], None] = lambda: None,
) -> Replayed:
    """Both, side by side. `playbook` is the one that it pinned; today's of the same id is played. `rest` is called
    before each run, by whoever must not be kept from other work."""
    then = as_it_was(entries, playbook, outside, profile)
    made = script_of(entries, outside.plans.playbook(playbook.id), outside, profile)
    placed = made.at_unit(_named(entries, outside.organisation))
    runs, scores = [], []
    for seed in range(1, SEEDS + 1):
        rest()
        runs.append(play(placed, outside, entries[0].at, seed=seed, profile=profile, locale=locale))
        scores.append(runs[-1].score(profile))
    beside = tuple(
        Beside(mark.item, mark.ratio, middle_of([s.mark(mark.item).ratio for s in scores])) for mark in then.marks
    )
    return Replayed(
        then=then,
        beside=beside,
        script=made,
        total_today=middle_of([s.total for s in scores]),
        answered_then=then.mark(Item.ACKNOWLEDGE).took_min,
        answered_today=middle_of([s.mark(Item.ACKNOWLEDGE).took_min for s in scores]),
        runs=tuple(runs),
    )


def _named(entries: Sequence[Entry], organisation: Organisation) -> str | None:
    """The unit whose it was because somebody said so; None where place and product decided, as they do today."""
    first = entries[0].event
    named = isinstance(first, Reported) and first.routed.key in ("route.pinned", "route.named")
    return first.unit if isinstance(first, Reported) and named and organisation.unit(first.unit) else None


def script_of(entries: Sequence[Entry], playbook: Playbook, outside: Outside, profile: Profile) -> Script:
    """A script made of an incident: its report, its level, its notes as injects. Texts stand in both languages as they
    were said, to be translated by hand."""
    first, state = entries[0].event, replay(entries)
    if not isinstance(first, Reported) or state is None:
        raise Unknown("incident", entries[0].incident if entries else "")
    expected = _expected(entries, playbook, profile)
    unit = outside.organisation.unit(first.unit)
    zone = ZoneInfo(unit.timezone if unit else "UTC")
    lasted = math.ceil((entries[-1].at - entries[0].at).total_seconds() / 60)
    duration = min(LONGEST_MIN, max(120, lasted, math.ceil(expected.restore_min)))
    return Script(
        id=MADE + first.code.lower(),
        version=1,
        name=_both(first.title),
        summary=_both(first.symptom or first.title),
        purpose=Text(en="Would it go better today?", zh="今天会处理得更好吗？", zh_hant="今天會處理得更好嗎？"),
        playbook=playbook.id,
        level=expected.level,
        policy=state.pinned.policy if state.pinned else "drill",
        local_time=entries[0].at.astimezone(zone).time().replace(second=0, microsecond=0),
        duration_min=duration,
        opening=_opening(first),
        expects=_wanted(expected, entries, playbook, state, duration),
        actors=(
            Actor(id="reporter", name=Text(en="Who reported it", zh="报告人", zh_hant="報告人"), plays="customer"),
            Actor(
                id="players",
                name=Text(en="On call", zh="值班人员", zh_hant="值班人員"),
                plays="player",
                tier=Tier.FIELD,
                who="primary",
            ),
            Actor(
                id="control",
                name=Text(en="Exercise control", zh="导调组", zh_hant="導調組"),
                plays="controller",
            ),
        ),
        objectives=(_in_words(HANDLED),),
        injects=_injects(entries, duration),
    )


def _expected(entries: Sequence[Entry], playbook: Playbook, profile: Profile) -> Expected:
    try:
        return of_incident(entries, playbook, profile)
    except ValueError:
        raise Unknown("grading", entries[0].incident if entries else "") from None


def _opening(first: Reported) -> Opening:
    texts = {name: getattr(first, name) for name in ("place", "product", "symptom", "scope")}
    return Opening(
        title=_both(first.title),
        kind=first.kind,
        impact=first.impact,
        urgency=first.urgency,
        level=first.stated,
        channel=first.channel,
        source=first.source,
        injury=first.injury,
        major=first.major,
        **{name: _both(text) for name, text in texts.items() if text},
    )


def _wanted(expected: Expected, entries: Sequence[Entry], playbook: Playbook, state: Incident, duration: int) -> Wanted:
    """Restored by the step that was finished last before the service was back; contained by the first critical one."""
    steps = playbook.steps_for(expected.level)
    critical = [step.id for step in steps if step.weight == "critical"] or [step.id for step in steps]
    back = [
        entry.event.step
        for entry in entries
        if isinstance(entry.event, StepFinished) and state.restored_at and entry.at <= state.restored_at
    ]
    known = [step for step in back if step in {s.id for s in steps}]
    restored = known[-1] if known else critical[-1]
    return Wanted(
        escalations=tuple(
            Escalation(to=each.to, within_min=each.within_min, optional=each.optional) for each in expected.escalations
        ),
        containment=Steps(steps=(critical[0],), within_min=max(1, min(duration, 60))),
        restore=Steps(steps=(restored,), within_min=max(1, min(duration, math.ceil(expected.restore_min)))),
    )


def _injects(entries: Sequence[Entry], duration: int) -> tuple[Inject, ...]:
    """The report, and what people noted while it went on: at most nine."""
    said: list[tuple[int, str]] = [(0, entries[0].event.title if isinstance(entries[0].event, Reported) else "")]
    start: datetime = entries[0].at
    for entry in entries:
        if isinstance(entry.event, Noted) and len(said) < 9:
            said.append((min(duration, int((entry.at - start).total_seconds() // 60)), entry.event.text))
    return tuple(
        Inject.model_validate(
            {
                "number": number,
                "at_min": at,
                "from": "reporter",
                "to": "players",
                "by": "phone",
                "text": _both(text),
                "expected": Text(en="Handled by the playbook.", zh="按预案处置。", zh_hant="按預案處置。"),
                "objective": HANDLED.id,
                "measure": Measure(Item.ACKNOWLEDGE if number == 1 else Item.STEPS),
                "controller": "control",
            }
        )
        for number, (at, text) in enumerate(said, 1)
    )


def _in_words(objective: Objective) -> Objective:
    """Evaluators read the tasks: each by the name of its item."""
    en, zh, zh_hant = (words_for(locale) for locale in ("en", "zh_Hans", "zh_Hant"))

    def named(item: Item) -> Text:
        key = f"drill.item.{item}"
        return Text(en=en.t(key), zh=zh.t(key), zh_hant=zh_hant.t(key))

    tasks = tuple(task.model_copy(update={"text": named(task.measure.item)}) for task in objective.tasks)
    return objective.model_copy(update={"tasks": tasks})


def _both(text: str) -> Text:
    return Text(en=text, zh=text)


def middle_of(values: Sequence[float | None]) -> float | None:
    """Of all runs: where more than half have none, there is none."""
    known = [value for value in values if value is not None]
    return median(known) if known and 2 * len(known) >= len(values) else None
