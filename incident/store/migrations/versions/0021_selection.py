"""Results of exams, and whom a manager chose for what. Only adds: the release before does not know them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "exams",
        sa.Column("id", BIG, nullable=False, autoincrement=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("person", "subject", "held_on")),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("score", "pass_mark")),
        sa.Column("examiner", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_exams"),
    )
    op.create_index("ix_exams_person", "exams", ["person"])
    op.create_table(
        "selections",
        sa.Column("id", BIG, nullable=False, autoincrement=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "target", "person", "decision", "reason")),
        sa.Column("in_spite", sa.Text()),
        sa.Column("score", sa.Float()),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_selections"),
    )
    op.create_index("ix_selections_person", "selections", ["person", "id"])
    op.create_index("ix_selections_target", "selections", ["kind", "target", "id"])


def downgrade() -> None:
    """The release before works with what this one added."""
    raise NotImplementedError("nothing here disturbs the release before; there is no need to go back")
