"""The fields of the form of a roster's layers, read and written: people one a line, hours one a line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from incident.errors import BadInput, Fault, IncidentError, why
from incident.organisation import Organisation
from incident.roster import Layer, Restriction, Roster, Weekday
from web.wire import parse

MOST: Final = 5
"""Layers in the form: what the fields of one form allow."""
_PLAIN: Final = ("id", "start", "handover", "handover_weekday", "timezone")
_FIELDS: Final = (*_PLAIN, "rotation", "period", "unit", "hours")
_DAYS: Final = {day.value: day for day in Weekday} | {day.value[:3]: day for day in Weekday}
_CHINESE: Final = {
    f"{week}{name}": day for week in ("周", "週", "星期") for name, day in zip("一二三四五六日", Weekday, strict=True)
}
_HOURS: Final = re.compile(r"([0-2]?\d:[0-5]\d)\s*[-–]\s*([0-2]?\d:[0-5]\d)", re.ASCII)


def layers_of(values: Mapping[str, str], organisation: Organisation) -> tuple[Layer, ...]:
    """The layers that a form describes; one without an id is left out. Raises BadInput, each fault at its field:
    also for none at all, which would take everybody off duty by one press."""
    found: list[Layer] = []
    faults: list[Fault] = []
    for number in range(MOST):
        typed = {field: values.get(f"{number}-{field}", "").strip() for field in _FIELDS}
        if not typed["id"]:
            continue
        try:
            found.append(_layer(number, typed, organisation))
        except BadInput as bad:
            faults += bad.faults
    if not found and not faults:
        faults.append(Fault("/0-id", why("rota.no_layer")))
    if faults:
        raise BadInput(*faults)
    return tuple(found)


def typed_of(roster: Roster) -> dict[str, str]:
    """The form's fields as the roster stands."""
    found: dict[str, str] = {"timezone": roster.timezone, "requires": ", ".join(roster.requires)}
    for number, layer in enumerate(roster.layers[:MOST]):
        minutes = layer.period_minutes is not None
        fields = {
            "id": layer.id,
            "rotation": "\n".join(layer.rotation),
            "start": layer.start.isoformat(),
            "handover": layer.handover.isoformat("auto" if layer.handover.second else "minutes"),
            "handover_weekday": str(layer.handover_weekday or ""),
            "period": str(layer.period_minutes if minutes else layer.period_days),
            "unit": "minutes" if minutes else "days",
            "timezone": layer.timezone or "",
            "hours": "\n".join(map(_said, layer.restrictions)),
        }
        found |= {f"{number}-{name}": value for name, value in fields.items()}
    return found


def required_of(values: Mapping[str, str]) -> tuple[str, ...]:
    """The skills that the roster is to ask for, each once, as they were typed between commas."""
    typed = (part.strip() for part in re.split(r"[,，、;；\n]", values.get("requires", "")))
    return tuple({part.casefold(): part for part in typed if part}.values())


def at_fields(error: IncidentError, organisation: Organisation, roster: Roster) -> IncidentError:
    """Faults of the whole organisation that lie in this roster's layers, at the fields of the form."""
    if not isinstance(error, BadInput):
        return error
    place = [one.id for one in organisation.rosters].index(roster.id)
    start = f"/rosters/{place}/layers/"
    moved = []
    for fault in error.faults:
        if fault.pointer.startswith(f"/rosters/{place}/requires"):
            moved.append(Fault("/requires", fault.reason))
            continue
        number, _, rest = fault.pointer.removeprefix(start).partition("/")
        ours = fault.pointer.startswith(start) and number.isdecimal()
        moved.append(Fault(_field(int(number), rest), fault.reason) if ours else fault)
    return BadInput(*moved)


def _layer(number: int, typed: Mapping[str, str], organisation: Organisation) -> Layer:
    body: dict[str, Any] = {field: typed[field] for field in _PLAIN if typed[field]}
    people, times = _lines(typed["rotation"]), _lines(typed["hours"])
    body["rotation"] = [_person(line, organisation, f"/{number}-rotation") for line in people]
    body["restrictions"] = [hours(line, f"/{number}-hours").model_dump(mode="json") for line in times]
    if typed["period"]:
        if not (typed["period"].isascii() and typed["period"].isdecimal()):
            raise BadInput(Fault(f"/{number}-period", why("api.wrong_form")))
        body["period_minutes" if typed["unit"] == "minutes" else "period_days"] = int(typed["period"][:9])
    try:
        return parse(Layer, body)
    except BadInput as bad:
        raise BadInput(*(Fault(_field(number, fault.pointer), fault.reason) for fault in bad.faults)) from None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _field(number: int, pointer: str) -> str:
    """The field of the form for a part of a layer."""
    first = pointer.lstrip("/").partition("/")[0]
    names = {"period_days": "period", "period_minutes": "period", "restrictions": "hours", "": "id"}
    return f"/{number}-{names.get(first, first)}"


def _person(text: str, organisation: Organisation, at: str) -> str:
    """The id of whoever is meant by an id, a name or an e-mail."""
    if organisation.person(text) is not None:
        return text
    folded = text.casefold()
    found = [p.id for p in organisation.people if folded in (p.name.casefold(), (p.email or "").casefold())]
    if len(found) == 1:
        return found[0]
    several = why("ical.several", names=", ".join(found[:4]))
    raise BadInput(Fault(at, several if found else why("rota.who_is", name=text[:60])))


def hours(line: str, at: str) -> Restriction:
    """`monday-friday 09:00-17:00`, `saturday sunday`, `18:00-08:00`; days in English, short or long, or in Chinese.

    Raises BadInput with the pointer `at`.
    """
    said = line.casefold()
    times = _HOURS.search(said)
    days: list[Weekday] = []
    for part in re.split(r"[\s,、]+", _HOURS.sub(" ", said, count=1).strip()):
        if not part:
            continue
        first, _, last = part.replace("–", "-").partition("-")
        one, other = _day(first, at), _day(last or first, at)
        days += [list(Weekday)[(one.number + n) % 7] for n in range((other.number - one.number) % 7 + 1)]
    body: dict[str, object] = {"days": list(dict.fromkeys(days))}
    if times:
        body |= {"start": times[1].rjust(5, "0"), "end": times[2].rjust(5, "0")}
    try:
        return parse(Restriction, body)
    except BadInput as bad:
        raise BadInput(*(Fault(at, fault.reason) for fault in bad.faults)) from None


def _day(word: str, at: str) -> Weekday:
    found = _DAYS.get(word) or _CHINESE.get(word)
    if found is None:
        raise BadInput(Fault(at, why("rota.which_hours", said=word[:30])))
    return found


def _said(one: Restriction) -> str:
    """As `hours` reads it."""
    times = "" if one.start == one.end else f"{one.start:%H:%M}-{one.end:%H:%M}"
    return " ".join([*(day.value for day in one.days), *([times] if times else [])]) or "00:00-00:00"
