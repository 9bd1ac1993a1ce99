"""Test pages go out by the very delivery that pages in earnest, and what they prove is read off the log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from incident.commands import Acknowledge, Tick
from incident.desk.rounds import AT_ONCE, Round, ask
from incident.errors import NoOrganisation
from incident.marks import is_test
from incident.notify.inbound import Inbound
from incident.organisation import Organisation, Person
from incident.store import board, lineup, proofs
from incident.store.board import Filter
from incident.store.engine import reading
from incident.store.proofs import Became, Proof
from tests.delivery.conftest import House

ROUND = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)


def alice(house: House) -> Person:
    person = house.organisation().person("alice")
    assert person is not None
    return person


def paged_in_test(house: House) -> str:
    state = ask(house.desk, alice(house), "person:dora").result(10).state
    assert state is not None
    house.delivery.drain()
    return state.id


def last(house: House) -> Proof:
    with reading(house.engine) as connection:
        return proofs.last(connection)["alice"]


def test_it_says_that_nothing_has_happened_and_how_to_answer(house: House) -> None:
    paged_in_test(house)
    (text,) = house.provider.seen
    assert text.body.startswith("[TEST] C1: test page, nothing has happened.")
    assert "Reply 1" in text.body
    assert last(house).became is Became.WAITING


def test_the_answer_by_text_is_thanked_for_and_kept_as_proof(house: House) -> None:
    incident = paged_in_test(house)
    house.clock.move(timedelta(seconds=40))
    inbound = Inbound(engine=house.engine, desk=house.desk, clock=house.clock, provider="twilio")
    answer = inbound.text(house.organisation(), "+12025550101", "1", "SM1")
    assert answer.text == "Thank you. Pages reach you on this number."
    proof = last(house)
    assert (proof.incident, proof.became, proof.via) == (incident, Became.ANSWERED, "sms")
    assert proof.at == house.clock.now()
    house.clock.move(timedelta(minutes=5))
    house.delivery.drain()
    assert house.provider.to("+12025550101") == ["sms"], "the call that would have followed is not wanted any more"


def test_without_an_answer_the_call_follows_and_after_an_hour_it_counts_as_silence(house: House) -> None:
    incident = paged_in_test(house)
    house.clock.move(timedelta(minutes=3))
    house.delivery.drain()
    assert house.provider.to("+12025550101") == ["sms", "voice"]
    with reading(house.engine) as connection:
        wake = board.next_wake(connection)
    assert wake is not None
    house.clock.move(timedelta(seconds=(wake - house.clock.now()).total_seconds()))
    house.does(incident, Tick())
    assert last(house).became is Became.SILENT
    with reading(house.engine) as connection:
        assert proofs.last_answered(connection) == {}


def test_a_number_that_does_not_exist_is_found_out(house: House) -> None:
    house.provider.answers["+12025550101"] = [21211, 21211]
    incident = paged_in_test(house)
    house.does(incident, Tick())  # the desk answers in turn: what delivery told it stands in the log now
    assert last(house).became is Became.UNREACHABLE


def test_a_real_page_is_meant_before_a_test_page(house: House) -> None:
    paged_in_test(house)
    real = house.opened()
    inbound = Inbound(engine=house.engine, desk=house.desk, clock=house.clock, provider="twilio")
    paged = house.states(real)[0][0]
    number = next(p for p in house.organisation().people if p.id == paged).ways[0].address
    if paged == "alice":
        assert inbound.text(house.organisation(), number, "1", "SM1").incident == real


def test_while_one_waits_another_is_the_same_one(house: House) -> None:
    first = ask(house.desk, alice(house), "person:dora").result(10)
    again = ask(house.desk, alice(house), "person:dora").result(10)
    assert (first.created, again.created) == (True, False)
    assert first.state is not None
    assert again.state is not None
    assert again.state.id == first.state.id


def test_it_stands_on_no_board_and_counts_nowhere(house: House) -> None:
    paged_in_test(house)
    with reading(house.engine) as connection:
        assert lineup.for_wall(connection) == []
        assert sum(board.counts(connection).values()) == 0
        assert board.listing(connection, Filter(), limit=10) == []
        assert board.listing(connection, Filter(drill=True), limit=10) == []


def rounds_of(house: House) -> Round:
    return Round(house.desk, house.engine, house.clock, house.organisation)


def test_the_monthly_round_asks_everybody_once_also_from_two_watches(house: House) -> None:
    house.clock.move(timedelta(seconds=(ROUND - house.clock.now()).total_seconds()))
    first, second = rounds_of(house), rounds_of(house)
    people = len(house.organisation().people)
    assert first.look(ROUND) == min(people, AT_ONCE)
    assert second.look(ROUND) == 0
    house.clock.move(timedelta(minutes=1))
    assert first.look(house.clock.now()) == max(people - AT_ONCE, 0)
    house.clock.move(timedelta(hours=3))
    assert second.look(house.clock.now()) == 0
    with reading(house.engine) as connection:
        found = proofs.last(connection)
    assert set(found) == {person.id for person in house.organisation().people}


def test_two_watches_that_look_in_the_same_moment_ask_once(house: House) -> None:
    house.clock.move(timedelta(seconds=(ROUND - house.clock.now()).total_seconds()))
    asked = [ask(house.desk, alice(house), "system", once="2026-12") for _ in range(2)]
    first, _ = (future.result(10) for future in asked)
    assert first.state is not None
    house.does(first.state.id, Acknowledge("alice", "sms"))
    late = ask(house.desk, alice(house), "system", once="2026-12").result(10)
    assert late.replayed
    assert is_test(first.state.report.drill)


@pytest.mark.parametrize("days", [-1, 4])
def test_outside_of_the_round_nobody_is_asked(house: House, days: int) -> None:
    assert rounds_of(house).look(ROUND + timedelta(days=days)) == 0


def test_where_nobody_was_loaded_yet_a_round_asks_nobody(house: House) -> None:
    def nobody() -> Organisation:
        raise NoOrganisation

    assert Round(house.desk, house.engine, house.clock, nobody).look(ROUND) == 0
