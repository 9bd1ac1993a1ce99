"""PostgreSQL is restarted, dies, and is followed by its standby, under load: what was answered is there, once."""

from __future__ import annotations

import http.client
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from incident.clock import monotonic
from incident.ids import hashed, new_key
from incident.store import chain, keys
from incident.store.engine import changing, reading
from incident.store.tables import board
from tests.conftest import missing
from tests.servers import USER, find_postgres
from tests.survive.cluster import Cluster, started
from tests.survive.forwarder import Forwarder
from tests.survive.serve import Wall, call, free_port
from tests.survive.town import Town

pytestmark = pytest.mark.long

PAGED_WITHIN = 20.0
"""Seconds from a database that answers again to the next page: half a second on an idle machine."""


@dataclass
class Web:
    host: str
    port: int
    key: str


class Sender(threading.Thread):
    """A monitor that reports without a pause, and each report again under its own key until it is answered 201."""

    def __init__(self, web: Web, name: str) -> None:
        super().__init__(daemon=True, name=name)
        self.web, self.number, self.refused, self.stop = web, 0, 0, threading.Event()
        self.start()

    def run(self) -> None:
        while not self.stop.is_set():
            while not self._reported(f"{self.name} {self.number}"):
                self.refused += 1
                self.stop.wait(0.1)
            self.number += 1
            self.stop.wait(0.05)

    def _reported(self, title: str) -> bool:
        body = {"title": title, "kind": "other", "level": "critical", "product": "cloud"}
        try:
            return call(self.web, "POST", "/api/incidents", body, 20, {"Idempotency-Key": title})[0] == 201
        except (OSError, http.client.HTTPException, ValueError):
            return False


@pytest.fixture
def primary() -> Iterator[Cluster]:
    binaries = find_postgres()
    if binaries is None:
        missing("PostgreSQL", "postgresql")
    with started(binaries) as cluster:
        yield cluster


@pytest.fixture
def standby(primary: Cluster) -> Iterator[Cluster]:
    with primary.standby() as standby:
        yield standby


@pytest.fixture
def door(primary: Cluster) -> Iterator[Forwarder]:
    """The address of the database, whichever server stands behind it."""
    door = Forwarder("127.0.0.1", primary.door)
    yield door
    door.close()


@pytest.fixture
def town(tmp_path: Path, door: Forwarder, standby: Cluster, clean_redis_url: str) -> Iterator[Town]:
    url = f"postgresql://{USER}@127.0.0.1:{door.port}/incident"
    town = Town(tmp_path, url, clean_redis_url, rate=1.0)
    yield town
    town.close()


@pytest.fixture
def web(town: Town) -> Web:
    """All the processes run, and the web answers."""
    web = Web("127.0.0.1", free_port(), new_key())
    with changing(town.house.engine) as connection:
        keys.add(connection, hashed=hashed(web.key), name="test", role="admin", now=town.house.clock.now())
    town.start("web", port=str(web.port))
    town.start("worker")
    town.start("watch")
    town.until(lambda: says(web, "/readyz") == 200)
    return web


def says(web: Web, path: str) -> int:
    try:
        return call(web, "GET", path, timeout=15)[0]
    except OSError:
        return 0


def first_page_after(town: Town) -> float:
    """Seconds until the provider hears of an incident that it had not heard of."""
    begun, known = monotonic(), set(town.twilio.codes())
    town.until(lambda: set(town.twilio.codes()) - known, within=PAGED_WITHIN)
    return monotonic() - begun


def test_what_was_answered_is_there_once_after_a_restart_and_on_the_standby_that_took_over(
    town: Town, web: Web, primary: Cluster, standby: Cluster, door: Forwarder
) -> None:
    wall = Wall(web)
    town.until(lambda: wall.connections == 1)
    senders = [Sender(web, f"monitor-{n}") for n in range(3)]
    town.until(lambda: all(sender.number > 3 for sender in senders))

    primary.stop()  # somebody restarts it
    town.until(lambda: all(sender.refused > 1 for sender in senders))
    assert says(web, "/healthz") == 200
    town.until(lambda: says(web, "/readyz") == 503)
    primary.start()
    assert first_page_after(town) < PAGED_WITHIN

    town.until(lambda: primary.does("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == 1)
    primary.stop(signal.SIGQUIT)  # it dies, and the standby takes its place
    standby.does("SELECT pg_promote()")
    door.moved_to(standby.door)
    assert first_page_after(town) < PAGED_WITHIN

    for sender in senders:
        sender.stop.set()
        sender.join(20)
    town.until(lambda: says(web, "/readyz") == 200)
    assert all(child.poll() is None for child in town.children), "a process did not survive its database"
    town.until(lambda: town.unsent() is None)
    _audit(town, senders, wall)


def _audit(town: Town, senders: list[Sender], wall: Wall) -> None:
    with reading(town.house.engine) as connection:
        assert chain.verify(connection).holds
        words = sorted(connection.scalars(select(board.c.words)))
        last = connection.scalar(select(board.c.position).order_by(board.c.position.desc()))
    for sender in senders:
        own = [line for line in words if sender.name in line]
        assert len(own) == sender.number, "a report that was answered is lost, or one is there twice"
    town.until(lambda: town.codes() <= set(town.twilio.codes()))  # some were put off while the database was away
    assert set(town.twilio.codes()) - town.codes() == set(), "a page for an incident that is not there"
    assert max(town.twilio.codes().values()) <= 3, "a page may double once for each of the two ends"
    town.until(lambda: wall.seen and wall.seen[-1] >= last)
    wall.stop.set()
    assert wall.seen == list(range(wall.seen[0], wall.seen[0] + len(wall.seen))), "an entry was missed or seen twice"
