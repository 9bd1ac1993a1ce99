"""What would happen if nobody answered: told beforehand by the functions that will make it so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from incident.commands import Acknowledge, Moment, Open
from incident.deadlines import wake_at
from incident.events import Paged
from incident.levels import Kind, Level
from incident.orders import PAGE, Cancel, Send
from incident.rehearse import Stuck, Turn, advance, put
from incident.report import Report
from incident.state import Incident
from tests.core.house import START, Shelf, Story, organisation

REPORT = Report(title="data centre down", kind=Kind.SYSTEM_OUTAGE, level=Level.CRITICAL, product="cloud")


def on_the_day(at: datetime, by: str) -> Moment:
    return Moment(at, by, organisation(), Shelf())


def opened(report: Report = REPORT) -> Turn:
    turn = put(None, Open(report, "C7"), on_the_day(START, "system"), incident="i1")
    assert turn is not None
    return turn


def people(turn: Turn) -> list[str]:
    return [who.person for entry in turn.entries if isinstance(entry.event, Paged) for who in entry.event.people]


def test_nobody_answers_a_critical_and_it_is_told_rung_by_rung_until_the_second_round() -> None:
    first = opened()
    turns = [first, *advance(first.state, START + timedelta(minutes=40), on_the_day)]

    asked = [people(turn) for turn in turns if people(turn)]
    assert asked[0] == ["bob"]
    assert ["charlie"] in asked
    assert any({"alice", "bob", "charlie"} <= set(everybody) for everybody in asked), "the second round asks them all"
    assert turns[-1].state.alarm.round >= 1


def test_it_writes_what_the_real_clock_would_have_written() -> None:
    until = START + timedelta(hours=3)
    story = Story().opened(kind=REPORT.kind).later(minutes=180)
    first = opened()
    turns = [first, *advance(first.state, until, on_the_day, position=len(first.entries))]

    assert [entry for turn in turns for entry in turn.entries] == story.log
    assert turns[-1].state == story.incident


def test_every_page_has_its_messages_by_the_ways_and_delays_that_it_would_really_have() -> None:
    sends = [order for order in opened().orders if isinstance(order, Send) and order.purpose == PAGE]
    assert [(send.person, send.way, send.not_before - START) for send in sends] == [
        ("bob", "sms", timedelta(0)),
        ("bob", "voice", timedelta(minutes=1)),
    ]
    assert all(send.first for send in sends)


def test_an_answer_in_the_middle_silences_the_rest() -> None:
    first = opened()
    *_, before = advance(first.state, START + timedelta(minutes=6), on_the_day)
    answer = put(
        before.state, Acknowledge("charlie", "link"), on_the_day(before.at, "person:charlie"), incident=before.state.id
    )
    assert answer is not None
    assert Cancel("i1") in answer.orders
    after = advance(answer.state, before.at + timedelta(minutes=19), on_the_day)
    assert not any(people(turn) for turn in after)


def test_time_that_stood_still_is_taken_up_at_the_last_entry_and_not_before_it() -> None:
    first = opened()
    late = replace(first.state, at=START + timedelta(minutes=30))
    turn = next(advance(late, START + timedelta(hours=1), on_the_day))
    assert turn.at == START + timedelta(minutes=30)


def test_until_is_counted_in_and_what_comes_after_it_is_not() -> None:
    first = opened()
    wake = wake_at(first.state)
    assert wake is not None
    assert [turn.at for turn in advance(first.state, wake, on_the_day)] == [wake]
    assert not list(advance(first.state, wake - timedelta(microseconds=1), on_the_day))


def test_a_wake_that_its_tick_does_not_move_on_is_an_error_and_no_endless_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(state: Incident) -> datetime:
        return START

    monkeypatch.setattr("incident.rehearse.wake_at", never)
    with pytest.raises(Stuck):
        list(advance(opened().state, START + timedelta(seconds=1), on_the_day))
