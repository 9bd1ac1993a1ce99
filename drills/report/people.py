"""Whose drill it was, who took part and who watched: what a report must say of people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drills.report.findings import by
from drills.report.page import tag
from drills.simulate.play import Played
from drills.story import Telling
from incident.events import Acknowledged, CommandTaken, PostFilled, StepFinished, Summoned


def whose(reader: Telling) -> Iterator[str]:
    """The unit; who sat at the table, or who acted and who was paged and did not; who watched."""
    say, played = reader.words, reader.played
    if reader.place:
        yield tag("p", say.t("drill.people.unit", unit=reader.place))
    here = list(played.observations.present) or _acted(played)
    told = [
        ("drill.people.present" if played.observations.present else "drill.people.acted", map(reader.name, here)),
        ("drill.people.silent", (reader.name(person) for person in _paged(played) if person not in here)),
        ("drill.people.watched", dict.fromkeys(by(reader, seen) for seen in played.observations.seen)),
    ]
    for key, people in told:
        if names := list(people):
            yield tag("p", say.t(key, names=say.t("list.comma").join(names)))


def _acted(played: Played) -> list[str]:
    """Who answered, held a post or did a step, in the order of the log."""
    acts = (e.event for e in played.entries)
    did = (Acknowledged, CommandTaken, PostFilled, StepFinished)
    return list(dict.fromkeys(act.person for act in acts if isinstance(act, did) and act.person))


def _paged(played: Played) -> Iterable[str]:
    found = [one for e in played.entries if e.kind == "paged" for one in getattr(e.event, "people", ())]
    return dict.fromkeys(one.person for one in found if isinstance(one, Summoned))
