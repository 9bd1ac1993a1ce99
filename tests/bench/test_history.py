"""A history that was cast is one that could have been lived: its chain holds, its logs replay, its words are found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from bench.history import filling, lives
from incident.clock import SystemClock
from incident.desk.clerk import Clerk
from incident.evolve import replay
from incident.record.measures import statistics
from incident.store import board, chain, lineup, log, measured, postings, search
from incident.store.board import Filter
from incident.store.derived import measures
from incident.store.engine import changing, open_engine, reading
from incident.store.migrations import migrate
from incident.store.tables import board as rows

CLOSED, OPEN = 60, 25


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("history")
    engine = open_engine(f"sqlite:///{folder / 'incident.db'}")
    migrate(engine)
    with pytest.MonkeyPatch.context() as few:
        few.setattr(filling, "closed_lives", lambda: [lives.closed_lives()[n] for n in (0, 13, 71, 99)])
        few.setattr(filling, "open_lives", lambda: [lives.open_lives()[n] for n in (0, 65, 95)])
        filling.fill_past(engine, CLOSED, SystemClock(), lambda done, wanted: None)
        filling.fill_standing(engine, OPEN, SystemClock())
    yield engine
    engine.dispose()


def test_its_chain_holds_and_every_log_replays_to_what_the_board_says(history: Engine) -> None:
    with reading(history) as connection:
        assert chain.verify(connection).holds
        assert board.last_number(connection) == CLOSED + OPEN
        for incident in connection.scalars(select(rows.c.incident)):
            state, listed = replay(log.entries(log.of(connection, incident))), board.get(connection, incident)
            assert state is not None
            assert listed is not None
            seen = listed.as_dict()
            assert (state.id, state.report.code, state.seq) == (incident, f"C{listed.number}", seen["seq"])
            assert (str(state.phase), str(state.level)) == (seen["phase"], seen["level"])


def test_it_is_searched_listed_and_counted_like_one_that_was_lived(history: Engine) -> None:
    with reading(history) as connection:
        assert [one.number for one in board.listing(connection, Filter(q="SN-0000017"))] == [17]
        assert lineup.count(connection, Filter(phase="open")) == OPEN
        loud = [one.number for one in lineup.for_wall(connection, filling.LOUD)][: filling.LOUD]
        assert loud == list(range(CLOSED + OPEN - filling.LOUD + 1, CLOSED + OPEN + 1))
        now, begin = SystemClock().now(), lives.BEGINS.replace(year=2020)
        figures = statistics(measured.period(connection, begin, now))
        assert figures.incidents + figures.drills == CLOSED + OPEN


def test_the_clerk_would_have_read_the_same(history: Engine) -> None:
    kept = select(measures).order_by(measures.c.incident)
    with reading(history) as connection:
        cast = connection.execute(kept).all()
        found = board.listing(connection, Filter(q="pump 7"))
        assert measured.mark(connection) == measured.Mark(log.last_position(connection), CLOSED + OPEN)
    with changing(history) as connection:
        measured.forget(connection)
        postings.forget(connection)
        search.forget(connection)
    Clerk(history).catch_up()
    with reading(history) as connection:
        assert connection.execute(kept).all() == cast
        assert board.listing(connection, Filter(q="pump 7")) == found


def test_what_came_after_the_past_can_be_cut_off_again(history: Engine) -> None:
    filling.cut(history)
    with reading(history) as connection:
        assert chain.verify(connection).holds
        assert connection.scalar(select(func.count()).select_from(rows)) == CLOSED
        assert board.listing(connection, Filter(q=f"C{CLOSED + 1}")) == []
