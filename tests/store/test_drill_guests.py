"""Links of a drill's guests, on both databases: found by their hash until they are taken back, and once only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from incident.store import drill_guests, live
from incident.store.drill_guests import GuestRow
from incident.store.engine import changing, reading
from incident.store.live import LiveRow

NOW = datetime(2026, 11, 23, 2, 12, tzinfo=UTC)
FIRST = GuestRow("one", "live/outage-1", "Fire brigade", "zh_Hans", 0, "person:dora", NOW)
SECOND = GuestRow("two", "live/outage-1", "City", "en", 3, "command", NOW + timedelta(seconds=1))
OTHER = GuestRow("three", "table/outage-2", "City", "en", 0, "person:dora", NOW)


def test_a_link_is_found_used_and_taken_back(engine: Engine) -> None:
    with changing(engine) as connection:
        for row in (FIRST, SECOND, OTHER):
            drill_guests.add(connection, row, f"hash-{row.id}")
        assert drill_guests.find(connection, "hash-one") == FIRST
        assert drill_guests.find(connection, "one") is None
        assert drill_guests.of(connection, FIRST.mark) == [FIRST, SECOND]
        assert drill_guests.standing(connection, FIRST.mark) == 2
        later = NOW + timedelta(minutes=5)
        drill_guests.used(connection, "one", later)
        drill_guests.used(connection, "one", NOW)  # another process was slower
        found = drill_guests.find(connection, "hash-one")
        assert found is not None
        assert found.used_at == later
        assert drill_guests.lately(found, later + timedelta(seconds=59))
        assert not drill_guests.lately(found, later + timedelta(minutes=1))
        assert not drill_guests.revoke(connection, OTHER.mark, "one", "person:dora", later), "another drill's"
        assert drill_guests.revoke(connection, FIRST.mark, "one", "person:dora", later)
        assert not drill_guests.revoke(connection, FIRST.mark, "one", "person:zoe", later), "once"
    with reading(engine) as connection:
        assert drill_guests.find(connection, "hash-one") is None
        gone = drill_guests.of(connection, FIRST.mark)[0]
        assert (gone.revoked_at, gone.revoked_by, gone.used_at) == (later, "person:dora", later)
        assert drill_guests.standing(connection, FIRST.mark) == 1


def test_those_of_a_kept_drill_are_whose_link_was_opened(engine: Engine) -> None:
    with changing(engine) as connection:
        live.add(connection, LiveRow(FIRST.mark, "", "{}", "en", "standard", "person:dora", "ended", NOW, kept="seal"))
        for row in (FIRST, SECOND):
            drill_guests.add(connection, row, f"hash-{row.id}")
        drill_guests.used(connection, "two", NOW)
        assert [row.name for row in drill_guests.of_kept(connection, "seal")] == ["City"]
        assert drill_guests.of_kept(connection, "another") == []
