"""The board: a table of incidents, its filter and order in the address, its rows kept fresh by the stream."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from incident.intake.wording import without_controls
from incident.levels import Level
from incident.organisation import Role
from incident.record.urgency import AFTER, Row, due_of, is_held, is_open
from incident.state import Phase
from incident.store import board, lineup, log
from incident.store.board import Filter, Listed
from incident.store.engine import reading
from incident.store.lineup import Order
from web import drills_due
from web.auth import needs, who
from web.house import house_of
from web.load import banner
from web.render import page, reader_of
from web.say import Reader

LIMIT: Final = 100
"""Rows of a page: more than anybody reads at once, and quickly drawn again when something happens."""
PHASES: Final = [str(phase) for phase in Phase]
_HISTORY: Final = ("all", *(str(phase) for phase in Phase if phase.over))
_ORDERS: Final = {
    "urgent": Order.TURN,
    "level": Order.LEVEL,
    "next": Order.DEADLINE,
    "opened": Order.NEWEST,
    "phase": Order.PHASE,
    "code": Order.OLDEST,
}
_DRILL: Final = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for. Anything that it should not say is passed over: a list never fails.

    What is open stands in any order, page by page; the history is the newest first, `before` a number.
    """

    q: str
    phase: str
    level: str
    unit: str
    drill: str
    sort: str
    before: int | None
    page: int

    @classmethod
    def of(cls, request: Request) -> Wanted:
        query = request.query_params
        before, number = query.get("before", ""), query.get("page", "")
        return cls(
            q=without_controls(query.get("q", "")).strip()[:200],
            phase=_one_of(query.get("phase", ""), ["open", "all", *PHASES]),
            level=_one_of(query.get("level", ""), ["", *map(str, Level)]),
            unit=without_controls(query.get("unit", ""))[:80],
            drill=_one_of(query.get("drill", ""), ["", "yes", "no"]),
            sort=_one_of(query.get("sort", ""), list(_ORDERS)),
            before=int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None,
            page=int(number) if re.fullmatch("[1-9][0-9]{0,5}", number, re.ASCII) else 1,
        )

    @property
    def is_history(self) -> bool:
        return self.phase in _HISTORY

    def filter(self) -> Filter:
        return Filter(
            phase=None if self.phase == "all" else self.phase,
            level=Level(self.level) if self.level else None,
            drill=_DRILL.get(self.drill),
            unit=self.unit or None,
            q=self.q or None,
        )

    def address(self, **changes: object) -> str:
        """This list from its beginning, with some of it changed. Only what differs from the plain board is written."""
        values = {"q": self.q, "phase": self.phase, "level": self.level, "unit": self.unit, "drill": self.drill}
        values |= {"sort": self.sort} | {k: str(v) for k, v in changes.items()}
        plain = {"phase": "open", "sort": "urgent", "page": "1"}
        return "/?" + urlencode({k: v for k, v in values.items() if v and plain.get(k) != v})


_CODE: Final = re.compile(r"[A-Za-z]\d{1,7}")


@needs(Role.VIEWER)
def show(request: Request) -> Response:
    """A code typed into the search, as a page tells who can neither reply nor open a link, leads to its incident."""
    house, reader, wanted = house_of(request), reader_of(request), Wanted.of(request)
    if _CODE.fullmatch(wanted.q):
        with reading(house.engine) as connection:
            named = board.get(connection, wanted.q.upper())
        if named is not None:
            return RedirectResponse(f"/incidents/{named.incident}", 303)
    with reading(house.engine) as connection:
        position = log.last_position(connection)
        counts = board.counts(connection)
        load = banner(connection, house, reader)
        overdue = drills_due.overdue(connection, house.directory.organisation(), reader, position)
        found = _history(connection, wanted) if wanted.is_history else _standing(connection, wanted, counts)
    return page(
        request,
        "board.html",
        rows=[{**row, **_seen(row, reader)} for row in (one.as_dict() for one in found.rows)],
        counts=counts,
        load=load,
        overdue=overdue,
        position=position,
        wanted=wanted,
        phases=PHASES,
        units=house.directory.organisation().units,
        sorted_by=lambda sort: wanted.address(sort=sort),
        found=found,
        filtered=wanted.address() != "/?",
        may_report=who(request).may(Role.RESPONDER),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a list. `of` is how many there are in all, None in the history, which nobody counts; `previous` and
    `following` are addresses, empty where there is nothing. `back_to` is the code down to which the history was looked
    through, where that was left before the page was full."""

    rows: list[Listed]
    first: int = 1
    of: int | None = None
    previous: str = ""
    following: str = ""
    back_to: str = ""


def _standing(connection: Connection, wanted: Wanted, counts: Mapping[Level, int]) -> Found:
    where = wanted.filter()
    there = sum(counts.values()) if where == Filter(phase="open") else lineup.count(connection, where)
    number = min(wanted.page, max(1, -(-there // LIMIT)))  # a page that has emptied meanwhile is no quiet board
    skip = (number - 1) * LIMIT
    rows = lineup.standing(connection, where, _ORDERS[wanted.sort], skip=skip, limit=LIMIT)
    return Found(
        rows,
        skip + 1,
        there,
        wanted.address(page=number - 1) if skip else "",
        wanted.address(page=number + 1) if there > skip + LIMIT else "",
    )


def _history(connection: Connection, wanted: Wanted) -> Found:
    rows, before = board.page(connection, wanted.filter(), wanted.before, LIMIT)
    following = wanted.address(before=before) if before else ""
    back_to = f"C{before}" if before and len(rows) < LIMIT else ""
    return Found(rows, previous=wanted.address() if wanted.before else "", following=following, back_to=back_to)


def _seen(row: Row, reader: Reader) -> dict[str, Any]:
    due, t = due_of(row), reader.words.t
    alone = not row["commander"] and row["phase"] in AFTER
    if due is None or row["phase"] in ("closed", "merged"):
        return {"nobody": False, "held": False, "alone": alone, "due": None, "due_says": ""}
    says = t(f"clock.{due.name}") if due.what == "clock" else t(f"board.due.{due.what}")
    return {"nobody": is_open(row), "held": is_held(row), "alone": alone, "due": due, "due_says": says}


def _one_of(value: str, allowed: list[str]) -> str:
    """The value if it is allowed, else the first that is."""
    return value if value in allowed else allowed[0]


ROUTES: Final = [Route("/", show)]
