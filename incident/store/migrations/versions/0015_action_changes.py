"""What became of actions since they were agreed. Only adds: the release before does not know it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "drill_action_changes",
        sa.Column("id", BIG, nullable=False, autoincrement=True),
        sa.Column("action", BIG, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "by")),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("fields", "reason")),
        sa.PrimaryKeyConstraint("id", name="pk_drill_action_changes"),
    )
    op.create_index("ix_drill_action_changes_action", "drill_action_changes", ["action"])


def downgrade() -> None:
    """The release before works with what this one added."""
    raise NotImplementedError("nothing here disturbs the release before; there is no need to go back")
