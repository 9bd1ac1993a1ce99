"""Whose drill it was, who took part and who watched: what a report must say of people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drills.report.findings import by
from drills.report.page import tag
from drills.simulate.play import Played
from drills.story import Telling
from incident.events import Acknowledged, CommandTaken, Declined, PostFilled, StepFinished, Summoned, Verified


def whose(reader: Telling) -> Iterator[str]:
    """The unit; who sat at the table, or who acted, who passed it on and who was paged and did nothing; who watched."""
    say, played = reader.words, reader.played
    if reader.place:
        yield tag("p", say.t("drill.people.unit", unit=reader.place))
    here = list(played.observations.present) or _acted(played)
    passed = [person for person in _who(played, Declined) if person not in here]
    told = [
        ("drill.people.present" if played.observations.present else "drill.people.acted", map(reader.name, here)),
        ("drill.people.passed", map(reader.name, passed)),
        ("drill.people.silent", map(reader.name, _silent(played, {*here, *passed}))),
        ("drill.people.watched", dict.fromkeys(by(reader, seen) for seen in played.observations.seen)),
    ]
    for key, people in told:
        if names := list(people):
            yield tag("p", say.t(key, names=say.t("list.comma").join(names)))


def _acted(played: Played) -> list[str]:
    """Who answered, held a post, did a step or tested the solution, in the order of the log."""
    return _who(played, Acknowledged, CommandTaken, PostFilled, StepFinished, Verified)


def _who(
    played: Played, *did: type[Acknowledged | CommandTaken | Declined | PostFilled | StepFinished | Verified]
) -> list[str]:
    acts = (e.event for e in played.entries)
    return list(dict.fromkeys(act.person for act in acts if isinstance(act, did) and act.person))


def _silent(played: Played, heard: set[str]) -> Iterable[str]:
    """Who was paged and never heard of: whoever only wrote a note has done something that the log shows."""
    heard |= {e.by.removeprefix("person:") for e in played.entries}
    found = [one for e in played.entries if e.kind == "paged" for one in getattr(e.event, "people", ())]
    return dict.fromkeys(one.person for one in found if isinstance(one, Summoned) and one.person not in heard)
