"""Ten thousand open incidents are not read for the few that chatter, nor a million closed ones for the oldest open.

Only adds, and gives one index another first column: SQLite passed the old one over for any that begins with `over`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_open = sa.column("over").is_(False)
    chatters = sa.and_(is_open, sa.literal_column("burst >= 3"))
    folded = sa.and_(is_open, sa.literal_column("repeats > 0"))
    op.drop_index("ix_board_chatter", "board")
    for name, columns, where in (
        ("ix_board_chatter", ["over", "burst_from"], chatters),
        ("ix_board_folded", ["over", "repeats", "last_seen"], folded),
        ("ix_board_standing", ["number"], is_open),
    ):
        op.create_index(name, "board", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """The release before works with what this one added."""
    raise NotImplementedError("nothing here disturbs the release before; there is no need to go back")
