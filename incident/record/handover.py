"""What one shift hands to the next: a reading of the board, the rosters and the windows at a moment. Pure.

A hand-over is the instant at which somebody else becomes primary of a roster. What belongs to it is open in the
roster's unit or beneath it, and whatever the person who goes off still commands anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, Literal

from incident.levels import Level
from incident.maintenance import Windows
from incident.organisation import Organisation
from incident.record.row import name_of
from incident.record.shapes import Instant, Who
from incident.record.urgency import Row, due_of, is_held, is_open, turn
from incident.roster import Absent, Roster, Shift, coming, duty
from incident.state import Incident

Which = Literal["last", "next"]
MOST: Final = 50
"""Incidents that are listed one by one; more are counted. Nobody reads more at a change of shift."""
FOLLOWING: Final = 3
"""Shifts after the one that begins."""
AHEAD: Final = timedelta(days=31)
_A_SHIFT: Final = timedelta(hours=12)
"""How far ahead one looks where nothing ends the shift."""
_BEFORE: Final = timedelta(microseconds=1)
_SHIFTS: Final = 100
"""Of one person after the other that are looked through for a hand-over."""


@dataclass(frozen=True, slots=True)
class Change:
    """Who goes off and who comes on, at which instant. None where nobody is on duty."""

    at: datetime
    off: Shift | None
    on: Shift | None


@dataclass(frozen=True, slots=True)
class Item:
    """An open incident. `state`: nobody (it rings), expired (it rings again), held (by maintenance), taken, solved.

    `owed` is what comes due next (a clock's name, update, answer, hold ...) and `owed_at` when; past means late.
    """

    incident: str
    code: str
    level: str
    title: str
    place: str | None
    drill: bool
    unit: str
    state: str
    who: Who | None
    said: str | None
    owed: str | None
    owed_at: Instant | None
    next_page_at: Instant | None
    until: Instant | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """Something of the shift that begins: a clock or an update of an incident, a window that opens or ends."""

    at: Instant
    what: str
    name: str
    incident: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A shift to come."""

    person: Who
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class HandOver:
    """`counts` is by level, of all that is open; `open` lists the first of them in the order of the wall, `unlisted`
    says how many more there are. `commands`: what the one who goes off still commands. `messages_held` are what the
    limits hold back now, in the whole house; `windows` are open at the hand-over."""

    roster: str
    roster_name: str
    unit: str
    unit_name: str
    at: Instant
    until: Instant | None
    off: Who | None
    on: Who | None
    counts: Mapping[str, int]
    open: tuple[Item, ...]
    unlisted: int
    unanswered: tuple[Item, ...]
    silenced: tuple[Item, ...]
    messages_held: int
    commands: tuple[Item, ...]
    windows: tuple[Ahead, ...]
    ahead: tuple[Ahead, ...]
    following: tuple[Turn, ...]


def change(roster: Roster, organisation: Organisation, now: datetime, which: Which) -> Change | None:
    """The last hand-over before now, or the next one; None when there is none within a month. Where the same person
    goes on, by a swap or in a rotation of one, nothing is handed over."""
    absent = organisation.absent_on(roster)
    mine = duty(roster, now, absent).primary
    if which == "last":
        return _begun(roster, mine, absent, now) if mine else None
    if mine is None:
        first = next((one for one in coming(roster, now, now + AHEAD, absent) if one.start > now), None)
        return Change(first.start, None, first) if first else None
    return _ended(roster, mine, absent, now)


def _begun(roster: Roster, mine: Shift, absent: Absent, now: datetime) -> Change | None:
    start = mine.start
    for _ in range(_SHIFTS):
        if now - start > AHEAD:
            break
        before = duty(roster, start - _BEFORE, absent).primary
        if before is None or before.person != mine.person:
            return Change(start, before, replace(mine, start=start))
        start = before.start
    return None


def _ended(roster: Roster, mine: Shift, absent: Absent, now: datetime) -> Change | None:
    end = mine.end
    for _ in range(_SHIFTS):
        if end - now > AHEAD:
            break
        after = duty(roster, end, absent).primary
        if after is None or after.person != mine.person:
            return Change(end, replace(mine, end=end), after)
        end = after.end
    return None


def hand_over(
    roster: Roster,
    change: Change,
    *,
    organisation: Organisation,
    rows: Iterable[Row],
    windows: Windows,
    locale: str,
    states: Mapping[str, Incident] | None = None,
    messages_held: int = 0,
) -> HandOver:
    """The summary. `rows` are the open incidents; `states` of those whose clocks are told all, not the nearest only."""
    off, on = (shift.person if shift else None for shift in (change.off, change.on))
    mine, theirs = _of_unit(roster.unit, rows, off, organisation)
    items = [_item(row, organisation, locale) for row in mine]
    until = change.on.end if change.on else None
    end = until or change.at + _A_SHIFT
    unit = organisation.unit(roster.unit)
    return HandOver(
        roster=roster.id,
        roster_name=roster.name.for_locale(locale),
        unit=roster.unit,
        unit_name=unit.name.for_locale(locale) if unit else roster.unit,
        at=change.at,
        until=until,
        off=_who(off, organisation),
        on=_who(on, organisation),
        counts={str(level): sum(row["level"] == level for row in mine) for level in Level},
        open=tuple(items[:MOST]),
        unlisted=max(0, len(items) - MOST),
        unanswered=tuple(item for item in items if item.state in ("nobody", "expired"))[:MOST],
        silenced=tuple(item for item in items if item.state in ("held", "expired"))[:MOST],
        messages_held=messages_held,
        commands=tuple(_item(row, organisation, locale) for row in theirs)[:MOST],
        windows=tuple(Ahead(one.end, "window_ends", one.window.name) for one in windows.open_at(change.at)),
        ahead=tuple(sorted(_ahead(mine[:MOST], states or {}, windows, change.at, end), key=lambda one: one.at)),
        following=tuple(_following(roster, organisation, end)),
    )


def _of_unit(
    name: str, rows: Iterable[Row], off: str | None, organisation: Organisation
) -> tuple[list[Row], list[Row]]:
    """What is open in the unit and beneath it, in the wall's order; and what `off` commands anywhere."""
    ordered = sorted(rows, key=turn)
    inside = {unit.id for unit in organisation.units if unit.id == name or name in organisation.ancestors(unit.id)}
    return [row for row in ordered if row["unit"] in inside], [
        row for row in ordered if off is not None and row["commander"] == off and not row["resolved_at"]
    ]


def _item(row: Row, organisation: Organisation, locale: str) -> Item:
    due, unit = due_of(row), organisation.unit(str(row["unit"]))
    held = (row.get("maintenance") or {}).get("until") if is_held(row) else None
    return Item(
        incident=row["id"],
        code=row["code"],
        level=row["level"],
        title=row["title"],
        place=row["place"],
        drill=row["drill"] is not None,
        unit=unit.name.for_locale(locale) if unit else row["unit"],
        state=_state(row),
        who=_who(row["commander"], organisation),
        said=row["last_update"],
        owed=(due.name or due.what) if due else None,
        owed_at=due.at if due else None,
        next_page_at=_at(row["next_at"]) if row["ringing"] else None,
        until=_at(held),
    )


def _state(row: Row) -> str:
    if is_held(row):
        return "held"
    if row.get("expired"):
        return "expired"
    if is_open(row):
        return "nobody"
    return "solved" if row["resolved_at"] else "taken"


def _ahead(
    rows: Sequence[Row], states: Mapping[str, Incident], windows: Windows, start: datetime, end: datetime
) -> Iterator[Ahead]:
    """What comes due from the hand-over up to the end of the shift that begins."""
    for row in rows:
        for name, at in _dues(row, states.get(row["id"])):
            if start <= at < end:
                what = "update" if name == "update" else "clock"
                yield Ahead(at, what, name, row["id"], row["code"])
    for one in windows.coming(start, end):
        yield Ahead(one.start, "window_starts", one.window.name)
    for one in windows.open_at(start):
        if one.end < end:
            yield Ahead(one.end, "window_ends", one.window.name)


def _dues(row: Row, state: Incident | None) -> Iterator[tuple[str, datetime]]:
    if is_held(row):
        return
    if row["update_due"]:
        yield "update", datetime.fromisoformat(row["update_due"])
    if state is None:
        if row["deadline"]:
            yield row["deadline"]["name"], datetime.fromisoformat(row["deadline"]["at"])
        return
    for name, clock in state.clocks.items():
        if clock.met_at is None and not clock.breached and state.resolved_at is None:
            yield name, clock.due


def _following(roster: Roster, organisation: Organisation, since: datetime) -> Iterator[Turn]:
    found = (one for one in coming(roster, since, since + AHEAD, organisation.absent_on(roster)) if one.start >= since)
    for one in islice(found, FOLLOWING):
        who = _who(one.person, organisation)
        assert who is not None
        yield Turn(who, one.start, one.end)


def _who(person: str | None, organisation: Organisation) -> Who | None:
    return Who(person, name_of(person, organisation) or person) if person else None


def _at(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
