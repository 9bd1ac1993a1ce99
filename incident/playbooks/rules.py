"""The lint's rules over one playbook. Each yields where (a pointer into the file) and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from pydantic import BaseModel

from incident.calendars import Calendar, CalendarKind
from incident.errors import Reason, why
from incident.levels import Level
from incident.playbooks.model import Notify, Playbook
from incident.playbooks.order import ancestors, cycle
from incident.playbooks.rungs import Rung
from incident.posts import Tier
from incident.source import Pointer
from incident.text import Text

MUST_CLOSE: Final = ("functional-test", "verification")
"""Ids that every close-out list carries: tried by somebody, and confirmed by somebody else or the customer."""


class Crew(Protocol):
    """Who works here, for rungs that name people or ask for a skill."""

    def person(self, name: str) -> object | None: ...

    def has_skill(self, tier: Tier, skill: str) -> bool:
        """Whether anybody in a unit of the tier has the skill, valid or not."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """What the rules need to know besides the playbook."""

    today: date
    response_min: Mapping[Level, int]
    can_hold: Callable[[Tier, str], bool] | None
    crew: Crew | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Where in the file, and why. `at_key` points at the key where the value is what is missing."""

    pointer: Pointer
    reason: Reason
    at_key: bool = False


Rule = Callable[[Playbook, Setting], Iterator[Found]]


def ladder_is_there(playbook: Playbook, _: Setting) -> Iterator[Found]:
    """Somebody is paged at every level, and a Critical reaches headquarters."""
    for level in playbook.matches.levels:
        rungs = playbook.ladder_for(level)
        if not rungs:
            yield Found(("ladder",), why("playbook.lint.empty_ladder", level=level), at_key=True)
        elif level is Level.CRITICAL and all(rung.tier is not Tier.HQ for rung in rungs):
            yield Found(("ladder",), why("playbook.lint.never_hq", level=level), at_key=True)


STEP_MIN: Final[Mapping[Level, int]] = {Level.CRITICAL: 5, Level.HIGH: 10, Level.MEDIUM: 20, Level.LOW: 240}
"""The wait of a rung that names none, as the default policy has it."""


def headquarters_comes_in_time(playbook: Playbook, setting: Setting) -> Iterator[Found]:
    """Silence has climbed to headquarters before the response target is over, not when it is."""
    for level in playbook.matches.levels:
        rungs = playbook.ladder_for(level)
        top = next((n for n, rung in enumerate(rungs) if rung.tier is Tier.HQ), None)
        if top is None:
            continue
        after = sum((rung.wait_min or STEP_MIN[level]) * rung.waits for rung in rungs[:top])
        target = setting.response_min[level]
        if after >= target:
            reason = why("playbook.lint.hq_late", level=level, after=after, target=target)
            yield Found(("ladder", playbook.ladder.index(rungs[top])), reason)


def rungs_are_held(playbook: Playbook, setting: Setting) -> Iterator[Found]:
    """The organisation has somebody for every rung and everyone who is to be told."""
    if setting.can_hold is None:
        return
    named: tuple[tuple[str, tuple[Rung | Notify, ...]], ...] = (
        ("ladder", playbook.ladder),
        ("notify", playbook.notify),
    )
    for part, listed in named:
        for index, one in enumerate(listed):
            by_roster = isinstance(one, Notify) or one.who in ("primary", "secondary", "all")
            if by_roster and not setting.can_hold(one.tier, one.function):
                yield Found((part, index), why("playbook.lint.nobody", tier=one.tier, function=one.function))


def rungs_name_people_who_are_there(playbook: Playbook, setting: Setting) -> Iterator[Found]:
    """Whoever is named exists, and somebody has the skill that is asked for."""
    if setting.crew is None:
        return
    for index, rung in enumerate(playbook.ladder):
        for place, name in enumerate(rung.people):
            if setting.crew.person(name) is None:
                yield Found(("ladder", index, "people", place), why("playbook.lint.unknown_person", person=name))
        if rung.who == "skilled" and rung.skill and not setting.crew.has_skill(rung.tier, rung.skill):
            reason = why("playbook.lint.nobody_skilled", tier=rung.tier, skill=rung.skill)
            yield Found(("ladder", index, "skill"), reason)


def hours_are_of_a_known_country(playbook: Playbook, _: Setting) -> Iterator[Found]:
    """A country whose holidays are not known has none, and would be thought to work on all of them."""
    for index, rung in enumerate(playbook.ladder):
        country = rung.hours.country if rung.hours else None
        if country is not None and not Calendar(kind=CalendarKind.BUSINESS, country=country).known:
            yield Found(("ladder", index, "hours", "country"), why("playbook.lint.unknown_country", country=country))


def some_rung_is_used_at_all_hours(playbook: Playbook, _: Setting) -> Iterator[Found]:
    """A ladder whose every rung keeps office hours would go straight to everybody outside of them."""
    for level in playbook.matches.levels:
        rungs = playbook.ladder_for(level)
        if rungs and all(rung.hours is not None and rung.hours.when == "inside" for rung in rungs):
            yield Found(("ladder",), why("playbook.lint.office_hours", level=level), at_key=True)


def management_is_told(playbook: Playbook, _: Setting) -> Iterator[Found]:
    """Critical and High always tell management at activation (S28)."""
    for level in (Level.CRITICAL, Level.HIGH):
        if level in playbook.matches.levels and all(n.function != "management" for n in playbook.notify_for(level)):
            yield Found(("notify",), why("playbook.lint.no_management", level=level), at_key=True)


def edges_hold(playbook: Playbook, _: Setting) -> Iterator[Found]:
    """Steps wait only for steps that exist, and never in a ring."""
    place = {step.id: index for index, step in enumerate(playbook.steps)}
    for index, step in enumerate(playbook.steps):
        for at, before in enumerate(step.after):
            if before not in place:
                yield Found(
                    ("steps", index, "after", at), why("playbook.lint.unknown_step", step=step.id, before=before)
                )
    ring = cycle(playbook.steps)
    if ring:
        yield Found(("steps", place[ring[0]], "after"), why("playbook.lint.cycle", steps=" → ".join(ring)), at_key=True)


def first_step_is_quick(playbook: Playbook, setting: Setting) -> Iterator[Found]:
    """There are steps at every level, and the first one is due within the response target."""
    place = {step.id: index for index, step in enumerate(playbook.steps)}
    for level in playbook.matches.levels:
        steps = playbook.steps_for(level)
        target = setting.response_min[level]
        if not steps:
            yield Found(("steps",), why("playbook.lint.no_steps", level=level), at_key=True)
        elif steps[0].limit_min is None or steps[0].limit_min > target:
            pointer = ("steps", place[steps[0].id], "limit_min")
            yield Found(pointer, why("playbook.lint.first_step_late", step=steps[0].id, level=level, target=target))


def life_comes_first(playbook: Playbook, _: Setting) -> Iterator[Found]:
    """Life-safety steps stand first and nothing else can be started before all of them are done."""
    place = {step.id: index for index, step in enumerate(playbook.steps)}
    for level in playbook.matches.levels:
        steps = playbook.steps_for(level)
        before = ancestors(steps)
        life = [step.id for step in steps if step.life_safety]
        others = [step.id for step in steps if not step.life_safety]
        for step_id in life:
            pointer = ("steps", place[step_id])
            above = [other for other in others if place[other] < place[step_id]]
            if above:
                yield Found(pointer, why("playbook.lint.life_safety_not_first", step=step_id, before=above[0]))
            waits = [other for other in others if other in before[step_id]]
            if waits:
                yield Found(pointer, why("playbook.lint.life_safety_waits", step=step_id, before=waits[0]))
        for other in others:
            open_ = [step_id for step_id in life if step_id not in before[other]]
            if open_:
                reason = why("playbook.lint.life_safety_open", step=other, before=", ".join(open_))
                yield Found(("steps", place[other]), reason)


def close_is_proved(playbook: Playbook, _: Setting) -> Iterator[Found]:
    """The close-out list has a functional test and a verification (S54, S60)."""
    listed = {item.id for item in playbook.closeout}
    for item in MUST_CLOSE:
        if item not in listed:
            yield Found(("closeout",), why("playbook.lint.close_unproved", item=item), at_key=True)


def review_is_current(playbook: Playbook, setting: Setting) -> Iterator[Found]:
    """Somebody has looked at the plan within its own period (S35)."""
    if setting.today > playbook.review_due():
        yield Found(
            ("reviewed",), why("playbook.lint.review_overdue", due=playbook.review_due(), owner=playbook.owner.en)
        )


def both_languages(playbook: Playbook, _: Setting) -> Iterator[Found]:
    """Half of the team cannot read the other half's language: no copied, no forgotten text."""
    for pointer, text in _texts(playbook, ()):
        if text.en.strip() == text.zh.strip() or not _has_chinese(text.zh):
            yield Found((*pointer, "zh"), why("playbook.lint.not_chinese"))
        if text.zh_hant is not None and not _has_chinese(text.zh_hant):
            yield Found((*pointer, "zh_hant"), why("playbook.lint.not_chinese"))
        if _has_chinese(text.en):
            yield Found((*pointer, "en"), why("playbook.lint.not_english"))


def ids_are_single(playbook: Playbook, _: Setting) -> Iterator[Found]:
    """An id names one step, one close-out item."""
    for part, ids in (("steps", [s.id for s in playbook.steps]), ("closeout", [c.id for c in playbook.closeout])):
        for index, one in enumerate(ids):
            if one in ids[:index]:
                yield Found((part, index, "id"), why("playbook.lint.duplicate_id", id=one))


RULES: Final[tuple[Rule, ...]] = (
    ladder_is_there,
    headquarters_comes_in_time,
    rungs_are_held,
    rungs_name_people_who_are_there,
    hours_are_of_a_known_country,
    some_rung_is_used_at_all_hours,
    management_is_told,
    edges_hold,
    first_step_is_quick,
    life_comes_first,
    close_is_proved,
    review_is_current,
    both_languages,
    ids_are_single,
)


def _has_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def _texts(part: object, pointer: Pointer) -> Iterator[tuple[Pointer, Text]]:
    if isinstance(part, Text):
        yield pointer, part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _texts(getattr(part, name), (*pointer, name))
    elif isinstance(part, tuple):
        for index, item in enumerate(part):
            yield from _texts(item, (*pointer, index))
