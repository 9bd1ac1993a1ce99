"""Dimension A, response time: somebody has it, somebody commands by the playbook, the posts are held."""

from __future__ import annotations

from drills.measures import Item
from drills.score.expected import Expected
from drills.score.facts import Facts
from drills.score.profile import Profile
from drills.score.scale import tl
from drills.score.sheet import Line, Mark, Part, line, minutes
from incident.events import CommandTaken, PlaybookStarted, PostFilled
from incident.posts import Post


def acknowledge(facts: Facts, expected: Expected, profile: Profile) -> Mark:
    """The first human answer against the level's target."""
    target = expected.acknowledge_min
    answers = facts.answers()
    if not answers:
        lines: tuple[Line, ...] = (line(facts.last, "nobody_answered", target=minutes(target)),)
        return Mark(Item.ACKNOWLEDGE, profile.weights[Item.ACKNOWLEDGE], 0.0, lines, target_min=target)
    entry, first = answers[0]
    took = facts.since(entry)
    lines = (line(entry, "answered", person=first.person, took=minutes(took), target=minutes(target)),)
    weight = profile.weights[Item.ACKNOWLEDGE]
    return Mark(Item.ACKNOWLEDGE, weight, tl(took, target), lines, took_min=took, target_min=target)


def command(facts: Facts, expected: Expected, profile: Profile) -> Mark:
    """A commander in place and the playbook started: when the later of the two was so."""
    target, weight = expected.command_min, profile.weights[Item.COMMAND]
    taken, started = facts.of(CommandTaken), facts.of(PlaybookStarted)
    if not taken or not started:
        key = "no_command" if not taken else "not_started"
        return Mark(Item.COMMAND, weight, 0.0, (line(facts.last, key, target=minutes(target)),), target_min=target)
    entries = (taken[0][0], started[0][0])
    took = max(facts.since(entry) for entry in entries)
    lines = (
        line(taken[0][0], "commands", person=taken[0][1].person, took=minutes(took), target=minutes(target)),
        line(started[0][0], "started", playbook=started[0][1].playbook),
    )
    return Mark(Item.COMMAND, weight, tl(took, target), lines, took_min=took, target_min=target)


def posts(facts: Facts, expected: Expected, profile: Profile, helped: frozenset[str]) -> Mark:
    """The mean over the required posts. What the commander still holds for want of somebody is not filled."""
    parts = tuple(_post(facts, name, target, profile, name in helped) for name, target in expected.posts)
    ratio = sum(part.ratio for part in parts) / len(parts) if parts else None
    return Mark(Item.POSTS, profile.weights[Item.POSTS], ratio, parts=parts)


def _post(facts: Facts, name: str, target: float, profile: Profile, helped: bool) -> Part:
    filled = (
        [(entry, event.person) for entry, event in facts.of(CommandTaken)]
        if name == Post.COMMANDER
        else [(entry, event.person) for entry, event in facts.of(PostFilled) if event.post == name]
    )
    if not filled:
        return Part(name, 0.0, (line(facts.last, "post_empty", post=name, target=minutes(target)),), None, target)
    entry, person = filled[0]
    took = facts.since(entry)
    said = line(entry, "post_filled", post=name, person=person, took=minutes(took), target=minutes(target))
    ratio = min(tl(took, target), profile.helped) if helped else tl(took, target)
    return Part(name, ratio, (said,), took, target, helped)
