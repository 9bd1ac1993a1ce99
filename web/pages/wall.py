"""The wall: painted once by the server from the board, then kept alive by the stream (static/wall.js)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from incident.levels import Level
from incident.maintenance import Windows
from incident.organisation import Organisation, Person, Role
from incident.store import board, findings, lineup, log, outbox, signs
from incident.store.board import Filter
from incident.store.engine import reading
from web import drills_due
from web.audit import AUDIT_MOST_S, Standing
from web.auth import needs
from web.house import house_of
from web.hub import BEAT_S
from web.load import flood_line, told
from web.pages.wall_view import in_order, view
from web.render import page, reader_of, some_words
from web.say import Reader

WORDS: Final = ("time.", "wall.", "entry.", "level.", "clock.")
FIRST_PAINT: Final = 12
"""Rows that the server draws beside the Criticals: more never fit, and the script knows them all."""
TICKER: Final = 4
ON_DUTY: Final = "response"


@needs(Role.VIEWER)
def wall(request: Request) -> HTMLResponse:
    house = house_of(request)
    reader, organisation = reader_of(request), house.directory.organisation()
    with reading(house.engine) as connection:
        position = log.last_position(connection)
        rows = [listed.as_dict() for listed in lineup.for_wall(connection)]
        counts = board.counts(connection)
        facts = _facts(connection, organisation, house.directory.windows(), reader)
        last = log.after(connection, max(0, position - TICKER), TICKER)
        audit = Standing.read(connection, house).heartbeat(house)
        load = told(connection, house)
    shown = in_order(rows)
    painted = [row for n, row in enumerate(shown) if n < FIRST_PAINT or row["level"] == Level.CRITICAL]
    codes = {row["id"]: row["code"] for row in rows}
    ticker = [{"at": e.at, "code": codes[e.incident], "kind": e.kind} for e in reversed(last) if e.incident in codes]
    root = organisation.unit(organisation.root)
    return page(
        request,
        "wall.html",
        rows=[view(row, reader) for row in painted],
        board={"position": position, "open": counts, "items": rows, "audit": audit, "load": load},
        trouble=trouble(audit, reader),
        flood=flood_line(load, reader),
        counts=counts,
        drill=any(row["drill"] for row in rows),
        facts=facts,
        ticker=ticker,
        name=root.name if root else "",
        words=some_words(reader.words, WORDS),
        stream="/api/stream",
        heartbeat=BEAT_S,
    )


@needs(Role.VIEWER)
def facts(request: Request) -> Response:
    """What changes on a wall without an entry: who is on call, the last Critical, the proof of the pager."""
    house = house_of(request)
    with reading(house.engine) as connection:
        directory = house.directory
        return JSONResponse(_facts(connection, directory.organisation(), directory.windows(), reader_of(request)))


def trouble(audit: Mapping[str, Any], reader: Reader) -> str:
    """What the banner says of the last audit, empty while all is well. Twin of `trouble` in static/wall_audit.js."""
    t, first = reader.words.t, audit["first"]
    if audit["age_s"] is not None and audit["age_s"] > AUDIT_MOST_S:
        return t("wall.audit.stale", span=reader.span(audit["age_s"]))
    if first is None:
        return ""
    what = t(f"wall.audit.{first['rule']}", code=first["code"])
    if audit["found"] > 1:
        what = t("wall.audit.more", what=what, n=audit["found"] - 1)
    return t("wall.audit.since", what=what, at=reader.clock(first["at"]))


def _facts(connection: Any, organisation: Organisation, windows: Windows, reader: Reader) -> Mapping[str, Any]:
    last = board.listing(connection, Filter(level=Level.CRITICAL, drill=False), limit=1)
    opened = datetime.fromisoformat(str(last[0].as_dict()["opened_at"])) if last else None
    pager = _pager(connection, reader)
    return {
        "on_call": on_call(organisation, reader),
        "critical": _critical(opened, reader),
        "drill": drills_due.upcoming(connection, organisation, reader),
        "pager": pager,
        "maintenance": maintenance(windows, reader),
    }


def _pager(connection: Any, reader: Reader) -> str:
    """The proof of the pager: the last audit, and the last message that a provider says has arrived."""
    t, audited = reader.words.t, signs.last_audit(connection)
    last = outbox.last_delivered(connection)
    delivered = t("wall.quiet.delivered", ago=reader.ago(last)) if last else t("wall.quiet.unproved")
    if audited is None:
        return t("wall.quiet.unaudited", delivered=delivered)
    found, ago = len(findings.standing(connection)), reader.ago(audited.at)
    if found:
        return reader.words.n("wall.quiet.trouble", found, ago=ago, delivered=delivered)
    return t("wall.quiet.proved", ago=ago, delivered=delivered)


def on_call(organisation: Organisation, reader: Reader) -> list[dict[str, str]]:
    """Who answers now in each unit, in words: the unit's name and the name of whoever is on duty."""
    lines = []
    for line in organisation.on_call(reader.now):
        unit = organisation.unit(line.unit)
        if line.function != ON_DUTY or unit is None:
            continue
        person = organisation.person(line.primary) if line.primary else None
        names = _reached(organisation, person, reader) if person else reader.words.t("wall.nobody_on_duty")
        lines.append({"unit": reader.text(unit.name), "names": names})
    return lines


def _reached(organisation: Organisation, person: Person, reader: Reader) -> str:
    """The name; and what the room must know before the next page: that none reaches them, or only by unproven ways."""
    found = organisation.reach(person.id, Level.CRITICAL)
    if not found.steps:
        return reader.words.t("ways.duty.unreachable", name=person.name)
    return reader.words.t("ways.duty.unproven", name=person.name) if found.lacking else person.name


def maintenance(windows: Windows, reader: Reader) -> list[str]:
    """The windows that are open now, each in words with its end."""
    says = reader.words.t
    return [
        says("wall.maintenance.until", name=one.window.name, at=reader.minute(one.end))
        for one in windows.open_at(reader.now)
    ]


def _critical(opened: datetime | None, reader: Reader) -> str:
    if opened is None:
        return reader.words.t("wall.quiet.never")
    days = (reader.now - opened).days
    return reader.words.n("wall.quiet.days", days) if days else reader.words.t("wall.quiet.today")


ROUTES: Final = [Route("/wall", wall), Route("/wall/facts", facts)]
