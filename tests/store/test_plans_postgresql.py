"""The same queries on PostgreSQL, which chooses by what it has counted: so a past of 24,000 is put in, and what each
scan really read is looked at. SQLite's choices do not depend on how much there is; `test_plans` looks at those.

So it is for words, too: one that all hold, one that nobody else holds, the beginning of ten thousand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from sqlalchemy import Engine, event, text

from incident.store import alarms, figures, lists, postings
from incident.store.engine import changing, open_engine
from incident.store.migrations import migrate
from tests.servers import Postgres
from tests.store.test_plans import AT, LARGE, QUERIES

pytestmark = pytest.mark.long

PAST, OPEN = 24_000, 1_000
WIDEST: Final = 2 * OPEN
"""Rows that one look at a table may read: what is open or waits, and a little more."""
WIDER: Final = {
    "pages of a day": alarms.NEWEST,
    "messages of an hour": figures.NEWEST,
    "figures of a period": PAST + OPEN,
    **dict.fromkeys(("two filters", "three filters", "what a filter fits", "words and two filters"), lists.LED[-1]),
}
"""Of the newest messages so many, of what the narrowest filter fits so many; figures cost what their period holds."""

_US: Final = int(AT.timestamp()) * 1_000_000
_AGO: Final = f"{_US} - ({PAST} + {OPEN} - n) * 600000000"
"""One every ten minutes, the last of them just now."""
_ROW: Final = json.dumps(
    {"phase": "handling", "paged": [], "next_at": None, "ringing": False, "unreachable": False, "commander": None}
)
_ALL: Final = f"generate_series(1::bigint, {PAST + OPEN}) AS n"
_IS_OVER: Final = f"n <= {PAST}"
_FILL: Final = (
    f"""INSERT INTO board (incident, number, code, seq, position, phase, over, rank, unit, drill, wake_at, opened_at,
        repeats, last_seen, row, words, turn, burst, burst_from)
    SELECT 'p' || n, n, 'C' || n, 3, n * 3,
        CASE WHEN {_IS_OVER} THEN CASE WHEN n % 50 = 0 THEN 'merged' ELSE 'closed' END
        WHEN n % 5 = 0 THEN 'graded' ELSE 'handling' END, {_IS_OVER}, CASE n % 50 WHEN 7 THEN 3 ELSE 0 END,
        CASE n % 10 WHEN 0 THEN 'hq' ELSE 'field' END, CASE n % 40 WHEN 0 THEN 'd1' END,
        CASE WHEN {_IS_OVER} THEN NULL ELSE {_AGO} END, {_AGO}, n % 3, {_AGO}, '{_ROW}', 'c' || n || ' pump hall',
        n, CASE n % 100 WHEN 1 THEN 4 ELSE 0 END, {_AGO} FROM {_ALL}""",
    f"""INSERT INTO log (position, incident, seq, at, by, kind, version, body, hash)
    SELECT n * 3 + s - 3, 'p' || n, s, {_AGO}, 'system', CASE s WHEN 1 THEN 'reported' ELSE 'note_added' END, 1,
        repeat('x', 200), '\\x00' FROM {_ALL}, generate_series(1, 3) AS s""",
    f"""INSERT INTO outbox (id, incident, position, page, person, way, purpose, urgency, first, turn, facts, state,
        not_before, expires_at, attempts, provider, provider_id, provider_rank, created_at, sent_at, settled_at)
    SELECT 100 + n, 'p' || n, n * 3, 1, CASE n % 3 WHEN 0 THEN 'alice' ELSE 'bob' END, 'sms', 'page', 1, false, 3,
        '{{}}', CASE WHEN {_IS_OVER} THEN 'delivered' ELSE 'waiting' END, {_AGO}, {_AGO} + 1, 1, 'twilio', 'SM' || n,
        50, {_AGO}, CASE WHEN {_IS_OVER} THEN {_AGO} END, CASE WHEN {_IS_OVER} THEN {_AGO} END FROM {_ALL}""",
    f"INSERT INTO attempts (send, at, by, provider, outcome) SELECT n, {_AGO}, 'worker', 'twilio', 'sent' FROM {_ALL}",
    f"INSERT INTO links SELECT 't' || n, 'p' || n, 'alice', 1, {_AGO} FROM {_ALL}",
    f"INSERT INTO open_keys SELECT 'k' || n, 'p' || n FROM {_ALL}",
    f"INSERT INTO idempotency SELECT 'key:a', n::text, '', '{{}}', {_US} + n FROM {_ALL}",
    f"INSERT INTO heard (incident, person, via, at, body) SELECT 'p' || n, 'alice', 'sms', {_AGO}, '1' FROM {_ALL}",
    f"""INSERT INTO findings (rule, incident, code, count, params, since, opened_at, closed_at)
    SELECT 'unsent', 'p' || n, 'C' || n, 1, '{{}}', {_AGO}, {_AGO}, {_AGO} + 1 FROM {_ALL}""",
    f"""INSERT INTO measures (incident, source, level, drill, phase, reported_at, happened_at)
    SELECT 'p' || n, 'alert', 'low', false, 'closed', {_AGO}, {_AGO} FROM {_ALL}""",
    f"INSERT INTO reached VALUES ('clerk', {3 * (PAST + OPEN)}, {PAST + OPEN})",
    f"INSERT INTO reached VALUES ('words', {3 * (PAST + OPEN)}, {PAST + OPEN})",
)


@pytest.fixture(scope="module")
def past(postgres_server: Postgres) -> Iterator[Engine]:
    with postgres_server.database() as url:
        engine = open_engine(url)
        try:
            migrate(engine)
            with changing(engine) as connection:
                for statement in _FILL:
                    connection.exec_driver_sql(statement.replace("%", "%%"))
                for n in range(1, PAST + OPEN + 1, 2_000):
                    postings.put(connection, [(m, f"c{m} pump 水泵 hall") for m in range(n, n + 2_000)])
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
            yield engine
        finally:
            engine.dispose()


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_reads_the_whole_history(past: Engine, name: str) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
        asked.append((statement, parameters[0] if many else parameters))

    with changing(past) as connection:
        event.listen(past, "before_cursor_execute", note)
        try:
            QUERIES[name](connection)
        finally:
            event.remove(past, "before_cursor_execute", note)
        for statement, parameters in asked:
            reads = statement.lstrip().startswith("SELECT")
            if not (reads or statement.lstrip().startswith(("UPDATE", "DELETE"))):
                continue
            how = "ANALYZE, TIMING OFF, FORMAT JSON" if reads else "FORMAT JSON"
            explained = connection.exec_driver_sql(f"EXPLAIN ({how}) {statement}", parameters).scalar_one()
            wide = [one for one in _scans(explained[0]["Plan"]) if _reads_much(one, name)]
            assert not wide, f"{statement}\n" + "\n".join(map(str, wide))
        connection.rollback()


def _scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "Relation Name" in plan:
        yield {key: value for key, value in plan.items() if key != "Plans"}
    for part in plan.get("Plans", ()):
        yield from _scans(part)


def _reads_much(scan: dict[str, Any], name: str) -> bool:
    """What was read, also in vain; of a change, which is not made, whether it would look at every row."""
    if scan["Relation Name"] not in LARGE or scan["Node Type"] == "ModifyTable":
        return False
    if "Actual Rows" not in scan:
        return bool(scan["Node Type"] == "Seq Scan")
    passed = sum(scan.get(key, 0) for key in ("Rows Removed by Filter", "Rows Removed by Index Recheck"))
    read = (scan["Actual Rows"] + passed) * scan["Actual Loops"]
    return bool(read > WIDER.get(name, WIDEST))
