"""Given a batch in which something goes wrong, only what is at fault fails, and nothing is half written."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select, update
from sqlalchemy.exc import OperationalError

from incident.clock import MovedClock
from incident.commands import Note
from incident.desk import draft
from incident.desk.desk import Desk
from incident.desk.requests import Act, Bell, Busy, Closed, Outcome, StoreDown
from incident.errors import Refused
from incident.state import Incident
from incident.store import board, log
from incident.store.chain import verify
from incident.store.codec import UnreadableEntry
from incident.store.engine import changing, reading
from incident.store.log import Stored
from incident.store.tables import log as log_table
from incident.store.tables import metadata
from tests.desk.house import KEY, Bells, opened_desk, report


class PowerCut(Exception):
    """What the tests break statements with."""


def counts(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


@contextmanager
def held(desk: Desk) -> Iterator[None]:
    """Keeps the desk's thread from starting, so that what is asked meanwhile becomes one batch."""
    go, there = threading.Event(), threading.Event()
    served = desk._serve

    def wait(batch: Any) -> None:
        desk._serve = served  # type: ignore[method-assign]
        there.set()
        go.wait(30)
        served(batch)

    desk._serve = wait  # type: ignore[method-assign]
    desk.submit(Act("nobody", Note("the one that waits"), KEY))
    there.wait(30)
    yield
    go.set()


@contextmanager
def broken(engine: Engine, at: int, error: Exception, only: str = "") -> Iterator[list[str]]:
    """Breaks the statement number `at` (from 1) that changes something and contains `only`; yields what was seen."""
    seen: list[str] = []

    def before(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")) and only in statement:
            seen.append(statement)
            if len(seen) == at:
                raise error

    event.listen(engine, "before_cursor_execute", before)
    yield seen
    event.remove(engine, "before_cursor_execute", before)


def opened(desk: Desk, key: str | None = None) -> Incident:
    state = desk.submit(report(key)).result(10).state
    assert state is not None
    return state


def test_a_crash_at_any_write_leaves_nothing_half_written(desk: Desk, settled: Engine) -> None:
    opened(desk)
    before = counts(settled)
    with broken(settled, at=0, error=PowerCut()) as seen:
        desk.submit(report("alert/0", contact="x@example.org")).result(10)
    writes = len(seen)
    assert writes >= 6
    after_one = counts(settled)
    for number in range(1, writes + 1):
        with broken(settled, at=number, error=PowerCut()), pytest.raises(PowerCut):
            desk.submit(report(f"alert/{number}", contact="x@example.org")).result(10)
        assert counts(settled) == after_one, seen[number - 1]
    assert after_one["log"] > before["log"]
    assert opened(desk, "alert/1").report.code == "C3"
    with reading(settled) as connection:
        assert verify(connection).holds


@pytest.mark.parametrize("at", ["begin", "commit"])
def test_a_crash_around_the_transaction_leaves_nothing(desk: Desk, settled: Engine, at: str) -> None:
    state = opened(desk)

    def fail(*args: Any) -> None:
        raise PowerCut

    event.listen(settled, at, fail)
    future = desk.submit(Act(state.id, Note("x"), KEY))
    with pytest.raises((PowerCut, StoreDown)):
        future.result(10)
    event.remove(settled, at, fail)
    assert desk.submit(Act(state.id, Note("y"), KEY)).result(10).entries[0].seq == state.seq + 1


def test_one_poison_command_fails_alone(
    desk: Desk, settled: Engine, monkeypatch: pytest.MonkeyPatch, bells: Bells
) -> None:
    real = draft.decide

    def poisoned(state: Any, command: Any, moment: Any) -> Any:
        if command == Note("poison"):
            raise ZeroDivisionError("deep in the core")
        return real(state, command, moment)

    state = opened(desk)
    monkeypatch.setattr(draft, "decide", poisoned)
    with held(desk):
        futures = [desk.submit(Act(state.id, Note(text), KEY)) for text in ("a", "poison", "b")]
    assert [future.result(10).entries[0].seq for future in (futures[0], futures[2])] == [state.seq + 1, state.seq + 2]
    with pytest.raises(ZeroDivisionError):
        futures[1].result(10)
    assert len(bells.rung) == 2  # opening, and the one batch: it was not tried one by one


def test_what_the_database_will_not_take_fails_alone(desk: Desk, settled: Engine, bells: Bells) -> None:
    state = opened(desk)
    poison = f"{'x' * 20}-poison"

    def refuse(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if statement.startswith("INSERT INTO log") and poison in repr(parameters):
            raise ValueError("cannot be written")

    event.listen(settled, "before_cursor_execute", refuse)
    with held(desk):
        futures = [desk.submit(Act(state.id, Note(text), KEY)) for text in ("a", poison, "b", "c")]
    found = [future.exception(10) or future.result(10).entries[0].seq - state.seq for future in futures]
    event.remove(settled, "before_cursor_execute", refuse)
    assert isinstance(found[1], ValueError)
    assert [found[0], found[2], found[3]] == [1, 2, 3]
    with reading(settled) as connection:
        assert verify(connection).holds


def test_an_incident_that_cannot_be_read_fails_alone(settled: Engine, clock: MovedClock) -> None:
    with opened_desk(settled, clock) as desk:
        poisoned, sound = opened(desk), opened(desk)
    with changing(settled) as connection:
        connection.execute(update(log_table).where(log_table.c.incident == poisoned.id).values(kind="from_tomorrow"))
    with opened_desk(settled, clock) as desk:
        with held(desk):
            futures = [desk.submit(Act(state.id, Note("x"), KEY)) for state in (sound, poisoned, sound)]
        assert isinstance(futures[1].exception(10), UnreadableEntry)
        assert [futures[n].result(10).entries[0].seq for n in (0, 2)] == [sound.seq + 1, sound.seq + 2]


def test_a_full_disk_is_told_and_the_desk_lives_on(desk: Desk, settled: Engine) -> None:
    state = opened(desk)
    full = OperationalError("INSERT", {}, Exception("database or disk is full"))

    def fail(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT INTO log"):
            raise full

    event.listen(settled, "before_cursor_execute", fail)
    with held(desk):
        futures = [desk.submit(Act(state.id, Note(str(n)), KEY)) for n in range(5)]
    errors = [future.exception(10) for future in futures]
    event.remove(settled, "before_cursor_execute", fail)
    assert all(type(error) is StoreDown for error in errors)
    assert desk.submit(Act(state.id, Note("again"), KEY)).result(10).entries[0].seq == state.seq + 1


def test_a_commit_that_fails_is_never_tried_again(desk: Desk, settled: Engine) -> None:
    """It may have been done: the caller is told, and asks again with the same key."""
    state = opened(desk)
    tried: list[int] = []

    def fail(connection: Any) -> None:
        tried.append(1)
        raise OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))

    event.listen(settled, "commit", fail)
    with held(desk):
        futures = [desk.submit(Act(state.id, Note(str(n)), KEY)) for n in range(3)]
    errors = [future.exception(10) for future in futures]
    event.remove(settled, "commit", fail)
    assert all(isinstance(error, StoreDown) for error in errors)
    assert len(tried) == 2  # the batch of three, and the one that held it back


def test_a_locked_database_is_busy(settled: Engine, desk: Desk) -> None:
    state = opened(desk)
    locked = OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))
    with broken(settled, at=1, error=locked):
        error = desk.submit(Act(state.id, Note("x"), KEY)).exception(10)
    assert isinstance(error, Busy)
    assert error.__cause__ is locked


def test_a_broken_bell_stops_nothing(desk: Desk, bells: Bells, caplog: pytest.LogCaptureFixture) -> None:
    bells.broken = True
    with caplog.at_level(logging.ERROR):
        first = opened(desk)
        assert opened(desk).report.code == "C2"
    assert first.report.code == "C1"
    assert "the bell failed" in caplog.text


def test_walls_that_take_nothing_stop_neither_the_desk_nor_the_bell(
    settled: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    rung: list[Bell] = []

    def broken_walls(lines: Sequence[Stored]) -> None:
        raise RuntimeError("no room")

    with caplog.at_level(logging.ERROR), opened_desk(settled, ring=rung.append, tell=broken_walls) as desk:
        assert opened(desk).report.code == "C1"
        assert opened(desk).report.code == "C2"
    assert len(rung) == 2
    assert "nobody took the entries" in caplog.text


def test_too_much_that_waits_is_refused_at_once(settled: Engine) -> None:
    with opened_desk(settled, waiting=3) as desk:
        with held(desk):
            futures = [desk.submit(report()) for _ in range(3)]
            with pytest.raises(Busy):
                desk.submit(report())
        assert all(future.result(10).created for future in futures)


def test_a_desk_that_closes_answers_first_and_takes_no_more(settled: Engine) -> None:
    with opened_desk(settled) as desk:
        futures = [desk.submit(report()) for _ in range(20)]
        desk.close()
        assert all(future.done() for future in futures)
        with pytest.raises(Closed):
            desk.submit(report())
    with reading(settled) as connection:
        assert len(board.listing(connection, board.Filter())) == 20


def test_what_its_caller_gave_up_is_not_done(desk: Desk, settled: Engine) -> None:
    state = opened(desk)
    with held(desk):
        given_up = desk.submit(Act(state.id, Note("given up"), KEY))
        wanted = desk.submit(Act(state.id, Note("wanted"), KEY))
        assert given_up.cancel()
    assert wanted.result(10).entries[0].seq == state.seq + 1
    with reading(settled) as connection:
        assert log.last_position(connection) == state.seq + 1


def test_a_refusal_among_others_is_its_own(desk: Desk) -> None:
    state = opened(desk)
    with held(desk):
        futures = [desk.submit(Act(state.id, Note(str(n)), KEY, expected_seq=state.seq)) for n in range(3)]
    outcomes = [future.exception(10) or future.result(10) for future in futures]
    assert isinstance(outcomes[0], Outcome)
    assert all(isinstance(outcome, Refused) for outcome in outcomes[1:])


class Deadlock(Exception):
    sqlstate = "40P01"


def test_a_lost_race_for_row_locks_is_run_again_and_nobody_hears_of_it(desk: Desk, settled: Engine) -> None:
    state = opened(desk)
    with broken(settled, 1, OperationalError("INSERT", {}, Deadlock("deadlock detected"))) as seen:
        outcome = desk.submit(Act(state.id, Note("once"), KEY)).result(10)
    assert [entry.seq for entry in outcome.entries] == [state.seq + 1]
    assert len(seen) > 1
