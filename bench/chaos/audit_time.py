"""The auditor on time: how soon a page goes out again after each strike, and how late pages were all the while."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from bench.chaos.audit import Finding, none
from bench.chaos.book import Book, Done
from bench.chaos.walls import Walls
from bench.figures import percentile

SOON_S: Final = 5.0
_NOTICED_S: Final = 5.0
"""For a moment a full disk need not be noticed: there is room in what the database has taken already."""
_STRIKES: Final = ("kill", "flush")
_FROM_THE_END: Final = ("provider", "disk")
"""While these last there is no page to be had: what counts is how soon one comes when they are over."""


def first_pages(book: Book) -> dict[str, float]:
    """When the provider took the first message about each code."""
    found: dict[str, float] = {}
    for arrival in book.arrivals:
        found.setdefault(arrival.code, arrival.at)
    return found


def lags(book: Book) -> list[tuple[float, float]]:
    """Of each report: when it was answered, and after how long its first page was at the provider."""
    first = first_pages(book)
    return sorted((r.answered, max(0.0, first[r.code] - r.answered)) for r in book.reported if r.code in first)


def recoveries(book: Book) -> list[tuple[Done, float | None]]:
    """After each act: how long until the first page about something that was reported since."""
    first = first_pages(book)
    found = []
    for done in book.done:
        start = done.until if done.trick.name in _FROM_THE_END else done.at
        came = [first[r.code] for r in book.reported if r.answered >= start and r.code in first]
        found.append((done, min(came) - start if came else None))
    return found


def times(book: Book) -> Iterator[Finding]:
    """By kind of act; only the strikes have a limit."""
    kinds: dict[str, list[float | None]] = defaultdict(list)
    for done, seconds in recoveries(book):
        if done.note.endswith("not running"):  # it was not there to be struck
            continue
        kinds["kill" if done.trick.name in _STRIKES else done.trick.name].append(seconds)
    for kind, after in sorted(kinds.items()):
        known = [s for s in after if s is not None]
        worst = percentile(known, 0.99) if known and len(known) == len(after) else float("inf")
        middle = percentile(known, 0.5) if known else float("inf")
        limit = kind == "kill"
        yield Finding(
            f"first page after each {kind}: p99",
            f"< {SOON_S:.0f} s" if limit else "",
            f"{worst:.2f} s",
            worst < SOON_S or not limit,
            f"{len(after)}, p50 {middle:.2f} s",
        )


def walls(found: Walls, head: int, end: int) -> Iterator[Finding]:
    """Exactly once by position, over every reconnection, up to where the log stood before they went (`head`), and
    nothing that the log (until `end`) does not hold."""
    all_walls = found.walls
    behind = [f"wall {w.number} at {w.last} of {head}" for w in found.behind(head)]
    behind += [f"wall {w.number} at {w.last}, beyond {end}" for w in all_walls if w.last is not None and w.last > end]
    entries, back = sum(w.entries for w in all_walls), sum(w.connections for w in all_walls)
    snapshots = sum(w.snapshots for w in all_walls)
    faults = [fault for wall in all_walls for fault in wall.faults]
    missed, twice = sum(w.missed for w in all_walls), sum(w.twice for w in all_walls)
    of = f"{entries} at {len(all_walls)} walls, {back} connections, {snapshots} snapshots"
    yield Finding("entries that a wall missed", "0", str(missed), not missed, of, tuple(faults[:5]))
    yield Finding("entries that a wall saw twice", "0", str(twice), not twice, "", tuple(faults[:5]))
    yield none("walls that do not stand at the log's end", behind, len(all_walls))


def answers(book: Book, found: Walls) -> Iterator[Finding]:
    """Only answers that the contract knows; a full disk is a 503, and said on the walls."""
    yield none("answers that are neither 2xx, 409 nor 503", book.strange, sum(book.statuses.values()))
    yield none("senders who gave up", book.given_up, book.started)
    full = [done for done in book.done if done.trick.name == "disk" and done.until - done.at > _NOTICED_S]
    if full:
        refused = sum(any(d.at <= at <= d.until for d in full) for at in book.unavailable)
        yield Finding("503 while the disk was full", "> 0", str(refused), refused > 0)
        yield Finding("heartbeats that told walls so", "> 0", str(found.warned), found.warned > 0)
