"""What a plan says of a drill, as lines: for its report, where whoever reads it later asks who was told what."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from drills.briefing import Briefed
from drills.story import Telling
from incident.store.drill_plans import PlanRow


def local(row: PlanRow) -> str:
    """When it starts on the clock of its own zone, with the zone: who reads it may live in another."""
    return f"{row.starts_at.astimezone(ZoneInfo(row.zone)):%Y-%m-%d %H:%M} {row.zone}"


def on_paper(reader: Telling, row: PlanRow | None, briefed: Sequence[Briefed] = ()) -> list[str]:
    """Nothing for a drill that was started on the spot."""
    if row is None:
        return []
    say = reader.words
    lines = [say.t("ahead.report", when=local(row), place=row.place)]
    for key in ("players", "controllers", "evaluators"):
        if names := [reader.name(person) for person in getattr(row, key)]:
            lines.append(say.t(f"ahead.report.{key}", names=say.t("list.comma").join(names)))
    lines += _briefing(reader, briefed)
    return lines


def _briefing(reader: Telling, briefed: Sequence[Briefed]) -> list[str]:
    """Who had read it before it started, and who had not."""
    say = reader.words
    if not any(one.told_at or one.acknowledged_at for one in briefed):
        return [say.t("briefing.report.none")]
    read = [
        f"{reader.name(one.person)} ({reader.day(at)} {at.astimezone(reader.zone):%H:%M})"
        for one in briefed
        if one.holds and (at := one.acknowledged_at)
    ]
    lacking = [reader.name(one.person) for one in briefed if not one.holds]
    told = [("briefing.report.read", read), ("briefing.report.lacking", lacking)]
    return [say.t(key, names=say.t("list.comma").join(names)) for key, names in told if names]
