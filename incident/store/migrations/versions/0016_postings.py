"""Which incidents hold a word, as bits by stretches of their numbers: a search reads the newest of them and stops.

Only adds, and nothing that takes time: the clerk fills it, a few hundred incidents at a time. What the release before
searches by is kept up beside it, for as long as that release may run.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "postings",
        sa.Column("word", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("stretch", sa.Integer(), nullable=False),
        sa.Column("bits", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("word", "stretch", name="pk_postings"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """The release before works with what this one added."""
    raise NotImplementedError("nothing here disturbs the release before; there is no need to go back")
