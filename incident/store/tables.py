"""All tables. Times are microseconds in UTC; what is JSON is text, encoded once.

The log is the truth about incidents. The board, the open keys and the outbox are written in its transaction and could
be made anew from it (the outbox but for what providers said). Everything else is a register: nobody will ask who knew
what in it at 02:14.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    and_,
    false,
    literal_column,
    text,
)

from incident.store.drill_tables import DRILL_TABLES
from incident.store.selection_tables import exams, selections
from incident.store.training_table import trainings
from incident.store.types import OFF, Big, Instant, Json, metadata, moved

log: Final = Table(
    "log",
    metadata,
    Column("position", Big, primary_key=True, autoincrement=False),
    Column("incident", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("drill", Text),
    Column("row", Text),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("incident", "seq"),
)
"""`row` is the board row as it was after the whole decision, kept with the decision's last entry only."""

board: Final = Table(
    "board",
    metadata,
    Column("incident", Text, primary_key=True),
    Column("number", Big, nullable=False, unique=True),
    Column("code", Text, nullable=False, unique=True),
    Column("seq", Integer, nullable=False),
    Column("position", Big, nullable=False),
    Column("phase", Text, nullable=False),
    Column("over", Boolean, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("unit", Text, nullable=False),
    Column("drill", Text),
    Column("dedup_key", Text),
    Column("wake_at", Instant, index=True),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("repeats", Integer, nullable=False, default=0),
    Column("last_seen", Instant, nullable=False),
    Column("row", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("turn", Big, nullable=False, server_default=text("0")),
    Column("burst", Integer, nullable=False, server_default=text("0")),
    Column("burst_from", Instant),
    Index("ix_board_open", "over", "rank", "number"),
    Index("ix_board_over", "over", "number"),
    Index("ix_board_phase", "phase", "number"),
    Index("ix_board_rank", "rank", "number"),
    Index("ix_board_unit", "unit", "number"),
)
"""One row an incident. `number` is the code's number (7 for C7) and the cursor of lists; `rank` is 3 for Critical.
`turn` is the place of an open one in the wall's line (`record.urgency.turn`), 0 where an older release wrote the row:
such a row comes first rather than never. `burst` counts how often the report came in the minute that began at
`burst_from`: the first one and its repeats, which leave no entry."""

_is_open: Final = board.c.over.is_(False)
_of_drill: Final = board.c.drill.is_not(None)
Index("ix_board_turn", board.c.over, board.c.turn, board.c.number, sqlite_where=_is_open, postgresql_where=_is_open)
Index("ix_board_standing", board.c.number, sqlite_where=_is_open, postgresql_where=_is_open)
"""For PostgreSQL, which would rather walk over all of the past than fetch what is open by an index whose order it does
not know to be that of the table."""
Index("ix_board_count", board.c.over, board.c.rank, board.c.drill, sqlite_where=_is_open, postgresql_where=_is_open)
IS_CHATTER: Final = and_(_is_open, board.c.burst >= literal_column("3"))
"""As `notify.limits.CHATTER_FROM`: an index's condition is written out."""
IS_FOLDED: Final = and_(_is_open, board.c.repeats > literal_column("0"))
Index("ix_board_chatter", board.c.over, board.c.burst_from, sqlite_where=IS_CHATTER, postgresql_where=IS_CHATTER)
Index(
    "ix_board_folded",
    *(board.c.over, board.c.repeats, board.c.last_seen),
    sqlite_where=IS_FOLDED,
    postgresql_where=IS_FOLDED,
)
Index("ix_board_drill", board.c.number, sqlite_where=_of_drill, postgresql_where=_of_drill)

open_keys: Final = Table(
    "open_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("incident", Text, nullable=False, index=True),
)
"""Which incident holds a dedup key, or held it last."""

outbox: Final = Table(
    "outbox",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("incident", Text, nullable=False),
    Column("position", Big, nullable=False),
    Column("page", Integer, nullable=False),
    Column("person", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("first", Boolean, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("drill", Text),
    Column("facts", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("lease_by", Text),
    Column("attempts", Integer, nullable=False, default=0),
    Column("provider", Text),
    Column("provider_id", Text, index=True),
    Column("provider_status", Text),
    Column("provider_rank", Integer, nullable=False, default=-1),
    Column("reason", Json),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("settled_at", Instant),
    Column("body", Text),
    Column("untold", Boolean, nullable=False, server_default=false()),
    Column("held_since", Instant),
    Column("bundle", Big),
    Index("ix_outbox_incident", "incident", "page"),
    Index("ix_outbox_history", "person", "way", "sent_at"),
    Index("ix_outbox_person", "person", "id"),
)
"""Every message that was ever wanted. `turn` is the queue's order: 0 for a Critical's first page, then by urgency.
`untold`: a page has come to its end, and its incident's log may not have been told yet. `body`: the words that went
out, the link's token masked. `held_since`: since when the limits have held it; it waits to be bundled. `bundle`: the
message that carries it, its own id for that message itself. What is carried by another has no `sent_at` of its own."""

WAITING: Final[ColumnElement[str]] = literal_column("'waiting'")
SENDING: Final[ColumnElement[str]] = literal_column("'sending'")
DELIVERED: Final[ColumnElement[str]] = literal_column("'delivered'")
"""Written into the statement, not bound: a partial index serves only what is known to be inside it."""

_waiting: Final = outbox.c.state == WAITING
_sending: Final = outbox.c.state == SENDING
_delivered: Final = outbox.c.state == DELIVERED
_untold: Final = outbox.c.untold.is_(True)
_held: Final = and_(outbox.c.state == WAITING, outbox.c.held_since.is_not(None))
_carried: Final = outbox.c.bundle.is_not(None)
is_put_off: Final = outbox.c.not_before > moved(outbox.c.expires_at, OFF / 2)
"""Held by a restored backup or a paused drill: put off by a century, far beyond its life."""
Index("ix_outbox_claim", outbox.c.turn, outbox.c.not_before, sqlite_where=_waiting, postgresql_where=_waiting)
Index("ix_outbox_due", outbox.c.not_before, sqlite_where=_waiting, postgresql_where=_waiting)
Index("ix_outbox_lease", outbox.c.lease_until, sqlite_where=_sending, postgresql_where=_sending)
Index("ix_outbox_untold", outbox.c.settled_at, sqlite_where=_untold, postgresql_where=_untold)
Index("ix_outbox_delivered", outbox.c.settled_at, sqlite_where=_delivered, postgresql_where=_delivered)
Index("ix_outbox_held", outbox.c.person, outbox.c.way, outbox.c.held_since, sqlite_where=_held, postgresql_where=_held)
Index("ix_outbox_bundle", outbox.c.bundle, sqlite_where=_carried, postgresql_where=_carried)

attempts: Final = Table(
    "attempts",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("send", Big, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("provider_id", Text, index=True),
    Column("outcome", Text, nullable=False),
    Column("detail", Text),
    Column("took_ms", Integer),
)

phone_messages: Final = Table(
    "phone_messages",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("number", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),
    Column("incident", Text),
    Index("ix_phone_messages_number", "number", "id"),
)
"""What the simulated phones have shown and what was typed into them. `direction` is to_phone or from_phone."""

heard: Final = Table(
    "heard",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("incident", Text),
    Column("person", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),
    Column("answer", Text),
    Index("ix_heard_incident", "incident", "id"),
)
"""What people texted or pressed, and what they were told in return. The part of the log of talk that comes in."""

links: Final = Table(
    "links",
    metadata,
    Column("token", Text, primary_key=True),
    Column("incident", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("page", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("incident", "person"),
)

documents: Final = Table(
    "documents",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("saved_at", Instant, nullable=False),
)
"""Every policy and playbook that an incident has pinned, under its digest, for ever."""

directory: Final = Table(
    "directory",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

directory_history: Final = Table(
    "directory_history",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("body", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
)

way_facts: Final = Table(
    "way_facts",
    metadata,
    Column("person", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("confirmed_at", Instant),
    Column("confirmed_by", Text),
    Column("broken_at", Instant),
    Column("broken", Json),
    Column("stopped_at", Instant),
)
"""What is known of each way besides its address, which stands here as a digest: another address is another way."""

way_codes: Final = Table(
    "way_codes",
    metadata,
    Column("person", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("nonce", Text, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("sent", Integer, nullable=False),
)
"""The last code that was sent to confirm a way. No code is kept: it follows from `nonce` and the house's secret.
`sent` codes since `since` are what the limit counts."""

accounts: Final = Table(
    "accounts",
    metadata,
    Column("person", Text, primary_key=True),
    Column("password_hash", Text, nullable=False),
)

signins: Final = Table(
    "signins",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

sessions: Final = Table(
    "sessions",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("person", Text, nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

keys: Final = Table(
    "keys",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("unit", Text),
    Column("mapping", Json),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("used_at", Instant),
)

feeds: Final = Table(
    "feeds",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("person", "subject"),
)
"""Secret links of calendar feeds: whose, and what each shows (`person`, `roster:ID`, `unit:ID`)."""

idempotency: Final = Table(
    "idempotency",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("at", Instant, nullable=False, index=True),
)
"""What was answered to a request that carried a key of its own, so that a retry gets the same and does nothing."""

providers: Final = Table(
    "providers",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("way", Text, primary_key=True),
    Column("up", Boolean, nullable=False),
    Column("since", Instant, nullable=False),
    Column("reason", Json),
)
"""Which providers of messages are up, as the workers last found; no row for one that was never down."""

meta: Final = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

particulars: Final = Table(
    "particulars",
    metadata,
    Column("incident", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Personal data that may be erased (a reporter's contact). It is never in the log, which is for ever."""

findings: Final = Table(
    "findings",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("rule", Text, nullable=False),
    Column("incident", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("params", Json, nullable=False),
    Column("since", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant, nullable=False),
    Column("paged_at", Instant),
    UniqueConstraint("closed_at", "rule", "incident"),
)
"""What the auditor found wrong and when it was right again; `closed_at` is 0 while it is so, and then there is one of a
kind. `incident` is empty where the whole house is meant."""

OF_DRILLS: Final = DRILL_TABLES
"""Their own chapter."""

OF_PEOPLE: Final = (trainings, exams, selections)
"""Theirs as well."""
