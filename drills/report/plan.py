"""The improvement plan on paper: as it was agreed, and beside it how each action stands on the day of printing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from drills.report.findings import Area
from drills.report.page import table, tag
from drills.story import Telling

_FIELDS = ("area", "action", "owner", "start", "due", "element")


@dataclass(frozen=True, slots=True)
class Line:
    """An action as it was agreed, how it stands, and what of it is another now."""

    agreed: Mapping[str, str | None]
    state: str
    changed: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Now:
    """The plan of a kept drill as it stands on a day."""

    day: date
    lines: Sequence[Line]


def plan(reader: Telling, found: Sequence[Area], now: Now | None) -> Iterator[str]:
    """What was agreed; for areas without an action yet, a line to write on with the element already named."""
    say = reader.words
    lines = now.lines if now else [Line(one.model_dump(mode="json"), "", {}) for one in reader.played.observations.plan]
    if not lines and not found:
        yield tag("p", say.t("drill.report.none"))
        return
    if now and lines:
        yield tag("p", say.t("improve.printed", day=now.day), "quiet")
    known = {line.agreed["area"] for line in lines}
    rows = [_row(reader, line.agreed) for line in lines]
    rows += [_open(reader, area) for area in found if area.name not in known]
    named = {name: say.t(f"drill.column.{name}") for name in _FIELDS}
    head = [f"{named['area']} / {named['element']}", named["action"], named["owner"]]
    head.append(f"{named['start']} / {named['due']}")
    if not (now and lines):
        yield table(head, rows, widths=(22, 42, 20, 16))
        return
    for place, row in enumerate(rows):
        row.append(_state(reader, lines[place]) if place < len(lines) else "")
    yield table([*head, say.t("improve.now")], rows, widths=(18, 29, 13, 16, 24))


def _row(reader: Telling, agreed: Mapping[str, str | None]) -> list[str]:
    days = [f'<span class="day">{escape(agreed[name] or "")}</span>' for name in ("start", "due") if agreed[name]]
    return [
        _area(reader, agreed["area"] or "", agreed["element"] or ""),
        escape(agreed["action"] or ""),
        escape(agreed["owner"] or ""),
        "<br>".join(days),
    ]


def _open(reader: Telling, area: Area) -> list[str]:
    """A line to write on."""
    return [_area(reader, area.name, area.element), '<div class="blank"></div>', "", ""]


def _area(reader: Telling, name: str, element: str) -> str:
    return f'{escape(name)}<br><span class="quiet">{escape(reader.words.t(f"drill.element.{element}"))}</span>'


def _state(reader: Telling, line: Line) -> str:
    """How it stands, and what is another now than what was agreed."""
    say, parts = reader.words, [f"<b>{escape(line.state)}</b>"]
    for name in _FIELDS:
        if name in line.changed:
            value = line.changed[name] or "-"
            told = say.t(f"drill.element.{value}") if name == "element" else value
            parts.append(escape(say.t("improve.is_now", field=say.t(f"drill.column.{name}"), value=told)))
    return "<br>".join(parts)
