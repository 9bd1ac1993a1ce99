"""Run by alembic with the connection, and the transaction, that `migrate` opened."""

from __future__ import annotations

from alembic import context

from incident.store import tables
from incident.store.types import metadata

assert tables.log.metadata is metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
