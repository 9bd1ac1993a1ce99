"""Which providers of messages are up. Only adds: the release before does not look at it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "providers",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("up", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("provider", "way", name="pk_providers"),
    )


def downgrade() -> None:
    """The release before works with what this one added."""
    raise NotImplementedError("nothing here disturbs the release before; there is no need to go back")
