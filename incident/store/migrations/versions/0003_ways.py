"""What is known of the people's ways besides their addresses, and the codes that confirm them. Only adds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = ("person", "kind", "digest")


def upgrade() -> None:
    op.create_table(
        "way_facts",
        *(sa.Column(name, sa.Text(), nullable=False) for name in KEY),
        sa.Column("confirmed_at", sa.BigInteger()),
        sa.Column("confirmed_by", sa.Text()),
        sa.Column("broken_at", sa.BigInteger()),
        sa.Column("broken", sa.Text()),
        sa.Column("stopped_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint(*KEY, name="pk_way_facts"),
    )
    op.create_table(
        "way_codes",
        *(sa.Column(name, sa.Text(), nullable=False) for name in KEY),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*KEY, name="pk_way_codes"),
    )


def downgrade() -> None:
    """The release before works with what this one added."""
    raise NotImplementedError("nothing here disturbs the release before; there is no need to go back")
