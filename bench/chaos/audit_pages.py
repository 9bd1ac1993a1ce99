"""The auditor on pages: each that the log wants was ordered, and went out once or did not for a reason that is true."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from bench.chaos.audit import Finding, Kept, none
from bench.chaos.book import Arrival, Book, Done
from bench.chaos.double import GIVES_UP_S
from incident.events import Acknowledged, Closed, Declined, Merged, Paged, Resolved
from incident.notify.way_news import WAY
from incident.orders import PAGE

_SOON: Final = timedelta(minutes=10)
"""By the program's clock: a call that follows a text, or a retry, is due within this."""
_BY_DAY: Final = timedelta(days=1)
"""Nobody is called at night to be told that a way of theirs is broken: that waits for the morning where they are."""
_ON_THE_WIRE_S: Final = 0.25
"""What its sender had written before it was struck comes to the provider, and is noted there, within this."""
_IN_FLIGHT_S: Final = GIVES_UP_S + 3.0
"""How long after a message was taken its sender may still be struck before it has written that down."""


def pages(kept: Kept, book: Book, now: datetime) -> Iterator[Finding]:
    """Wanted, sent, and how often. What is not due at `now`, the end of the run, still has its time."""
    ordered = {(row.incident, row.page, row.person) for row in kept.outbox if row.purpose == PAGE}
    wanted = [
        (name, entry.event.page, summoned.person)
        for name, lines in kept.entries.items()
        for entry in lines
        if isinstance(entry.event, Paged)
        for summoned in entry.event.people
    ]
    yield none("pages wanted and never ordered", [str(one) for one in wanted if one not in ordered], len(wanted))
    taken: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in book.arrivals:
        taken[arrival.send].append(arrival)
    silent = [said for row in kept.outbox if (said := _silent(row, taken, kept, book, now))]
    yield none("pages ordered and never sent, without a true reason", silent, len(kept.outbox))
    same = Counter((r.incident, r.page, r.person, r.way) for r in kept.outbox if r.purpose == PAGE)
    yield none("pages ordered twice", [str(key) for key, times in same.items() if times > 1], len(same))
    yield from _doubles(taken, book)


def _silent(row: Any, taken: dict[str, list[Arrival]], kept: Kept, book: Book, now: datetime) -> str | None:
    """What is wrong with a message that no phone has got; None when nothing is."""
    about = f"{row.id} {row.purpose} page {row.page} to {row.person} by {row.way}: {row.state}"
    came = str(row.id) in taken
    match row.state:
        case "sent" | "delivered":
            return None if came else f"{about}, but the provider has never seen it"
        case "cancelled":
            return None if _silenced(row, kept) else f"{about}, but nobody had answered"
        case "expired":
            late = row.settled_at is not None and row.settled_at > row.expires_at
            return None if late and row.reason else f"{about}, but it was not too old"
        case "failed":
            said_no = book.refused[str(row.id)] > 0 or came
            return None if said_no and row.reason else f"{about}, but the provider has refused nothing"
        case _:
            patience = _BY_DAY if row.purpose == WAY else _SOON
            return None if row.state == "waiting" and now < row.not_before < now + patience else about


def _silenced(row: Any, kept: Kept) -> bool:
    """Whether an answer came after the page was ordered, or a no of this person."""
    for entry in kept.entries[row.incident]:
        if entry.position < row.position:
            continue
        if isinstance(entry.event, Acknowledged | Resolved | Closed | Merged):
            return True
        if isinstance(entry.event, Declined) and entry.event.person == row.person:
            return True
    return False


def _doubles(taken: dict[str, list[Arrival]], book: Book) -> Iterator[Finding]:
    """A message may come twice when its sender was struck, or waited no longer, before it could note the first time."""
    unexplained: list[str] = []
    why: Counter[str] = Counter()
    used: Counter[tuple[str, int]] = Counter()
    for send, arrivals in taken.items():
        for before, after in pairwise(arrivals):
            cause = _cause(before, after, book.done)
            if cause is None and before.answered is not None:
                unexplained.append(f"send {send}: {before.code}, {after.at - before.at:.1f} s after the first")
            elif cause is None:
                why["unanswered"] += 1
            else:
                why[str(cause.trick)] += 1
                used[send, id(cause)] += 1
    told = ", ".join(f"{name} {n}" for name, n in why.most_common())
    yield none("messages sent twice without a cause", unexplained, f"{sum(why.values())} with one: {told}"[:120])
    often = [send for (send, _), times in used.items() if times > 1]
    yield none("messages sent more than once more for one cause", often)


def _cause(before: Arrival, after: Arrival, done: list[Done]) -> Done | None:
    """What was done between the first arrival and the moment at which its sender would have written it down."""
    for one in done:
        struck = one.at <= before.at + _IN_FLIGHT_S and one.until + _ON_THE_WIRE_S >= before.at
        if one.trick.doubles and struck and one.at <= after.at:
            return one
    return None
