"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _incidents()
    _outbox()
    _registers()
    _people()


def downgrade() -> None:
    """There is nothing before it: going back would be the loss of every record."""
    raise NotImplementedError("the first schema is not taken down; restore a backup instead")


def _incidents() -> None:
    op.create_table(
        "log",
        sa.Column("position", BIG, autoincrement=False, nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("drill", sa.Text()),
        sa.Column("row", sa.Text()),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_log"),
        sa.UniqueConstraint("incident", "seq", name="uq_log_incident_seq"),
    )
    op.create_table(
        "board",
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("drill", sa.Text()),
        sa.Column("dedup_key", sa.Text()),
        sa.Column("wake_at", sa.BigInteger()),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("incident", name="pk_board"),
        sa.UniqueConstraint("code", name="uq_board_code"),
        sa.UniqueConstraint("number", name="uq_board_number"),
    )
    op.create_index("ix_board_open", "board", ["over", "rank", "number"])
    op.create_index("ix_board_over", "board", ["over", "number"])
    op.create_index("ix_board_phase", "board", ["phase", "number"])
    op.create_index("ix_board_wake_at", "board", ["wake_at"])
    op.create_table(
        "open_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_open_keys"),
    )
    op.create_index("ix_open_keys_incident", "open_keys", ["incident"])
    op.create_table(
        "particulars",
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("incident", "name", name="pk_particulars"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("drill", sa.Text()),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("lease_by", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("provider", sa.Text()),
        sa.Column("provider_id", sa.Text()),
        sa.Column("provider_status", sa.Text()),
        sa.Column("provider_rank", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("settled_at", sa.BigInteger()),
        sa.Column("body", sa.Text()),
        sa.Column("untold", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    untold = sa.column("untold").is_(True)
    op.create_index("ix_outbox_untold", "outbox", ["settled_at"], sqlite_where=untold, postgresql_where=untold)
    waiting = sa.text("state = 'waiting'")
    op.create_index("ix_outbox_claim", "outbox", ["turn", "not_before"], sqlite_where=waiting, postgresql_where=waiting)
    delivered = sa.text("state = 'delivered'")
    op.create_index("ix_outbox_delivered", "outbox", ["settled_at"], sqlite_where=delivered, postgresql_where=delivered)
    op.create_index("ix_outbox_due", "outbox", ["not_before"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("ix_outbox_history", "outbox", ["person", "way", "sent_at"])
    op.create_index("ix_outbox_incident", "outbox", ["incident", "page"])
    sending = sa.text("state = 'sending'")
    op.create_index("ix_outbox_lease", "outbox", ["lease_until"], sqlite_where=sending, postgresql_where=sending)
    op.create_index("ix_outbox_provider_id", "outbox", ["provider_id"])
    op.create_table(
        "attempts",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("send", BIG, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text()),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("took_ms", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_provider_id", "attempts", ["provider_id"])
    op.create_index("ix_attempts_send", "attempts", ["send"])
    op.create_table(
        "phone_messages",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("incident", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_phone_messages"),
    )
    op.create_index("ix_phone_messages_number", "phone_messages", ["number", "id"])
    op.create_table(
        "heard",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("incident", sa.Text()),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_heard"),
    )
    op.create_index("ix_heard_incident", "heard", ["incident", "id"])
    op.create_table(
        "links",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_links"),
        sa.UniqueConstraint("incident", "person", name="uq_links_incident_person"),
    )


def _registers() -> None:
    op.create_table(
        "documents",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_documents"),
    )
    op.create_table(
        "directory",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_directory"),
    )
    op.create_table(
        "directory_history",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name="pk_directory_history"),
    )
    op.create_table(
        "idempotency",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"])
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )


def _people() -> None:
    op.create_table(
        "accounts",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_accounts"),
    )
    op.create_table(
        "signins",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("token_hash", name="pk_signins"),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_person", "sessions", ["person"])
    op.create_table(
        "keys",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text()),
        sa.Column("mapping", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.Column("used_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("hash", name="pk_keys"),
        sa.UniqueConstraint("name", name="uq_keys_name"),
    )
