"""Live drills and what their control did. Only adds: the release before does not know the tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "live_drills",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("mark", "incident", "script", "locale", "profile", "by", "state")
        ),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.Text()),
        sa.PrimaryKeyConstraint("mark", name="pk_live_drills"),
    )
    op.create_table(
        "drill_acts",
        sa.Column("id", BIG, nullable=False, autoincrement=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("mark", "key", "kind", "by", "text", "said")),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("inject", sa.Integer()),
        sa.Column("position", BIG),
        sa.PrimaryKeyConstraint("id", name="pk_drill_acts"),
        sa.UniqueConstraint("mark", "key", name="uq_drill_acts_mark_key"),
    )


def downgrade() -> None:
    """The release before works with what this one added."""
    raise NotImplementedError("nothing here disturbs the release before; there is no need to go back")
