"""The incident that a request names, for who may see it: a practice is its person's, and theirs who manage training."""

from __future__ import annotations

from starlette.requests import Request

from incident.errors import why
from incident.marks import is_practice, practised
from incident.organisation import Role
from incident.state import Incident
from incident.store.board import Listed
from web.auth import Visitor, who
from web.house import house_of
from web.problems import Forbidden
from web.reading import standing


def visible(request: Request) -> tuple[Incident, Listed]:
    """As `reading.standing`. Blocks. Raises Unknown, or Forbidden for somebody else's practice."""
    state, row = standing(house_of(request), request.app.state.states, request.path_params["id"])
    shown_to(who(request), state.report.drill or "")
    return state, row


def shown_to(visitor: Visitor, mark: str) -> None:
    """Raises Forbidden for somebody else's practice, by the mark of an incident."""
    if is_practice(mark):
        theirs(visitor, practised(mark)[0])


def acts_in(visitor: Visitor, mark: str | None) -> bool:
    """Whether they may act in what bears this mark at all: in a practice only who practises."""
    return not is_practice(mark) or practised(mark or "")[0] == visitor.person


def theirs(visitor: Visitor, person: str) -> None:
    """Raises Forbidden for who neither practises nor manages training."""
    if visitor.person != person and not visitor.may(Role.ADMIN):
        raise Forbidden(why("practice.not_shown"))
