"""The board row: one incident as a wall, a list or a stream shows it, with names in place and times as ISO text.

It is made inside the desk's transaction and stored, so that everyone sees the same row for the same position.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from incident.clock import iso
from incident.deadlines import needless
from incident.hearing import limit
from incident.organisation import Organisation
from incident.state import Incident, PagedPerson

Row = Mapping[str, object]

_RUNS = ("next_at", "answer_due", "update_due", "update_owed_since", "deadline", "quiet")
"""What counts down. None of it while a drill is paused."""


def board_row(state: Incident, organisation: Organisation) -> dict[str, object]:
    """JSON-ready. `paged` is the chain of people in the order in which they were paged; rungs count from 1."""
    row = {**_what(state, organisation), **_alarm(state, organisation), **_progress(state)}
    return row | dict.fromkeys(_RUNS) if state.paused_at else row


def _what(state: Incident, organisation: Organisation) -> dict[str, object]:
    report, pinned = state.report, state.pinned
    unit = organisation.unit(report.unit)
    return {
        "id": state.id,
        "code": report.code,
        "seq": state.seq,
        "title": report.title,
        "kind": str(report.kind),
        "level": str(state.level),
        "phase": str(state.phase),
        "drill": report.drill,
        "paused": state.paused_at is not None,
        "place": report.place,
        "product": report.product,
        "customer": report.customer,
        "unit": report.unit,
        "unit_name": unit.name.as_dict() if unit else None,
        "policy": pinned.policy if pinned else None,
        "playbook": pinned.playbook if pinned else None,
        "opened_at": iso(state.opened_at),
        "missing": list(report.missing),
    }


def _alarm(state: Incident, organisation: Organisation) -> dict[str, object]:
    alarm = state.alarm
    return {
        "commander": state.commander,
        "commander_name": name_of(state.commander, organisation),
        "ringing": alarm.ringing,
        "expired": state.expired,
        "asked": state.quiet.warned,
        "quiet": _quiet(state),
        "maintenance": _maintenance(state),
        "unreachable": state.unreachable,
        "rung": alarm.rung + 1,
        "rungs": len(state.pinned.ladder) if state.pinned else 0,
        "next_at": _iso(alarm.next_at),
        "paged": [
            {
                "person": p.person,
                "name": name_of(p.person, organisation),
                "rung": p.rung + 1,
                "at": iso(p.at),
                "answer": p.answer,
                "delivered": p.delivered,
            }
            for p in _last_of_each(state)
        ],
        "answer_due": _iso(state.clocks["response"].due) if "response" in state.clocks else None,
    }


def _quiet(state: Incident) -> dict[str, str] | None:
    """Since when nothing was heard of those who have it, and until when their answer holds."""
    since, until = state.quiet.heard_at, limit(state)
    return {"since": iso(since), "until": iso(until)} if since and until else None


def _maintenance(state: Incident) -> dict[str, object] | None:
    found = state.maintenance
    if found is None:
        return None
    return {"window": found.window, "name": found.name, "until": iso(found.until), "held": state.held}


def _progress(state: Incident) -> dict[str, object]:
    running = [c for c in state.clocks.items() if c[1].met_at is None and not needless(state, c[0])]
    nearest = min(running, key=lambda c: c[1].due, default=None)
    return {
        "update_due": _iso(state.word.due),
        "update_owed_since": _iso(state.word.owed_since) if state.word.due else None,
        "last_update": state.word.text,
        "deadline": {"name": nearest[0], "at": iso(nearest[1].due)} if nearest and not state.phase.over else None,
        "breached": sorted(n for n, c in state.clocks.items() if c.breached or (c.met_at and c.met_at > c.due)),
        "steps_done": sum(s.status in ("done", "skipped") for s in state.steps.values()),
        "steps_total": len(state.steps),
        "restored_percent": state.restored_percent,
        "customers_affected": state.customers_affected,
        "recovered_at": _iso(state.recovered_at),
        "resolved_at": _iso(state.resolved_at),
        "closed_at": _iso(state.closed_at),
        "merged_into": state.merged_into,
    }


def name_of(person: str | None, organisation: Organisation) -> str | None:
    """The name of a person, or the id itself for somebody who has left the directory."""
    if person is None:
        return None
    found = organisation.person(person)
    return found.name if found else person


def _last_of_each(state: Incident) -> list[PagedPerson]:
    latest = {p.person: p for p in state.alarm.paged}
    return sorted(latest.values(), key=lambda p: (p.page, p.rung))


def _iso(at: datetime | None) -> str | None:
    return iso(at) if at else None
