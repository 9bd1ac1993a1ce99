"""Actions of improvement plans, and what each kept drill measured. Only adds: the release before does not know them."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FIELDS = ("area", "action", "owner", "start", "due", "element")


def upgrade() -> None:
    op.add_column("drills", sa.Column("measured", sa.Text()))
    actions = op.create_table(
        "drill_actions",
        sa.Column("id", BIG, nullable=False, autoincrement=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("drill", "area", "action", "owner")),
        sa.Column("start", sa.Text()),
        sa.Column("due", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text()),
        sa.Column("done_at", sa.BigInteger()),
        sa.Column("done_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_drill_actions"),
    )
    op.create_index("ix_drill_actions_drill", "drill_actions", ["drill"])
    for name, body in op.get_bind().execute(sa.text("SELECT id, body FROM drills")).all():
        for plan in json.loads(body)["observations"].get("plan", ()):
            op.execute(sa.insert(actions).values(drill=name, **{field: plan.get(field) for field in FIELDS}))


def downgrade() -> None:
    """The release before works with what this one added."""
    raise NotImplementedError("nothing here disturbs the release before; there is no need to go back")
