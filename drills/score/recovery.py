"""Dimensions D and E: the service is back, the list is closed, the customers are content."""

from __future__ import annotations

from drills.measures import Item
from drills.score.expected import Expected
from drills.score.facts import Facts
from drills.score.observations import Observations
from drills.score.profile import Profile
from drills.score.scale import tl
from drills.score.sheet import Mark, Part, line, minutes
from incident.events import CloseoutTicked, Entry, Reopened, Resolved, Restored, Verified


def restored(facts: Facts) -> Entry | None:
    """The entry from which on the service was back for good: what a failed test or a reopening undid does not count."""
    found: Entry | None = None
    for entry in facts.entries:
        match entry.event:
            case Restored() | Resolved():
                found = found or entry
            case Verified(passed=False) | Reopened():
                found = None
            case _:
                continue
    return found


def restore(facts: Facts, expected: Expected, profile: Profile) -> Mark:
    """The restored service against its objective."""
    weight, target = profile.weights[Item.RESTORE], expected.restore_min
    entry = restored(facts)
    if entry is None:
        said = line(facts.last, "not_restored", target=minutes(target))
        return Mark(Item.RESTORE, weight, 0.0, (said,), target_min=target)
    took = facts.since(entry)
    said = line(entry, "restored", took=minutes(took), target=minutes(target))
    return Mark(Item.RESTORE, weight, tl(took, target), (said,), took_min=took, target_min=target)


def closeout(facts: Facts, expected: Expected, profile: Profile) -> Mark:
    """The share of the close-out list that was confirmed."""
    ticked = {event.item: entry for entry, event in reversed(facts.of(CloseoutTicked))}
    parts = tuple(
        Part(item, 1.0, (line(ticked[item], "ticked", item=item),))
        if item in ticked
        else Part(item, 0.0, (line(facts.last, "not_ticked", item=item),))
        for item in expected.closeout
    )
    ratio = sum(part.ratio for part in parts) / len(parts) if parts else None
    return Mark(Item.CLOSEOUT, profile.weights[Item.CLOSEOUT], ratio, parts=parts)


def satisfaction(facts: Facts, expected: Expected, profile: Profile, observations: Observations) -> Mark:
    """The mean of the answers, 1 as nothing and 5 as all. Too few answers are no observation."""
    weight, answers = profile.weights[Item.SATISFACTION], observations.answers
    by_position = {entry.position: entry for entry in facts.entries}
    lines = tuple(
        line(
            by_position.get(answer.position or 0, facts.last),
            "answer_played" if answer.played else "answer",
            value=minutes(answer.value),
        )
        for answer in answers
    )
    if len(answers) < profile.fewest_answers:
        few = line(facts.last, "few_answers", count=len(answers), fewest=profile.fewest_answers)
        return Mark(Item.SATISFACTION, weight, None, (*lines, few))
    mean = sum(answer.value for answer in answers) / len(answers)
    return Mark(Item.SATISFACTION, weight, (mean - 1) / 4, lines)
