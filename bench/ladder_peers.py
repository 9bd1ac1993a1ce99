"""Due work without a ladder: what it costs at least, and what the queue's own scheduler makes of it.

`sleeping` sleeps until the next is due and commits a row for all that are (SQLite in WAL, `synchronous=FULL`): nothing
that keeps its work can be quicker. `scheduler` is RQ's `enqueue_at`, with a `SimpleWorker`, on a Redis of its own.
`python -m bench.ladder_peers URL` is that worker's process.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections import deque
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

import redis
from rq import Queue, SimpleWorker, get_current_job
from rq.serializers import JSONSerializer

from bench.processes import Failed, pause, plain_environment, running
from bench.targets import scratch
from incident.running import redis_server

QUEUE: Final = "bench"
LATE: Final = "late"
_LEAD_S: Final = 1.0
_SCHEDULED_S: Final = 6.0
_LATEST_S: Final = 60.0
_CLAIM: Final = "UPDATE work SET done = ?1 WHERE done IS NULL AND due <= ?1 RETURNING due"


def sleeping(offsets: list[float]) -> list[float]:
    """How late each was when its row had been committed."""
    with scratch() as folder, closing(sqlite3.connect(folder / "work.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE work(id INTEGER PRIMARY KEY, due REAL, done REAL)")
        database.execute("CREATE INDEX waiting ON work(due) WHERE done IS NULL")
        begin = time.time() + _LEAD_S
        due = deque(sorted(begin + offset for offset in offsets))
        database.execute("BEGIN")
        database.executemany("INSERT INTO work(due) VALUES (?)", [(at,) for at in due])
        database.execute("COMMIT")
        late: list[float] = []
        while due:
            pause(max(0.0, due[0] - time.time()))
            claimed = database.execute(_CLAIM, (time.time(),)).fetchall()
            now = time.time()
            late += [now - at for (at,) in claimed]
            for _ in claimed:
                due.popleft()
    return late


def scheduler(offsets: list[float]) -> list[float]:
    """How late each job was when it began. Raises Failed when one never does."""
    with scratch() as folder:
        command, path = redis_server.prepare(folder, os.environ)
        url, log = redis_server.url_of(path), folder / "rq.log"
        with running(command, plain_environment(), folder / "redis-server.log") as server:
            redis_server.wait_until_ready(folder, path, server)
            with running([sys.executable, "-m", "bench.ladder_peers", url], plain_environment(), log):
                return _scheduled(url, offsets)


def _scheduled(url: str, offsets: list[float]) -> list[float]:
    with closing(redis.Redis.from_url(url)) as connection:
        queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
        queue.enqueue(begun, time.time())
        _wait_for(connection, 1, _LATEST_S)
        connection.delete(LATE)
        begin = time.time() + _SCHEDULED_S
        for offset in offsets:
            queue.enqueue_at(datetime.fromtimestamp(begin + offset, UTC), begun, begin + offset)
        if time.time() > begin:
            raise Failed("RQ took longer to schedule the jobs than there was time")
        _wait_for(connection, len(offsets), _SCHEDULED_S + max(offsets) + _LATEST_S)
        return [float(each) for each in connection.lrange(LATE, 0, -1)]


def _wait_for(connection: redis.Redis, count: int, limit_s: float) -> None:
    end = time.monotonic() + limit_s
    while int(connection.llen(LATE)) < count:
        if time.monotonic() > end:
            raise Failed(f"RQ has not begun {count} jobs within {limit_s:.0f} s")
        pause(0.1)


def begun(due: float) -> None:
    """The job: it says how late it is."""
    late = time.time() - due
    job = get_current_job()
    assert job is not None
    job.connection.rpush(LATE, late)


if __name__ == "__main__":
    with closing(redis.Redis.from_url(sys.argv[1])) as mine:
        worker = SimpleWorker(
            [Queue(QUEUE, connection=mine, serializer=JSONSerializer)], connection=mine, serializer=JSONSerializer
        )
        worker.work(with_scheduler=True, logging_level="WARNING")
