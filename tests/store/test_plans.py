"""No query that a page, a reply, a process or a start makes reads a whole table of the history: real plans, on SQLite.

A new query of the hot or the reading paths gets a line here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import Connection, Engine, event, insert

from incident.levels import Level
from incident.orders import Cancel
from incident.store import (
    accounts,
    alarms,
    audit,
    board,
    claims,
    documents,
    figures,
    filters,
    findings,
    holding,
    idempotency,
    lineup,
    links,
    log,
    maintenance,
    measured,
    outbox,
    pages,
    phones,
    postings,
    proofs,
    providers,
    sends,
    talk,
    tries,
)
from incident.store.board import Filter
from incident.store.engine import changing, open_engine
from incident.store.holding import Contact
from incident.store.lineup import Order
from incident.store.migrations import migrate
from incident.store.outbox import Outgoing, SendState
from incident.store.tables import outbox as outboxes
from incident.store.tokens import asked

AT: Final = datetime(2026, 3, 1, tzinfo=UTC)
LARGE: Final = (
    "log",
    "board",
    "outbox",
    "attempts",
    "findings",
    "links",
    "open_keys",
    "heard",
    "measures",
    "idempotency",
    "postings",
    "search",
)

LEAD: Final = Outgoing(
    *(7, "i1", 1, 1, "alice", "sms", "page", 1, False, None, {}, SendState.SENDING, AT, AT, "me", 1),
    *(None, None, None, -1, None, AT, None),
)

Query = Callable[[Connection], Any]


def _bundled(connection: Connection) -> None:
    new = insert(outboxes).values(state="waiting", turn=3, urgency=1, first=False, attempts=0, provider_rank=-1)
    told = {"incident": "i1", "position": 1, "page": 1, "person": "alice", "way": "sms", "purpose": "page", "facts": {}}
    connection.execute(new.values(id=7, not_before=AT, expires_at=AT, created_at=AT, **told))
    holding.bundle(connection, [LEAD], now=AT, until=AT, by="me")


QUERIES: Final[dict[str, Query]] = {
    "the head of the log": log.head,
    "the end of the log": log.last_position,
    "when it was last written": log.last_at,
    "who is up": providers.every,
    "what providers did of late": lambda c: providers.recent(c, AT),
    "what came after": lambda c: log.after(c, 7),
    "the log of one incident": lambda c: log.of(c, "i1", 3, 50),
    "the logs of some": lambda c: log.histories(c, {"i1": 0, "i2": 4}),
    "some entries of one": lambda c: log.between(c, "i1", 2, 5),
    "what the clerk reads": lambda c: log.decisive(c, 5, 1005, {"reported", "paged"}),
    "how incidents stand": lambda c: board.standings(c, ["i1", "i2"]),
    "the last code": board.last_number,
    "an incident by id or code": lambda c: board.get(c, "c7"),
    "words of some": lambda c: board.words(c, ["i1", "i2"]),
    "what is due": lambda c: board.due(c, AT, 200),
    "when to look next": board.next_wake,
    "when to look next besides": lambda c: board.next_wake(c, ["i1"]),
    "open ones counted": board.counts,
    "real open ones counted": lambda c: board.counts(c, drill=False),
    "the newest": lambda c: board.listing(c, Filter()),
    "older ones": lambda c: board.listing(c, Filter(), before=500_000),
    "closed ones": lambda c: board.listing(c, Filter(phase="closed"), before=500_000),
    "merged ones": lambda c: board.listing(c, Filter(phase="merged")),
    "open ones": lambda c: board.listing(c, Filter(phase="open")),
    "those of a level": lambda c: board.listing(c, Filter(level=Level.CRITICAL, drill=False), limit=1),
    "those of a unit": lambda c: board.listing(c, Filter(unit="hq"), before=9),
    "drills": lambda c: board.listing(c, Filter(drill=True)),
    "words in what is open": lambda c: board.listing(c, Filter(q="pump", phase="open")),
    "words in the history": lambda c: board.listing(c, Filter(q="pump sn-12 水泵", phase="closed")),
    "words in all": lambda c: board.listing(c, Filter(q="pump"), before=77),
    "the wall": lineup.for_wall,
    **{
        f"the board, by {order}": lambda c, o=order: lineup.standing(c, Filter(phase="open"), o, skip=100)  # type: ignore[misc]
        for order in Order
    },
    "the board of a phase": lambda c: lineup.standing(c, Filter(phase="handling", unit="hq", q="pump")),
    "how many are open and fit": lambda c: lineup.count(c, Filter(phase="open", unit="hq")),
    "who holds a dedup key": lambda c: claims.owners(c, ["a", "b"]),
    "keys of the merged": lambda c: claims.inherit(c, {"i1": "i2"}),
    "what planned maintenance holds": maintenance.held,
    "everybody's last test page": proofs.last,
    "everybody's last answer to one": proofs.last_answered,
    "personal data": lambda c: claims.particulars_of(c, "i1"),
    "what was answered": lambda c: idempotency.of(c, [("key:a", "1"), ("key:b", "2")]),
    "old answers": lambda c: idempotency.forget(c, AT),
    "links of some": lambda c: links.of(c, ["i1"]),
    "a link": lambda c: links.get(c, "t"),
    "a link by its short code": lambda c: links.by_answer_code(c, "k3f9xm2p"),
    "a document": lambda c: documents.get(c, "d"),
    "expired sessions": lambda c: accounts.sweep(c, AT),
    "pages taken back": lambda c: outbox.cancel_pages(c, [Cancel("i1"), Cancel("i2", "alice")], AT),
    "what to send": lambda c: outbox.claim(c, AT, 50, timedelta(seconds=30), "me"),
    "what is due to be sent": lambda c: outbox.due(c, AT, 50),
    "the last look": lambda c: outbox.still_wanted(c, [1, 2], "me"),
    "whether leases ran out": lambda c: outbox.has_overdue_leases(c, AT),
    "leases of the dead": lambda c: outbox.release(c, ["me"]),
    "one's own leases": lambda c: outbox.release_own(c, "me", [1]),
    "leases that ran out": lambda c: outbox.recover(c, AT),
    "who holds leases": outbox.lessees,
    "the oldest unsent": lambda c: outbox.oldest_unsent(c, AT),
    "the last that arrived": outbox.last_delivered,
    "when to send next": outbox.next_at,
    "a message": lambda c: sends.get(c, 1),
    "a message by the provider's id": lambda c: sends.by_provider_id(c, "SM1"),
    "ends that were not told": lambda c: sends.untold(c, AT),
    "siblings": lambda c: sends.siblings(c, "i1", 1, "alice"),
    "messages of one": lambda c: sends.of_incident(c, "i1"),
    "what limits are counted from": lambda c: holding.recent(c, [Contact("alice", "sms"), Contact("bob", "voice")], AT),
    "what is held": holding.standing,
    "what a bundle carries": lambda c: holding.carried(c, 1, "me"),
    "a bundle that went": lambda c: holding.went(c, LEAD, "me", provider="twilio", status="queued", at=AT),
    "a bundle that ended": lambda c: holding.ended(c, LEAD, SendState.DELIVERED, AT, None),
    "a bundle that is let go": lambda c: holding.let_go(c, LEAD, "me", AT),
    "what is bundled": _bundled,
    "what shares a bundle": lambda c: holding.beside(c, LEAD._replace(bundle=7)),
    "what will share one": lambda c: holding.beside(c, LEAD),
    "what is held of one": lambda c: talk.held(c, "i1"),
    "the last alarms": alarms.newest,
    "alarms of a day": lambda c: alarms.slots(c, AT, AT + timedelta(days=1), timedelta(minutes=10)),
    "pages of a day": lambda c: alarms.rings(c, AT),
    "what chatters": lambda c: alarms.chatter(c, AT, 3, 5),
    "what was folded": lambda c: alarms.folded(c, AT, 5),
    "a repeat": lambda c: board.repeated(c, {"i1": (1, AT)}),
    "talk of one": lambda c: talk.of(c, "i1"),
    "pages that wait for a person": lambda c: pages.open_pages(c, "alice"),
    "whom a person was paged for": lambda c: pages.paged_for(c, "alice"),
    "and by its code": lambda c: pages.paged_for(c, "alice", code="C1"),
    "and by its id": lambda c: pages.paged_for(c, "alice", incident="i1"),
    "messages of an hour": lambda c: figures.sends_since(c, AT),
    "messages of a phone": lambda c: phones.messages(c, "+1"),
    "figures of a period": lambda c: measured.period(c, AT, AT + timedelta(days=90)),
    "measured ones": lambda c: measured.known(c, ["i1"]),
    "the place of the clerk": measured.mark,
    "the tries of an incident's pages": lambda c: tries.of(c, "i1"),
    "what the auditor watches": lambda c: audit.watched(c, 0),
    "what the auditor finds unsent": lambda c: audit.unsent(c, AT),
    "leases that nobody takes over": lambda c: audit.leased(c, AT),
    "ends that are still untold": lambda c: audit.untold(c, AT),
    "what is true of the whole": audit.house,
    "what stands": findings.standing,
    "what is well again": lambda c: findings.last_closed(c, AT),
    "what was ever found": findings.history,
    "words by their index": lambda c: list(postings.found(c, asked("pump 水泵 c1 水 pum"), 99_000)),
    "words to be noted": lambda c: board.words_from(c, 5, 255),
    "words that are noted": lambda c: postings.put(c, [(7, "pump 水泵"), (8_200, "hall")]),
    "amended ones": lambda c: log.incidents(c, 5, 1_005, {"report_amended"}),
    "two filters": lambda c: board.page(c, Filter(level=Level.CRITICAL, phase="merged"), before=500_000),
    "three filters": lambda c: board.page(c, Filter(level=Level.CRITICAL, unit="hq", phase="closed")),
    "what a filter fits": lambda c: filters.led(c, filters.narrowest(Filter(unit="hq")), 0, 99_000, 500),
    "drills of words": lambda c: board.listing(c, Filter(q="pump", drill=True)),
    "words and two filters": lambda c: board.page(c, Filter(level=Level.CRITICAL, phase="merged", q="pump hall")),
}


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('plans') / 'incident.db'}")
    migrate(engine)
    return engine


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_reads_the_whole_history(schema: Engine, name: str) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
        asked.append((statement, parameters[0] if many else parameters))

    with changing(schema) as connection:
        event.listen(schema, "before_cursor_execute", note)
        try:
            QUERIES[name](connection)
        finally:
            event.remove(schema, "before_cursor_execute", note)
        assert asked
        for statement, parameters in asked:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            scans = [] if _is_an_end(statement, plan) else [step for step in plan if _reads_all(step)]
            if name in EVERY_MOMENT:
                scans += [step for step in plan if step.startswith("SEARCH board") and step.endswith("(over=?)")]
            assert not scans, f"{statement}\n" + "\n".join(plan)
        connection.rollback()


def _reads_all(step: str) -> bool:
    """A scan of a large table, unless it is by an index that holds little."""
    return (
        step.startswith("SCAN")
        and step.split()[1] in LARGE
        and not any(step.endswith(f"INDEX {small}") for small in SMALL)
    )


def _is_an_end(statement: str, plan: list[str]) -> bool:
    """The first few rows in the order of an index, with nothing that could pass over many: it stops after these."""
    passed_over = "WHERE" in statement.replace(TEST_PAGES, "")
    return "LIMIT" in statement and not passed_over and not any("TEMP B-TREE" in step for step in plan)


TEST_PAGES: Final = "WHERE board.drill IS NULL OR board.drill NOT LIKE ?"
"""One a person and month among all that happens."""

EVERY_MOMENT: Final = ("the last alarms", "what chatters", "what was folded")
"""Asked by every heartbeat and page: not even what is open is read as a whole."""

SMALL: Final = (
    "ix_board_turn",
    "ix_board_count",
    "ix_board_drill",
    "ix_board_chatter",
    "ix_board_folded",
    "ix_board_standing",
    "ix_outbox_claim",
    "ix_outbox_due",
    "ix_outbox_lease",
    "ix_outbox_untold",
    "ix_outbox_delivered",
    "ix_outbox_held",
    "ix_outbox_bundle",
)
"""Indexes of what is open, waits or is of a drill: reading all of one is reading what is wanted."""
