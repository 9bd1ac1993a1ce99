"""Given one database and many who use it at once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from incident.store.derived import SEARCH, derived
from incident.store.engine import BUSY_S, SILENT_S, BadDatabaseUrl, changing, fold, open_engine, reading, writing
from incident.store.migrations import config_for, current, knows, lags, migrate, newest, steps
from incident.store.tables import meta
from incident.store.types import instant, metadata, micros


def test_increments_by_eight_threads_are_all_kept(engine: Engine) -> None:
    with changing(engine) as connection:
        connection.execute(insert(meta).values(name="n", value="0"))

    def add() -> None:
        for _ in range(25):
            with writing(engine) as connection:
                value = int(connection.execute(select(meta.c.value).where(meta.c.name == "n")).scalar_one())
                connection.execute(update(meta).where(meta.c.name == "n").values(value=str(value + 1)))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as connection:
        assert connection.execute(select(meta.c.value)).scalar_one() == "200"


def test_what_sqlite_has_committed_is_moved_into_its_file_while_others_read_and_write(engine: Engine) -> None:
    with changing(engine) as connection:
        connection.execute(insert(meta).values(name="n", value="0"))
    with reading(engine) as reader:
        before = reader.execute(select(meta.c.value)).scalar_one()
        with changing(engine) as writer:
            writer.execute(update(meta).where(meta.c.name == "n").values(value="1"))
            fold(engine)
        fold(engine)
        assert reader.execute(select(meta.c.value)).scalar_one() == before == "0"
    fold(engine)
    with reading(engine) as connection:
        assert connection.execute(select(meta.c.value)).scalar_one() == "1"
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            busy, frames, moved = connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").one()
        assert (busy, moved) == (0, frames)


def test_an_exception_rolls_everything_back(engine: Engine) -> None:
    with pytest.raises(RuntimeError), writing(engine) as connection:  # noqa: PT012
        connection.execute(insert(meta).values(name="half", value="1"))
        raise RuntimeError("power cut")
    with reading(engine) as connection:
        assert connection.execute(select(meta)).all() == []


def test_an_error_shows_its_statement_and_not_what_was_to_be_written(engine: Engine) -> None:
    with changing(engine) as connection:
        connection.execute(insert(meta).values(name="link", value="first"))
    with pytest.raises(IntegrityError) as refused, changing(engine) as connection:
        connection.execute(insert(meta).values(name="link", value="x24demjrdy8w"))
    assert "INSERT INTO meta" in str(refused.value)
    assert "x24demjrdy8w" not in str(refused.value)


def test_a_reader_sees_one_moment_and_waits_for_nobody(engine: Engine) -> None:
    with reading(engine) as before:
        assert before.execute(select(meta)).all() == []
        with writing(engine) as connection:
            connection.execute(insert(meta).values(name="new", value="1"))
        assert before.execute(select(meta)).all() == []
    with reading(engine) as after:
        assert len(after.execute(select(meta)).all()) == 1


def test_sqlite_is_opened_to_lose_nothing(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/a/new/folder/incident.db")
    with reading(engine) as connection:
        found = {p: connection.exec_driver_sql(f"PRAGMA {p}").scalar() for p in ("journal_mode", "synchronous")}
    engine.dispose()
    assert found == {"journal_mode": "wal", "synchronous": 2}


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:"])
def test_a_database_that_cannot_be_used_is_refused_by_name(url: str) -> None:
    with pytest.raises(BadDatabaseUrl, match="expected"):
        open_engine(url)


def test_the_migrations_make_what_the_tables_say(engine: Engine) -> None:
    with reading(engine) as connection:
        found = compare_metadata(
            MigrationContext.configure(connection, opts={"include_name": _ours}), [metadata, derived]
        )
    assert found == []


def _ours(name: str | None, what: str, parents: object) -> bool:
    """The index of words is each database's own kind of table, which SQLAlchemy has no words for."""
    return not (what == "table" and name is not None and name.startswith(SEARCH))


def test_two_that_migrate_at_once_harm_nothing(store_url: str) -> None:
    engines = [open_engine(store_url) for _ in range(4)]
    done: list[str] = []
    threads = [threading.Thread(target=lambda e=e: done.append(migrate(e))) for e in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [newest()] * 4
    assert current(engines[0]) == newest()
    for engine in engines:
        engine.dispose()


def test_many_that_open_a_new_file_at_once_harm_nobody(tmp_path: Path) -> None:
    faults: list[Exception] = []

    def open_it(engine: Engine, together: threading.Barrier) -> None:
        together.wait()
        try:
            with reading(engine) as connection:
                connection.execute(text("SELECT 1"))
        except Exception as fault:
            faults.append(fault)

    for number in range(20):
        engines, together = [open_engine(f"sqlite:///{tmp_path}/{number}.db") for _ in range(6)], threading.Barrier(6)
        threads = [threading.Thread(target=open_it, args=(engine, together)) for engine in engines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for engine in engines:
            engine.dispose()
    assert faults == []


def test_the_steps_that_the_files_are_named_by_are_alembic_s_own() -> None:
    scripts = ScriptDirectory.from_config(config_for()).walk_revisions()
    assert steps() == tuple(reversed([script.revision for script in scripts]))
    assert (knows("0001"), knows("9999")) == (True, False)


def test_an_empty_database_is_at_no_step(store_url: str) -> None:
    engine = open_engine(store_url)
    assert current(engine) is None
    engine.dispose()


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3.5))])))
def test_a_time_comes_back_to_the_microsecond(at: datetime) -> None:
    assert instant(micros(at)) == at


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        micros(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_writer_that_falls_silent_loses_its_transaction_and_the_log_to_the_others(postgres_url: str) -> None:
    """A frozen process, or one whose cable was pulled, holds the log's lock: nobody could write for a minute."""
    engine = open_engine(postgres_url)
    migrate(engine)
    with pytest.raises(DBAPIError), writing(engine) as frozen:  # noqa: PT012
        assert frozen.scalar(text("SHOW idle_in_transaction_session_timeout")) == f"{SILENT_S}s"
        frozen.execute(text("SET LOCAL idle_in_transaction_session_timeout = 100"))
        frozen.execute(insert(meta).values(name="frozen", value="1"))
        with writing(engine) as connection:
            connection.execute(insert(meta).values(name="other", value="1"))
        frozen.execute(insert(meta).values(name="thawed", value="1"))
    assert SILENT_S < BUSY_S, "whoever waits for the lock must outlast a holder that is gone"
    with reading(engine) as connection:
        assert list(connection.scalars(select(meta.c.name))) == ["other"]
    engine.dispose()


def test_a_process_may_work_on_a_database_that_a_newer_release_has_migrated_and_on_no_older_one(engine: Engine) -> None:
    assert not lags(engine)
    for step, wants in (("9999", False), ("0001", True)):
        with changing(engine) as connection:
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{step}'"))
        assert lags(engine) is wants
