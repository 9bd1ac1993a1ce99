"""Secret links of calendar feeds. Only adds: the release before does not know the table."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_feeds"),
        sa.UniqueConstraint("person", "subject", name="uq_feeds_person_subject"),
    )


def downgrade() -> None:
    """The release before works with what this one added."""
    raise NotImplementedError("nothing here disturbs the release before; there is no need to go back")
