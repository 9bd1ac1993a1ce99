"""How many live streams there may be: of one person, of one key, of all."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import pytest

from tests.web.place import Place
from web.auth import Visitor
from web.problems import Full, TooOften
from web.seats import OF_A_KEY, OF_A_PERSON, STREAMS, Seats
from web.sockets import CONNECTIONS

ALICE = Visitor("alice", "Alice", None, "en", "UTC")
KEY = replace(ALICE, person=None, key="walls")


def taken(stack: ExitStack, seats: Seats, visitor: Visitor, count: int) -> None:
    for _ in range(count):
        seats.ask(visitor)
        stack.enter_context(seats.taken(visitor.by))


def test_one_person_has_so_many_and_costs_nobody_else_theirs() -> None:
    seats = Seats()
    with ExitStack() as open_ones:
        taken(open_ones, seats, ALICE, OF_A_PERSON)
        with pytest.raises(TooOften) as refused:
            seats.ask(ALICE)
        assert refused.value.retry_after
        seats.ask(replace(ALICE, person="bob"))
    seats.ask(ALICE)


def test_one_key_leaves_room_for_others_and_all_streams_leave_room_for_reports() -> None:
    assert OF_A_KEY < STREAMS < CONNECTIONS
    seats = Seats(CONNECTIONS // 100)
    with ExitStack() as open_ones:
        taken(open_ones, seats, KEY, OF_A_KEY // 100)
        with pytest.raises(TooOften):
            seats.ask(KEY)
        taken(open_ones, seats, replace(KEY, key="other"), (STREAMS - OF_A_KEY) // 100)
        with pytest.raises(Full):
            seats.ask(ALICE)
    seats.ask(KEY)


def test_whoever_is_turned_away_is_told_when_to_come_again(place: Place) -> None:
    seats: Seats = place.app.state.seats
    session, key = place.session("alice"), place.key("viewer")
    with ExitStack() as open_ones:
        taken(open_ones, seats, ALICE, OF_A_PERSON)
        answer = place.client.get("/api/stream", headers=session)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "15")
        assert str(OF_A_PERSON) in answer.json()["detail"]
        seats._share = OF_A_PERSON / STREAMS
        answer = place.client.get("/api/incidents/C1/stream", headers=key)
        assert answer.status_code == 404, "what does not exist is said first"
        answer = place.client.get("/api/stream", headers=key)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "15")
    place.app.state.hub.stopping = True
    assert place.client.get("/api/stream", headers=session).status_code == 200
    assert not seats._taken, "who has gone gives back their seat"
