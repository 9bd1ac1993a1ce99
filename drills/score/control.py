"""Dimension C, risk control: carried to those who must know, contained in time, and the word kept."""

from __future__ import annotations

from drills.measures import Item
from drills.score.expected import Expected
from drills.score.facts import Facts
from drills.score.handling import done_steps
from drills.score.observations import Observations
from drills.score.profile import Profile
from drills.score.scale import f2, tl, word
from drills.score.sheet import Line, Mark, Part, line, minutes
from drills.script.model import Escalation
from incident.events import (
    Acknowledged,
    CommandOffered,
    CommandTaken,
    Entry,
    Notified,
    Paged,
    PostFilled,
    Resolved,
    Updated,
)
from incident.posts import Tier


def reached(facts: Facts) -> dict[str, Entry]:
    """Whom it was carried to, with the first entry that shows it: tiers by people drawn in, audiences by updates."""
    found: dict[str, Entry] = {}
    for entry in facts.entries:
        for name in _reaches(facts, entry):
            found.setdefault(name, entry)
    return found


def _reaches(facts: Facts, entry: Entry) -> list[str]:
    match entry.event:
        case Updated(audience=audience):
            return [] if audience == "internal" else [audience]
        case Paged() as paged:
            tiers = [facts.cast.get(summoned.person, paged.tier) for summoned in paged.people]
        case Notified() as told:
            tiers = [facts.cast[s.person] for s in told.people if s.person in facts.cast]
        case Acknowledged(person=person) | CommandTaken(person=person) | PostFilled(person=person):
            tiers = [facts.cast[person]] if person in facts.cast else []
        case CommandOffered(to=to):
            tiers = [facts.cast[to]] if to in facts.cast else []
        case _:
            return []
    return [str(tier) for tier in tiers if tier is not Tier.FIELD]


def escalation(facts: Facts, expected: Expected, profile: Profile, helped: frozenset[str]) -> Mark:
    """F2 of the targets that had to be reached against those that were, on time. Late is as good as missed; whoever
    was drawn in without need lowers the precision."""
    weight, found = profile.weights[Item.ESCALATION], reached(facts)
    wanted = [each for each in expected.escalations if not each.optional]
    if not wanted:
        return Mark(Item.ESCALATION, weight, None)
    parts = tuple(_target(facts, each, found.get(each.to), profile, each.to in helped) for each in wanted)
    right = {each.to for each in expected.escalations}
    needless = [line(entry, "needless", drill_to=name) for name, entry in sorted(found.items()) if name not in right]
    ratio = f2(sum(part.ratio for part in parts), len(parts), len(needless))
    return Mark(Item.ESCALATION, weight, ratio, tuple(needless), parts)


def _target(facts: Facts, wanted: Escalation, entry: Entry | None, profile: Profile, helped: bool) -> Part:
    target = float(wanted.within_min)
    if entry is None:
        said = line(facts.last, "not_reached", drill_to=wanted.to, target=minutes(target))
        return Part(wanted.to, 0.0, (said,), None, target)
    took = facts.since(entry)
    said = line(entry, "reached", drill_to=wanted.to, took=minutes(took), target=minutes(target))
    ratio = (profile.helped if helped else 1.0) if took <= target else 0.0
    return Part(wanted.to, ratio, (said,), took, target, helped)


def containment(facts: Facts, expected: Expected, profile: Profile) -> Mark:
    """When the last of the steps that contain it was done."""
    weight, target = profile.weights[Item.CONTAINMENT], expected.containment_min
    if not expected.containment:
        return Mark(Item.CONTAINMENT, weight, None)
    done = done_steps(facts)
    lines: list[Line] = []
    for step in expected.containment:
        if step in done:
            took = minutes(facts.since(done[step].ended))
            lines.append(line(done[step].ended, "step_done", step=step, person=done[step].person, took=took))
        else:
            lines.append(line(facts.last, "step_open", step=step))
    if any(step not in done for step in expected.containment):
        return Mark(Item.CONTAINMENT, weight, 0.0, tuple(lines), target_min=target)
    last = max(facts.since(done[step].ended) for step in expected.containment)
    return Mark(Item.CONTAINMENT, weight, tl(last, target), tuple(lines), took_min=last, target_min=target)


def the_word(facts: Facts, expected: Expected, profile: Profile, observations: Observations) -> Mark:
    """The share of the time in which the word was not overdue, from zero until it was resolved (or the drill ends).

    The rhythm is judged, not the haste: with it alone a later act can be the better one.
    """
    weight, cadence = profile.weights[Item.WORD], expected.cadence_min
    resolved = facts.of(Resolved)
    end = resolved[-1][0] if resolved else facts.last
    ended_at = end.at if resolved or observations.ended_at is None else max(end.at, observations.ended_at)
    updates = [entry for entry, _ in facts.of(Updated) if facts.zero.at < entry.at < ended_at]
    gaps: list[float] = []
    lines: list[Line] = []
    before = facts.zero.at
    for at, entry in (*((entry.at, entry) for entry in updates), (ended_at, end)):
        gap = max(0.0, facts.between(before, at))
        gaps.append(gap)
        if gap > cadence:
            lines.append(line(entry, "word_gap", gap=minutes(gap), cadence=minutes(cadence)))
        before = at
    kept = line(updates[-1] if updates else end, "word_kept", updates=len(updates), cadence=minutes(cadence))
    ratio = word(gaps, cadence)
    return Mark(Item.WORD, weight, ratio, tuple(lines) or (kept,), target_min=cadence)
