"""Given several requests of one caller, the caller hears once: after the commit of the last, and of each what became
of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from queue import SimpleQueue

import pytest
from sqlalchemy import Engine

from incident.commands import Note
from incident.desk.asked import Done
from incident.desk.desk import Desk
from incident.desk.requests import Act, Busy, Closed, Outcome
from incident.errors import Refused
from incident.store import board, log
from incident.store.engine import reading
from tests.desk.house import KEY, opened_desk, report

Heard = SimpleQueue[Sequence[Outcome | Exception]]


def nobody(answers: Sequence[Outcome | Exception]) -> None:
    raise AssertionError("nobody was to hear of it")


def test_each_is_answered_in_its_place_after_what_is_written_can_be_read(desk: Desk, settled: Engine) -> None:
    state = desk.submit(report()).result(10).state
    assert state is not None
    heard: Heard = SimpleQueue()
    seen: list[int] = []

    def done(answers: Sequence[Outcome | Exception]) -> None:
        with reading(settled) as connection:
            seen.append(log.last_position(connection))
        heard.put(answers)

    notes = [Act(state.id, Note(str(n)), KEY, expected_seq=state.seq) for n in range(2)]
    desk.submit_all([notes[0], report("pump"), notes[1], report("pump")], done)
    first, opened, refused, repeated = heard.get(timeout=30)
    assert isinstance(first, Outcome)
    assert first.entries[0].seq == state.seq + 1
    assert isinstance(opened, Outcome)
    assert opened.created
    assert isinstance(refused, Refused)
    assert isinstance(repeated, Outcome)
    assert not repeated.created
    assert seen == [max(entry.position for entry in (*first.entries, *opened.entries))]
    assert heard.empty()


def test_more_than_one_transaction_takes_are_answered_once_all_the_same(settled: Engine) -> None:
    heard: Heard = SimpleQueue()
    with opened_desk(settled, batch=4) as desk:
        desk.submit_all([report(f"key-{n}") for n in range(10)], heard.put)
        answers = heard.get(timeout=30)
    codes = [answer.state.report.code for answer in answers if isinstance(answer, Outcome) and answer.state]
    assert codes == [f"C{n}" for n in range(1, 11)]
    assert heard.empty()


def test_what_is_refused_at_the_door_was_not_asked(settled: Engine) -> None:
    with opened_desk(settled, waiting=0) as desk, pytest.raises(Busy):
        desk.submit_all([report(), report()], nobody)
    with opened_desk(settled) as desk:
        pass
    with pytest.raises(Closed):
        desk.submit_all([report(), report()], nobody)
    with reading(settled) as connection:
        assert not board.listing(connection, board.Filter())


def test_a_caller_that_cannot_hear_stops_nobody(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    gone: Done = nobody
    with caplog.at_level(logging.ERROR):
        desk.submit_all([report("one")], gone)
        assert desk.submit(report("two")).result(10).created
    assert "nobody took the answer" in caplog.text
