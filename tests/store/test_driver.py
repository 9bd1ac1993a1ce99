"""Given statements in the driver's own words: errors, transactions and lost connections are as ever."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, event, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from incident.store import driver
from incident.store.engine import changing, open_engine, reading
from incident.store.tables import meta

PUT = {
    "qmark": "INSERT INTO meta (name, value) VALUES (?, ?)",
    "pyformat": "INSERT INTO meta (name, value) VALUES (%s, %s)",
}
ASK = "SELECT name, value FROM meta ORDER BY name"


def put(engine: Engine) -> str:
    return PUT[engine.dialect.paramstyle]


def test_what_was_written_for_each_is_read_again_and_rolled_back_with_its_transaction(engine: Engine) -> None:
    with changing(engine) as connection:
        driver.run(connection, put(engine), [("a", "1"), ("b", "2")])
        driver.run(connection, put(engine), ("c", "3"))
    with pytest.raises(RuntimeError), changing(engine) as connection:  # noqa: PT012
        driver.run(connection, put(engine), ("d", "4"))
        raise RuntimeError("power cut")
    with reading(engine) as connection:
        assert driver.rows(connection, ASK) == [("a", "1"), ("b", "2"), ("c", "3")]


def test_an_error_is_sqlalchemys_and_does_not_show_what_was_to_be_written(engine: Engine) -> None:
    with changing(engine) as connection:
        connection.execute(insert(meta).values(name="link", value="first"))
    with pytest.raises(IntegrityError) as refused, changing(engine) as connection:
        driver.run(connection, put(engine), ("link", "x24demjrdy8w"))
    assert "INSERT INTO meta" in str(refused.value)
    assert "x24demjrdy8w" not in str(refused.value)
    with reading(engine) as connection:
        assert connection.scalars(select(meta.c.value)).all() == ["first"]


def test_who_listens_to_what_is_executed_hears_of_these_too(engine: Engine) -> None:
    heard: list[str] = []

    def hear(connection: object, cursor: object, statement: str, *rest: object) -> None:
        heard.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    with changing(engine) as connection:
        driver.run(connection, put(engine), [("a", "1")])
        assert [tuple(row) for row in driver.rows(connection, ASK)] == [("a", "1")]
    event.remove(engine, "before_cursor_execute", hear)
    assert heard[-2:] == [put(engine), ASK]


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_connection_that_the_server_has_cut_is_not_used_again(engine: Engine) -> None:
    other = open_engine(engine.url)
    with pytest.raises(DBAPIError) as cut, reading(engine) as connection:  # noqa: PT012
        own = driver.rows(connection, "SELECT pg_backend_pid()")[0][0]
        with other.connect() as killer:
            killer.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
        driver.rows(connection, ASK)
    assert cut.value.connection_invalidated
    with reading(engine) as connection:
        assert driver.rows(connection, ASK) == []
    other.dispose()
