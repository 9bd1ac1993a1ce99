"""What it must survive: no accepted report lost, no page lost, none doubled more than once for each crash."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from incident.commands import Acknowledge
from incident.running import redis_server
from incident.store import chain
from incident.store.engine import reading
from tests.store.conftest import store_url
from tests.survive.town import Town

pytestmark = pytest.mark.long

__all__ = ["store_url"]

Found = Callable[[float], Town]


@pytest.fixture
def found(tmp_path: Path, store_url: str, clean_redis_url: str) -> Iterator[Found]:
    """Found a town whose clock runs at a rate."""
    towns: list[Town] = []

    def make(rate: float) -> Town:
        towns.append(Town(tmp_path, store_url, clean_redis_url, rate=rate))
        return towns[-1]

    yield make
    for town in towns:
        town.close()


def whole(town: Town) -> None:
    with reading(town.house.engine) as connection:
        assert chain.verify(connection).holds


def test_a_worker_killed_in_the_middle_of_its_sends_loses_none_and_doubles_each_at_most_once(found: Found):
    town = found(1.0)
    town.twilio.open.clear()
    worker = town.start("worker")
    town.raises(30)
    town.until(lambda: town.twilio.codes().total() >= 10)
    town.kill(worker)
    town.twilio.open.set()
    town.start("worker")
    town.until(lambda: set(town.twilio.codes()) == town.codes() and town.unsent() is None)
    assert max(town.twilio.codes().values()) <= 2
    whole(town)


def test_pages_go_on_without_redis_and_after_it_is_flushed(found: Found, clean_redis_url: str):
    town = found(1.0)
    town.start("worker")
    town.raises(5)
    with redis.Redis.from_url(clean_redis_url) as client:
        client.flushall()
    town.raises(5)
    with redis.Redis.from_url(clean_redis_url) as client:
        client.client_kill_filter(_type="normal", skipme=True)
        client.client_kill_filter(_type="pubsub", skipme=True)
        client.flushall()
    town.raises(5)
    town.until(lambda: set(town.twilio.codes()) == town.codes())
    assert set(town.twilio.codes().values()) == {1}


def test_a_worker_that_is_asked_to_stop_while_redis_is_away_stops(tmp_path: Path, store_url: str):
    with redis_server.running(tmp_path / "bell", os.environ) as url:
        town = Town(tmp_path, store_url, url, rate=1.0)
        worker = town.start("worker")
        town.raises(1)
        town.until(lambda: set(town.twilio.codes()) == town.codes())
        with redis.Redis.from_url(url) as client:
            town.until(lambda: client.exists("rq:workers"))
    try:
        town.raises(1)
        town.until(lambda: set(town.twilio.codes()) == town.codes())
        worker.terminate()
        assert worker.wait(30) == 0
    finally:
        town.close()


def test_two_workers_and_two_watches_page_each_rung_once(found: Found):
    town = found(200.0)
    for name in ("worker", "worker", "watch", "watch"):
        town.start(name)
    incidents = town.raises(10)
    town.until(lambda: all(len(town.pages(i)) >= 3 for i in incidents))
    for incident in incidents:
        town.does(incident, Acknowledge("alice", "web"))
    pages = [town.pages(incident) for incident in incidents]
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in pages)
    town.until(lambda: town.unsent() is None)
    for number, incident in enumerate(incidents, 1):
        assert town.twilio.codes()[f"C{number}"] <= len(town.states(incident))
    whole(town)


def test_a_watch_that_was_killed_finds_what_came_due_and_climbs_one_rung(found: Found):
    town = found(200.0)
    watch = town.start("watch")
    [incident] = town.raises(1)
    town.until(lambda: len(town.pages(incident)) == 2)
    town.kill(watch)
    before = len(town.pages(incident))
    town.start("watch")
    town.until(lambda: len(town.pages(incident)) > before)
    numbers = town.pages(incident)
    assert numbers == list(range(1, len(numbers) + 1))
