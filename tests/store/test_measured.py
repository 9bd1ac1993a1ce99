"""What a period comes to: drills counted apart, the waiting not dropped, noticing only where the report says when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from incident.record.measures import Measured, statistics
from incident.store import measured
from incident.store.engine import changing, reading
from incident.store.measured import Mark

AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLAIN = Measured(AT, "system", AT, "critical", drill=False, paged_at=AT)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def kept(engine: Engine, *found: Measured) -> None:
    with changing(engine) as connection:
        measured.keep(connection, {f"i{n}": (one, "handling") for n, one in enumerate(found)})


def test_drills_are_counted_apart_and_the_waiting_are_not_dropped(engine: Engine) -> None:
    fast, slow = replace(PLAIN, answered_at=after(60)), replace(PLAIN, answered_at=after(120.5))
    kept(engine, fast, slow, PLAIN, replace(PLAIN, drill=True, answered_at=after(1)))
    with reading(engine) as connection:
        totals = measured.period(connection, AT - HOUR, AT + HOUR)
    found = statistics(totals)
    assert (found.incidents, found.drills, found.by_level) == (3, 1, {"critical": 3})
    assert (found.answered.n, found.answered.waiting) == (2, 1)
    assert (found.answered.median_s, found.answered.p90_s) == (60, 120.5)
    assert (found.restored.n, found.restored.waiting) == (0, 3)
    assert totals.phases == {"handling": 3}


def test_an_answer_before_any_page_is_no_wait_and_no_debt(engine: Engine) -> None:
    kept(engine, replace(PLAIN, paged_at=after(30), answered_at=after(10)), replace(PLAIN, paged_at=None))
    with reading(engine) as connection:
        found = statistics(measured.period(connection, AT, AT))
    assert (found.incidents, found.answered.n, found.answered.waiting, found.answered.median_s) == (2, 1, 0, 0)


def test_how_long_it_took_to_notice_is_told_by_source_and_only_where_the_report_says_when(engine: Engine) -> None:
    kept(engine, PLAIN, replace(PLAIN, source="customer", happened_at=AT - timedelta(minutes=10)))
    with reading(engine) as connection:
        found = statistics(measured.period(connection, AT, AT))
    assert {name: spread.median_s for name, spread in found.noticed.items()} == {"customer": 600.0}


def test_what_lies_outside_of_the_period_is_not_in_it(engine: Engine) -> None:
    kept(engine, PLAIN)
    with reading(engine) as connection:
        assert statistics(measured.period(connection, AT + HOUR, AT + 2 * HOUR)).incidents == 0


def test_what_is_kept_comes_back_and_is_renewed(engine: Engine) -> None:
    kept(engine, PLAIN)
    kept(engine, replace(PLAIN, answered_at=after(5), level="high"))
    with reading(engine) as connection:
        assert measured.known(connection, ["i0", "i9"]) == {
            "i0": (replace(PLAIN, answered_at=after(5), level="high"), "handling")
        }


def test_of_two_that_read_on_from_the_same_place_one_does(engine: Engine) -> None:
    with changing(engine) as connection:
        assert measured.move(connection, Mark(), Mark(10, 2))
        assert not measured.move(connection, Mark(), Mark(10, 2))
        assert measured.move(connection, Mark(10, 2), Mark(20, 3))
        assert not measured.move(connection, Mark(10, 2), Mark(15, 3))
        assert measured.mark(connection) == Mark(20, 3)
        measured.forget(connection)
        assert measured.mark(connection) == Mark()
