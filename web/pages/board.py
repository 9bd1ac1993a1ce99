"""The board: a table of incidents, its filter and order in the address, its rows kept fresh by the stream."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from incident.intake.wording import without_controls
from incident.levels import Level
from incident.organisation import Role
from incident.state import Phase
from incident.store import board, log
from incident.store.board import Filter
from incident.store.engine import reading
from web.auth import needs, who
from web.house import house_of
from web.pages.wall_view import Row, due_of, in_order, is_open
from web.render import page, reader_of
from web.say import Reader, instant

LIMIT: Final = 500
PHASES: Final = [str(phase) for phase in Phase]
_DRILL: Final = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for. Anything that it should not say is passed over: a list never fails."""

    q: str
    phase: str
    level: str
    unit: str
    drill: str
    sort: str
    before: int | None

    @classmethod
    def of(cls, request: Request) -> Wanted:
        query = request.query_params
        before = query.get("before", "")
        return cls(
            q=without_controls(query.get("q", "")).strip()[:200],
            phase=_one_of(query.get("phase", ""), ["open", "all", *PHASES]),
            level=_one_of(query.get("level", ""), ["", *map(str, Level)]),
            unit=without_controls(query.get("unit", ""))[:80],
            drill=_one_of(query.get("drill", ""), ["", "yes", "no"]),
            sort=_one_of(query.get("sort", ""), list(_SORTS)),
            before=int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None,
        )

    def filter(self) -> Filter:
        return Filter(
            phase=None if self.phase == "all" else self.phase,
            level=Level(self.level) if self.level else None,
            drill=_DRILL.get(self.drill),
            unit=self.unit or None,
            q=self.q or None,
        )

    def address(self, **changes: object) -> str:
        """This list with some of it changed. Only what differs from the plain board is written out."""
        values = {"q": self.q, "phase": self.phase, "level": self.level, "unit": self.unit, "drill": self.drill}
        values |= {"sort": self.sort} | {k: str(v) for k, v in changes.items()}
        plain = {"phase": "open", "sort": "urgent"}
        return "/?" + urlencode({k: v for k, v in values.items() if v and plain.get(k) != v})


_CODE: Final = re.compile(r"[A-Za-z]\d{1,7}")


@needs(Role.VIEWER)
def show(request: Request) -> Response:
    """A code typed into the search, as a page tells who can neither reply nor open a link, leads to its incident."""
    house, reader, wanted = house_of(request), reader_of(request), Wanted.of(request)
    if _CODE.fullmatch(wanted.q):
        with reading(house.engine) as connection:
            found = board.get(connection, wanted.q.upper())
        if found is not None:
            return RedirectResponse(f"/incidents/{found.incident}", 303)
    organisation = house.directory.organisation()
    with reading(house.engine) as connection:
        position = log.last_position(connection)
        listed = board.listing(connection, wanted.filter(), wanted.before, LIMIT)
        counts = board.counts(connection)
    rows = _SORTS[wanted.sort]([one.as_dict() for one in listed])
    return page(
        request,
        "board.html",
        rows=[{**row, **_seen(row, reader)} for row in rows],
        counts=counts,
        position=position,
        wanted=wanted,
        phases=PHASES,
        units=organisation.units,
        sorted_by=lambda sort: wanted.address(sort=sort),
        next=wanted.address(before=listed[-1].number) if len(listed) == LIMIT else "",
        filtered=wanted.address() != "/?",
        may_report=who(request).may(Role.RESPONDER),
    )


def _seen(row: Row, reader: Reader) -> dict[str, Any]:
    due, t = due_of(row), reader.words.t
    if due is None or row["phase"] in ("closed", "merged"):
        return {"nobody": False, "due": None, "due_says": ""}
    says = t(f"clock.{due.name}") if due.what == "clock" else t(f"board.due.{due.what}")
    return {"nobody": is_open(row), "due": due, "due_says": says}


def _by_level(rows: list[Any]) -> list[Any]:
    return sorted(in_order(rows), key=lambda row: -Level(row["level"]).rank)


def _by_opening(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: str(row["opened_at"]), reverse=True)


def _by_deadline(rows: list[Any]) -> list[Any]:
    def key(row: Row) -> float:
        due = due_of(row)
        return due.at.timestamp() if due else float("inf")

    return sorted(rows, key=key)


def _by_phase(rows: list[Any]) -> list[Any]:
    return sorted(in_order(rows), key=lambda row: PHASES.index(row["phase"]))


def _by_code(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: (instant(row["opened_at"]), row["code"]))


_SORTS: Final[dict[str, Callable[[list[Any]], list[Any]]]] = {
    "urgent": in_order,
    "level": _by_level,
    "next": _by_deadline,
    "opened": _by_opening,
    "phase": _by_phase,
    "code": _by_code,
}


def _one_of(value: str, allowed: list[str]) -> str:
    """The value if it is allowed, else the first that is."""
    return value if value in allowed else allowed[0]


ROUTES: Final = [Route("/", show)]
