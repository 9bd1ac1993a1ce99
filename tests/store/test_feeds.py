"""Links of calendar feeds: one for each person and thing, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from incident.store import feeds
from incident.store.engine import changing, reading
from incident.store.feeds import FeedLink

NOW = datetime(2026, 11, 23, 2, 12, tzinfo=UTC)


def test_a_new_link_takes_the_place_of_the_old_one_of_the_same_person_and_thing(engine: Engine) -> None:
    with changing(engine) as connection:
        feeds.put(connection, "hash-1", "alice", "person", NOW)
        feeds.put(connection, "hash-2", "alice", "roster:field", NOW)
        feeds.put(connection, "hash-3", "bob", "person", NOW)
        feeds.put(connection, "hash-4", "alice", "person", NOW + timedelta(days=1))
    with reading(engine) as connection:
        assert feeds.find(connection, "hash-1") is None
        assert feeds.find(connection, "hash-4") == FeedLink("alice", "person", NOW + timedelta(days=1))
        assert [one.subject for one in feeds.every(connection, "alice")] == ["person", "roster:field"]
        assert len(feeds.every(connection)) == 3


def test_a_link_is_taken_back_once(engine: Engine) -> None:
    with changing(engine) as connection:
        feeds.put(connection, "hash-1", "alice", "person", NOW)
        assert not feeds.remove(connection, "bob", "person")
        assert feeds.remove(connection, "alice", "person")
        assert not feeds.remove(connection, "alice", "person")
        assert feeds.find(connection, "hash-1") is None
