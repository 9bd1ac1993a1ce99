"""What the limits hold, and what is bundled: two columns of the outbox with an index each.

Only adds. The release before it sends what is held when its time comes, each by itself.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("held_since", sa.BigInteger()))
    op.add_column("outbox", sa.Column("bundle", BIG))
    held = sa.text("state = 'waiting' AND held_since IS NOT NULL")
    carried = sa.text("bundle IS NOT NULL")
    op.create_index(
        "ix_outbox_held", "outbox", ["person", "way", "held_since"], sqlite_where=held, postgresql_where=held
    )
    op.create_index("ix_outbox_bundle", "outbox", ["bundle"], sqlite_where=carried, postgresql_where=carried)


def downgrade() -> None:
    """The release before works with what this one added."""
    raise NotImplementedError("nothing here disturbs the release before; there is no need to go back")
