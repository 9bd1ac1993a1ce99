"""Which entries of which incident a kept live drill sealed. Only adds: the release before does not know them."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("drills", sa.Column("incident", sa.Text()))
    op.add_column("drills", sa.Column("upto", BIG))
    drills = sa.table("drills", *(sa.column(name) for name in ("id", "body", "incident", "upto")))
    for name, body in op.get_bind().execute(sa.text("SELECT id, body FROM drills WHERE form = 'live'")).all():
        entries = json.loads(body).get("entries", ())
        if entries:
            upto = max(entry["position"] for entry in entries)
            sealed = sa.update(drills).where(drills.c.id == name)
            op.execute(sealed.values(incident=entries[0]["incident"], upto=upto))


def downgrade() -> None:
    """The release before works with what this one added."""
    raise NotImplementedError("nothing here disturbs the release before; there is no need to go back")
