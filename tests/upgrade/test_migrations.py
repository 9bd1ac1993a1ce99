"""A release only adds to the schema, so that the one before it runs beside it until the last process is exchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event, inspect

from incident.store.engine import BadDatabaseUrl, open_engine
from incident.store.migrations import migrate
from tests.servers import Postgres
from tests.store.conftest import store_url

__all__ = ["store_url"]

MAY = re.compile(
    r"(CREATE (TABLE|INDEX|VIRTUAL TABLE|TRIGGER|EXTENSION|(OR REPLACE )?FUNCTION)|DROP INDEX|INSERT|UPDATE|SELECT"
    r"|PRAGMA|BEGIN|SET LOCAL|SHOW|DO |ANALYZE|COMMENT)\b",
    re.IGNORECASE,
)
"""What leaves the statements of the release before as they were. A unique index is none of it: it refuses rows."""
ADDS = re.compile(r"ALTER TABLE (ONLY )?\S+ ADD (COLUMN )?(IF NOT EXISTS )?(?P<column>.+)", re.IGNORECASE | re.DOTALL)
TUNES = re.compile(r"ALTER TABLE \S+ SET \(|ALTER TABLE \S+ ALTER (COLUMN )?\S+ SET STATISTICS", re.IGNORECASE)


def breaks(statement: str) -> bool:
    """Whether the release before could fail where it stood before."""
    one = " ".join(statement.split())
    if added := ADDS.match(one):
        column = added["column"].upper()
        return column.startswith(("CONSTRAINT", "UNIQUE", "CHECK")) or (
            "NOT NULL" in column and "DEFAULT" not in column
        )
    return not (MAY.match(one) or TUNES.match(one))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE outbox DROP COLUMN body",
        "ALTER TABLE outbox RENAME COLUMN body TO words",
        "ALTER TABLE outbox ALTER COLUMN body SET NOT NULL",
        "ALTER TABLE outbox ADD COLUMN later TEXT NOT NULL",
        "ALTER TABLE board ADD CONSTRAINT uq UNIQUE (unit)",
        "CREATE UNIQUE INDEX one ON board (unit)",
        "DROP TABLE outbox",
        "DELETE FROM log",
    ],
)
def test_what_would_break_the_release_before_is_seen(statement: str) -> None:
    assert breaks(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE outbox ADD COLUMN later TEXT",
        "ALTER TABLE outbox ADD COLUMN later BOOLEAN DEFAULT false NOT NULL",
        "\nCREATE INDEX ix ON outbox (later) WHERE state = 'waiting'",
        "DROP INDEX ix_old",
    ],
)
def test_what_only_adds_is_let_through(statement: str) -> None:
    assert not breaks(statement)


@pytest.fixture
def empty(store_url: str) -> Iterator[Engine]:
    engine = open_engine(store_url)
    yield engine
    engine.dispose()


def test_no_migration_takes_anything_away(empty: Engine) -> None:
    said: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(empty, "before_cursor_execute", note)
    migrate(empty)
    assert any("CREATE TABLE log" in statement for statement in said)
    assert [statement for statement in said if breaks(statement) and "alembic_version" not in statement] == []


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_postgresql_that_could_not_hold_a_chinese_word_is_refused_before_anything_is_made(
    postgres_server: Postgres, encoding: str
) -> None:
    with postgres_server.database(f"ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0") as url:
        engine = open_engine(url)
        with pytest.raises(BadDatabaseUrl, match=f"{encoding}.*UTF8"):
            migrate(engine)
        assert inspect(engine).get_table_names() == []
        engine.dispose()
