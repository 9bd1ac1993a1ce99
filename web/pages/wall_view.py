"""What the wall says about one board row, and in which order rows stand: for the first paint.

Twin of static/wall_view.js, which takes over in the browser; a test in a real browser holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from incident.levels import Level
from incident.record.urgency import AFTER, Due, Row, due_of, is_held, is_open, turn
from web.say import TEN_HOURS_S, Reader, instant

SOON_S: Final = 300
"""A deadline whose beginning is not known turns amber when so many seconds are left."""


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Unanswered Criticals first, real ones before a drill's, then by what runs out next."""

    return sorted(rows, key=lambda row: (turn(row), row["opened_at"]))


def view(row: Row, reader: Reader) -> dict[str, Any]:
    """Everything that templates/wall_row.html shows."""
    due = due_of(row)
    left = (due.at - reader.now).total_seconds() if due else 0.0
    share = None
    if due and due.since and 0 <= left < TEN_HOURS_S:
        share = min(1.0, left / (due.at - due.since).total_seconds())
    late = due is not None and left < 0
    warn = due is not None and not late and (left < SOON_S if share is None else share <= 0.25)
    t = reader.words.t
    return {
        "id": row["id"],
        "code": row["code"],
        "level": row["level"],
        "state": " ".join(("open" if is_open(row) else "taken", "late" if late else "warn" if warn else "calm")),
        "numeral": Level(row["level"]).numeral,
        "word": t(f"level.{row['level']}"),
        "drill": row["drill"],
        "title": row["title"],
        "says": _says(row, reader),
        "brief": _brief(row, due, late, reader),
        "line": _line(row, due, reader),
        "count": reader.until(due.at) if due else "",
        "note": _note(due, late, reader) if due else "",
        "share": None if share is None else round(share * 1000),
    }


def _says(row: Row, reader: Reader) -> str:
    t = reader.words.t
    if row.get("paused"):
        return t("wall.paused")
    if is_held(row):
        return t("wall.held", name=row["maintenance"]["name"])
    if row.get("expired") and is_open(row):
        return t("wall.expired", name=row["commander_name"])
    if is_open(row):
        return t("wall.unreachable" if row["unreachable"] else "wall.nobody")
    if not row["commander"]:
        return t("wall.solved")
    key = f"wall.{row['phase']}" if row["phase"] in AFTER else "wall.commander"
    return t(key, name=row["commander_name"])


def _brief(row: Row, due: Due | None, late: bool, reader: Reader) -> str:
    """What there is room for in one line: that nobody has it, what was missed, or else the name of who has it."""
    if is_open(row) or row.get("paused") or not row["commander"]:
        return _says(row, reader)
    return _note(due, late, reader) if due and late else str(row["commander_name"])


def _line(row: Row, due: Due | None, reader: Reader) -> str:
    unit = reader.text(row["unit_name"] or row["unit"])
    parts = [*_ladder(row, reader), unit] if is_open(row) else _work(row, due, unit, reader)
    return " · ".join(part for part in (*parts, row["place"]) if part)


def _ladder(row: Row, reader: Reader) -> list[str]:
    t, parts = reader.words.t, []
    if row["paged"]:
        parts.append(t("wall.paged", chain=_chain(row["paged"])))
    if row["ringing"]:
        parts.append(t("wall.rung", n=row["rung"], of=row["rungs"]))
        if row["next_at"] and _left(row["next_at"], reader) > 0:
            parts.append(t("wall.next_rung", span=reader.until(row["next_at"])))
    return parts


def _work(row: Row, due: Due | None, unit: str, reader: Reader) -> list[str]:
    t, quiet = reader.words.t, _quiet(row, reader)
    parts = [quiet, unit] if quiet else [unit]  # what is worrying first: the line is cut at its end
    if row["steps_total"]:
        parts.append(t("wall.steps", done=row["steps_done"], total=row["steps_total"]))
    if row["restored_percent"] is not None:
        parts.append(t("wall.restored", percent=row["restored_percent"]))
    if row["update_due"] and due and due.what != "update":
        parts.append(t("wall.next_update", span=reader.span(_left(row["update_due"], reader))))
    return parts


def _quiet(row: Row, reader: Reader) -> str:
    """How long nothing was heard of who has it, once half of the time is gone after which it pages again."""
    quiet = row.get("quiet")
    if not quiet or -_left(quiet["since"], reader) < _left(quiet["until"], reader):
        return ""
    return reader.words.t("wall.quiet_for", span=reader.span(-_left(quiet["since"], reader)))


def _left(at: str, reader: Reader) -> float:
    return (instant(at) - reader.now).total_seconds()


def _chain(paged: list[Row]) -> str:
    """The last three people who were paged; a cross behind those who passed it on or could not be reached."""
    names = [f"{p['name']} ✕" if p["answer"] else p["name"] for p in paged[-3:]]
    return " → ".join(["…", *names] if len(paged) > 3 else names)


def _note(due: Due, late: bool, reader: Reader) -> str:
    t, way = reader.words.t, "past" if late else "to"
    if due.what == "clock":
        return t(f"wall.{way}.clock", clock=t(f"clock.{due.name}"))
    return t(f"wall.{way}.{due.what}")
