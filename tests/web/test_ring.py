"""The shared ring of encoded entries."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from web.ring import PORTION, Frame, Ring


def frame(position: int) -> Frame:
    return Frame(position, f"i{position % 3}", f"<{position}>".encode())


def frames(first: int, last: int) -> list[Frame]:
    return [frame(n) for n in range(first, last + 1)]


def test_a_stream_gets_exactly_what_came_after_it() -> None:
    ring = Ring(start=10)
    ring.add(frames(11, 14))
    assert ring.after(12) == (14, b"<13><14>")
    assert ring.after(14) == (14, b"")


def test_a_position_that_has_not_come_yet_gets_nothing() -> None:
    ring = Ring(start=10)
    ring.add(frames(11, 12))
    assert ring.after(99) == (99, b"")
    assert ring.after(99, "i0") == (99, b"")


def test_one_incident_s_entries_only() -> None:
    ring = Ring(start=0)
    ring.add(frames(1, 8))
    assert ring.after(1, "i1") == (8, b"<4><7>")


def test_what_was_seen_before_is_not_sent_twice() -> None:
    ring = Ring(start=0)
    ring.add(frames(1, 5))
    ring.add(frames(3, 6))
    assert ring.after(0) == (6, b"<1><2><3><4><5><6>")


def test_after_a_gap_nobody_who_is_behind_is_served_from_the_ring() -> None:
    ring = Ring(start=0)
    ring.add(frames(1, 3))
    ring.add(frames(7, 8))
    assert not ring.holds(3)
    assert ring.holds(6)
    assert ring.after(6) == (8, b"<7><8>")


def test_whoever_is_far_behind_gets_one_portion_after_the_other() -> None:
    ring = Ring(start=0)
    ring.add(frames(1, PORTION + 2))
    end, data = ring.after(0)
    assert end == PORTION
    assert data.endswith(f"<{PORTION}>".encode())
    assert ring.after(end) == (PORTION + 2, f"<{PORTION + 1}><{PORTION + 2}>".encode())


@given(st.lists(st.integers(1, 40), max_size=30), st.integers(4, 16))
def test_whatever_the_batches_a_holder_of_a_position_misses_nothing(batches: list[int], size: int) -> None:
    ring, last, cursor, got = Ring(start=0, size=size), 0, 0, b""
    for count in batches:
        ring.add(frames(last + 1, last + count))
        last += count
        assert ring.last == last
        if ring.holds(cursor):
            got += ring.after(cursor)[1]
        else:
            got += b"".join(f.data for f in frames(cursor + 1, last))
        cursor = last
    assert got == b"".join(f.data for f in frames(1, last))
