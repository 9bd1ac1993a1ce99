"""Why somebody was paged: rung, roster, layer and rule for each page, and who was asked before with what they said.

Read from the log alone, as it was written then: today's rosters and rules have no say in it. Today's directory gives
names, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from incident.errors import Reason, why
from incident.events import (
    Acknowledged,
    Declined,
    Entry,
    Escalated,
    Graded,
    Paged,
    PageDelivered,
    PageFailed,
    Regraded,
    Reported,
    Rung,
)
from incident.record.shapes import Instant, Why
from incident.record.view import Reader

EXPIRED: Final = "acknowledgement_expired"
"""The entry that takes back an answer of whom nothing was heard any more."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody made of being asked. `answer` is taken, declined, unreachable, expired or silent; `at` is when,
    None for silence; `delivered_at` is when it first reached them."""

    person: str
    name: str
    page: int
    rung: int
    asked_at: Instant
    answer: str
    at: Instant | None
    via: str | None
    note: str | None
    delivered_at: Instant | None


@dataclass(frozen=True, slots=True)
class Passed:
    """Somebody whom the ladder passed over on its way to this page, and why."""

    person: str
    name: str
    reason: Why


@dataclass(frozen=True, slots=True)
class PageWhy:
    """One page to one person. Rungs count from 1; `round` is 0 for the first time up the ladder.

    `reason` is why this person (roster, layer, override), `because` why a page at all (opened, silence, passed on),
    `grading` and `routed` are the rules that brought it to this ladder. `before` are those who were asked earlier, as
    they stood then; `gaps` are rungs that nobody held on the way here, `passed` people who could not be asked; `heard`
    is what became of this very page. `time` counts how often the rung has been paged.
    """

    seq: int
    page: int
    at: Instant
    person: str
    name: str
    rung: int
    rungs: int
    round: int
    tier: str
    who: str | None
    function: str | None
    wait_s: int | None
    reason: Why
    because: Why
    level: str
    grading: tuple[Why, ...]
    unit: str
    routed: Why
    playbook: Why | None
    before: tuple[Heard, ...]
    gaps: tuple[Why, ...]
    passed: tuple[Passed, ...]
    time: int
    heard: Heard


@dataclass(slots=True)
class _Log:
    """What the log has said so far. `asked` holds each page to each person, in order."""

    reader: Reader
    report: Reported | None = None
    ladder: tuple[Rung, ...] = ()
    level: str = ""
    grading: tuple[Reason, ...] = ()
    playbook: Reason | None = None
    climbed: list[Escalated] = field(default_factory=list)
    asked: dict[tuple[int, str], Heard] = field(default_factory=dict)
    pages: list[PageWhy] = field(default_factory=list)


def pages_of(entries: Iterable[Entry], reader: Reader) -> list[PageWhy]:
    """Every page to every person, the oldest first."""
    found = _Log(reader)
    for entry in entries:
        _read(found, entry)
    return [replace(page, heard=found.asked[page.page, page.person]) for page in found.pages]


def _read(found: _Log, entry: Entry) -> None:
    match entry.event:
        case Reported() as report:
            found.report = report
        case Graded() as graded:
            found.ladder, found.level, found.grading = graded.ladder, str(graded.level), graded.reasons
            found.playbook = graded.playbook_reason
        case Regraded() as regraded:
            said = why("grade.regraded", was=regraded.was, level=regraded.level, said=regraded.reason)
            found.ladder, found.level, found.grading = regraded.ladder, str(regraded.level), (said,)
        case Escalated() as climbed:
            found.climbed.append(climbed)
        case Paged() as paged:
            _paged(found, entry, paged)
            found.climbed.clear()
        case _:
            _answered(found, entry)


def _answered(found: _Log, entry: Entry) -> None:
    match entry.event:
        case PageDelivered(page=page, person=person):
            _became(found, person, page, delivered_at=entry.at)
        case PageFailed(page=page, person=person, way=way):
            _became(found, person, page, answer="unreachable", at=entry.at, via=way)
        case Declined(person=person, via=via, note=note):
            _became(found, person, None, answer="declined", at=entry.at, via=via, note=note)
        case Acknowledged(person=person, via=via):
            _became(found, person, None, answer="taken", at=entry.at, via=via)
        case _ if entry.kind == EXPIRED:
            for (page, person), heard in list(found.asked.items()):
                if heard.answer == "taken":
                    found.asked[page, person] = replace(heard, answer="expired", at=entry.at)
        case _:
            return


def _became(found: _Log, person: str, page: int | None, **news: object) -> None:
    """One page of theirs, or the last one, by which they answered."""
    if page is None:
        page = max((number for number, name in found.asked if name == person), default=None)
    if page is not None and (heard := found.asked.get((page, person))):
        found.asked[page, person] = replace(heard, **news)  # type: ignore[arg-type]


def _paged(found: _Log, entry: Entry, paged: Paged) -> None:
    reader, report = found.reader, found.report
    assert report is not None
    rung = found.ladder[paged.rung] if paged.rung < len(found.ladder) else None
    unit = reader.organisation.unit(report.unit)
    before = _last_of_each(found.asked.values())
    remarks = [*(remark for one in found.climbed for remark in one.remarks), *paged.remarks]
    passed = tuple(Passed(r.person, reader.who(r.person).name, reader.why(r.reason)) for r in remarks)
    gaps = tuple(reader.why(one.reason) for one in found.climbed if one.reason != paged.reason)
    for summoned in paged.people:
        person = summoned.person
        heard = _silent(reader, person, paged, entry.at)
        found.asked[paged.page, person] = heard
        found.pages.append(
            PageWhy(
                seq=entry.seq,
                page=paged.page,
                at=entry.at,
                person=person,
                name=heard.name,
                rung=paged.rung + 1,
                rungs=len(found.ladder),
                round=paged.round,
                tier=str(paged.tier),
                who=str(rung.who) if rung and not paged.round else None,
                function=rung.function if rung else None,
                wait_s=rung.wait_s if rung else None,
                reason=reader.why(summoned.reason),
                because=reader.why(paged.reason),
                level=found.level,
                grading=tuple(reader.why(reason) for reason in found.grading),
                unit=unit.name.for_locale(reader.words.locale) if unit else report.unit,
                routed=reader.why(report.routed),
                playbook=reader.why(found.playbook) if found.playbook else None,
                before=tuple(one for one in before if one.person != person),
                gaps=gaps,
                passed=passed,
                time=paged.time,
                heard=heard,
            )
        )


def _silent(reader: Reader, person: str, paged: Paged, at: datetime) -> Heard:
    return Heard(person, reader.who(person).name, paged.page, paged.rung + 1, at, "silent", None, None, None, None)


def _last_of_each(asked: Iterable[Heard]) -> Sequence[Heard]:
    return list({one.person: one for one in asked}.values())
