"""Who was told of a planned drill, and who has acknowledged it. Only adds: the release before does not know it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drill_briefings",
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("told_at", sa.BigInteger()),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger()),
        sa.Column("acknowledged", sa.Integer()),
        sa.PrimaryKeyConstraint("plan", "person", name="pk_drill_briefings"),
    )


def downgrade() -> None:
    """The release before works with what this one added."""
    raise NotImplementedError("nothing here disturbs the release before; there is no need to go back")
