"""A long history costs nothing: the wall's line, indexes for every filter, search and figures read off the log.

Only adds. The release before it goes on writing beside this one: `turn` is 0 in its rows, which puts them first.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from incident.record.urgency import turn

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _lines()
    _messages()
    _derived()


def downgrade() -> None:
    """The release before works with what this one added."""
    raise NotImplementedError("nothing here disturbs the release before; there is no need to go back")


def _lines() -> None:
    op.add_column("board", sa.Column("turn", BIG, nullable=False, server_default=sa.text("0")))
    is_open, of_drill = sa.column("over").is_(False), sa.column("drill").is_not(None)
    _stand_in_line()
    op.create_index("ix_board_rank", "board", ["rank", "number"])
    op.create_index("ix_board_unit", "board", ["unit", "number"])
    for name, *columns in (("ix_board_turn", "over", "turn", "number"), ("ix_board_count", "over", "rank", "drill")):
        op.create_index(name, "board", columns, sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_board_drill", "board", ["number"], sqlite_where=of_drill, postgresql_where=of_drill)


def _stand_in_line() -> None:
    """What is open gets its place. What is over needs none."""
    board = sa.table("board", sa.column("incident"), sa.column("over"), sa.column("row"), sa.column("turn"))
    connection = op.get_bind()
    rows = connection.execute(sa.select(board.c.incident, board.c.row).where(board.c.over.is_(sa.false()))).all()
    places = [{"of": row.incident, "place": turn(json.loads(row.row))} for row in rows]
    if places:
        put = sa.update(board).where(board.c.incident == sa.bindparam("of"))
        connection.execute(put.values(turn=sa.bindparam("place")), places)


def _messages() -> None:
    """Whom somebody was paged for is asked at each reply."""
    op.create_index("ix_outbox_person", "outbox", ["person", "id"])


def _derived() -> None:
    op.create_table(
        "reached",
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.PrimaryKeyConstraint("reader", name="pk_reached"),
    )
    op.create_table(
        "measures",
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("paged_at", sa.BigInteger()),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("restored_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("incident", name="pk_measures"),
    )
    op.create_index("ix_measures_reported_at", "measures", ["reported_at"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE search (number bigint PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX ix_search_words ON search USING gin (words)")
    else:
        op.execute("CREATE VIRTUAL TABLE search USING fts5(words, tokenize='ascii', detail='none', prefix='3')")
