"""How often a report came within a minute, beside how often it came at all: what chatters is told from it.

Only adds. The release before it counts repeats as ever and leaves these as they are.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("board", sa.Column("burst", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("board", sa.Column("burst_from", sa.BigInteger()))
    chatters = sa.and_(sa.column("over").is_(False), sa.literal_column("burst >= 3"))
    op.create_index("ix_board_chatter", "board", ["burst_from"], sqlite_where=chatters, postgresql_where=chatters)


def downgrade() -> None:
    """The release before works with what this one added."""
    raise NotImplementedError("nothing here disturbs the release before; there is no need to go back")
