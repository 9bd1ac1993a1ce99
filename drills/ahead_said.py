"""What a plan says of a drill, as lines: for its report, where whoever reads it later asks who was told what."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from drills.story import Telling
from incident.store.drill_plans import PlanRow


def local(row: PlanRow) -> str:
    """When it starts on the clock of its own zone, with the zone: who reads it may live in another."""
    return f"{row.starts_at.astimezone(ZoneInfo(row.zone)):%Y-%m-%d %H:%M} {row.zone}"


def on_paper(reader: Telling, row: PlanRow | None) -> list[str]:
    """Nothing for a drill that was started on the spot."""
    if row is None:
        return []
    say = reader.words
    lines = [say.t("ahead.report", when=local(row), place=row.place)]
    for key in ("players", "controllers", "evaluators"):
        if names := [reader.name(person) for person in getattr(row, key)]:
            lines.append(say.t(f"ahead.report.{key}", names=say.t("list.comma").join(names)))
    return lines
