"""The briefing of a planned drill: who was told, and who has said that they have read it.

An acknowledgement is of the plan as it was then: who read it before it was changed has to read it again. Nobody is
kept from starting it: it is said who has not acknowledged, and a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from incident.clock import iso
from incident.notify.briefing_news import Post
from incident.store import drill_plans
from incident.store.drill_plans import BriefRow, PlanRow


@dataclass(frozen=True, slots=True)
class Briefed:
    """One who takes part. `is_told`: of the plan as it is; `tried`: somebody wanted to tell them; `holds`: they have
    acknowledged the plan as it is."""

    person: str
    told_at: datetime | None
    acknowledged_at: datetime | None
    is_told: bool
    tried: bool
    holds: bool

    def as_dict(self) -> dict[str, object]:
        told, read = self.told_at, self.acknowledged_at
        return {
            "person": self.person,
            "told_at": iso(told) if told else None,
            "acknowledged_at": iso(read) if read else None,
            "acknowledged": self.holds,
        }


def standing(connection: Connection, row: PlanRow) -> list[Briefed]:
    """Everybody who takes part, in the order of the plan."""
    known = drill_plans.briefings(connection, row.id)
    return [_briefed(row, person, known.get(person)) for person in row.people]


def _briefed(row: PlanRow, person: str, one: BriefRow | None) -> Briefed:
    if one is None:
        return Briefed(person, None, None, is_told=False, tried=False, holds=False)
    return Briefed(
        person,
        one.told_at,
        one.acknowledged_at,
        is_told=(one.told_at is not None and one.told == row.changes) or one.acknowledged == row.changes,
        tried=True,
        holds=one.acknowledged == row.changes,
    )


def send(post: Post, row: PlanRow) -> None:
    """To whoever was not told of the plan as it is. The plan is held."""
    known = drill_plans.briefings(post.connection, row.id)
    for one in standing(post.connection, row):
        if not one.is_told:
            before = known.get(one.person, BriefRow(row.id, one.person))
            news = "changed" if one.told_at else "asked"
            _tell(post, row, before, news)


def changed(post: Post, row: PlanRow) -> None:
    """Who was told hears of it; who takes part no more, that too. Who is new is told when the briefing is sent."""
    for person, before in drill_plans.briefings(post.connection, row.id).items():
        if person in row.people:
            if before.told_at is not None:
                _tell(post, row, before, "changed")
        else:
            if before.told_at is not None:
                post.tell(row, person, "without")
            drill_plans.no_more(post.connection, row.id, person)


def cancelled(post: Post, row: PlanRow) -> None:
    """Who was told, or has read it without, hears of it."""
    for person in drill_plans.briefings(post.connection, row.id):
        post.tell(row, person, "cancelled")


def acknowledge(connection: Connection, row: PlanRow, person: str, now: datetime) -> None:
    """The first time counts. The plan is held."""
    before = drill_plans.briefings(connection, row.id).get(person, BriefRow(row.id, person, None, row.changes))
    if before.acknowledged != row.changes:
        drill_plans.brief(connection, replace(before, acknowledged_at=now, acknowledged=row.changes))


def _tell(post: Post, row: PlanRow, before: BriefRow, news: str) -> None:
    if post.tell(row, before.person, news):
        drill_plans.brief(post.connection, replace(before, told_at=post.now, told=row.changes))
    elif before.told_at is None:
        drill_plans.brief(post.connection, replace(before, told=row.changes))
