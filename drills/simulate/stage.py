"""One incident in virtual time: an agenda of what is going to happen, and a clock that jumps from one to the next.

Every decision is `incident.rehearse.put`, every deadline the core's own `wake_at`, every message an order of the core.
What is added here is the world outside: a provider that takes its seconds and sometimes fails, a person who hears it
or sleeps on. Two things at the same instant happen in the order in which they were planned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo

from drills.simulate.habits import Ears, Habits, Reaction, reaction
from drills.simulate.plans import Outside
from incident.commands import Acknowledge, Command, Decline, NoteDelivery, NoteFailure, Tick
from incident.deadlines import wake_at
from incident.errors import Refused, why
from incident.events import Entry
from incident.orders import BROKEN, KNOWN_S, PAGE, TO, Cancel, Send
from incident.organisation.people import WayKind
from incident.rehearse import SYSTEM, Stuck, Turn, put
from incident.state import Incident

MOST: Final = 100_000
"""Things that may happen in one drill: a week of one has some thousands."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who behaves how. `ears` are a script's players; `silent` people and `broken` ways never work, and nobody paged
    on a `blind` rung hears it."""

    habits: Habits
    ears: Mapping[str, Ears] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    blind: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Page:
    """One page to one person: the sends that have not gone out yet with when they are due, and what the person does.

    `hopeful`: a provider has taken one of them, so that it is not known that nothing reached the person.
    """

    reaction: Reaction
    ears: Ears
    rung: int
    ordered_at: datetime
    waiting: dict[str, tuple[Send, datetime]] = field(default_factory=dict)
    heard: bool = False
    hopeful: bool = False


class Stage:
    """`receipts` are written into the log as the desk would; a run of thousands leaves them out."""

    def __init__(self, incident: str, outside: Outside, cast: Cast, seed: str, *, receipts: bool = True) -> None:
        self.incident: Final = incident
        self.outside: Final = outside
        self.cast: Final = cast
        self.seed: Final = seed
        self.log: Final[list[Entry]] = []
        self.watchers: Final[list[Callable[[Turn], None]]] = []
        self.state: Incident | None = None
        self.now = datetime.min.replace(tzinfo=UTC)
        self._receipts = receipts
        self._wake: datetime | None = None
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._number = count()
        self._pages: dict[tuple[int, str], _Page] = {}
        self._zones: dict[str, ZoneInfo] = {}

    def at(self, when: datetime, act: Callable[[], None]) -> None:
        """Plan something; never before now."""
        heappush(self._agenda, (max(when, self.now), next(self._number), act))

    def after(self, minutes: float, act: Callable[[], None]) -> None:
        self.at(self.now + timedelta(minutes=minutes), act)

    def put(self, command: Command, by: str) -> bool:
        """Put a command now. False when the core refuses it: people try what is not allowed, and life goes on."""
        try:
            turn = put(
                self.state,
                command,
                self.outside(self.now, by),
                incident=self.incident,
                position=len(self.log),
            )
        except Refused:
            return False
        if turn is not None:
            self.take(turn)
        return True

    def take(self, turn: Turn) -> None:
        """Go on from a decision: keep its entries, let its orders go out, tell whoever watches."""
        self.state, self.now, self._wake = turn.state, max(self.now, turn.at), wake_at(turn.state)
        self.log.extend(turn.entries)
        for order in turn.orders:
            if isinstance(order, Cancel):
                self._cancel(order)
            elif order.purpose == PAGE:
                self._send(order)
        for watcher in self.watchers:
            watcher(turn)

    def run(self, until: datetime, *, stop: Callable[[Incident], bool] | None = None) -> None:
        """Let everything happen up to and including `until`, or until `stop` says so."""
        for _ in range(MOST):
            if self.state is not None and stop is not None and stop(self.state):
                return
            wake = self._wake
            planned = self._agenda[0][0] if self._agenda else None
            following = min((t for t in (wake, planned) if t is not None), default=None)
            if following is None or following > until:
                return
            self.now = max(self.now, following)
            if wake is not None and wake == following:
                before = len(self.log)
                self.put(Tick(), SYSTEM)
                if len(self.log) == before:
                    raise Stuck(f"{self.incident}: nothing was due at its wake {wake}")
            else:
                heappop(self._agenda)[2]()
        raise Stuck(f"{self.incident}: {MOST} things before {until}")

    def _send(self, send: Send) -> None:
        page = self._pages.get((send.page, send.person))
        if page is None:
            ears = self.cast.ears.get(send.person) or self.cast.habits.ears(self._hour(send.person))
            drawn = reaction(self.seed, send.person, send.page, ears)
            rung = self.state.alarm.rung if self.state else 0
            page = self._pages[send.page, send.person] = _Page(drawn, ears, rung, self.now)
        page.waiting[_address(send)] = send, send.not_before
        self.at(send.not_before, lambda: self._go(send, page))

    def _cancel(self, order: Cancel) -> None:
        for (_, person), page in self._pages.items():
            if order.person in (None, person):
                page.waiting.clear()

    def _go(self, send: Send, page: _Page) -> None:
        """The moment at which a send leaves, if it is still wanted; one that was put off waits on."""
        _, due = page.waiting.get(_address(send), (send, None))
        if due is None or self.now > send.expires_at:
            return
        if due > self.now:
            self.at(due, lambda: self._go(send, page))
            return
        del page.waiting[_address(send)]
        provider = self.cast.habits.providers.get(WayKind(send.way))
        broken = send.way in self.cast.broken or BROKEN in send.facts
        fails = provider is None or broken or page.reaction.failed[send.way] < provider.fails
        seconds = provider.seconds if provider else 0.0
        page.hopeful = page.hopeful or not fails
        landed = self._failed if fails else self._arrived
        self.after(seconds / 60, lambda: landed(send, page))

    def _failed(self, send: Send, page: _Page) -> None:
        """The person's next way goes at once; when the last one has failed, and all before it, the core is told."""
        if page.waiting:
            following, _ = min(page.waiting.values(), key=lambda pair: pair[1])
            page.waiting[_address(following)] = following, self.now
            self._go(following, page)
        elif not page.hopeful:
            self.put(NoteFailure(send.page, send.person, send.way, why("drill.play.provider", way=send.way)), SYSTEM)

    def _arrived(self, send: Send, page: _Page) -> None:
        """Delivered: the next way may take its full time, for the person has something to answer."""
        if self._receipts:
            self.put(NoteDelivery(send.page, send.person, send.way), SYSTEM)
        for address, (other, due) in page.waiting.items():
            known = page.ordered_at + timedelta(seconds=float(str(other.facts.get(KNOWN_S, 0))))
            page.waiting[address] = other, max(due, known)
        drawn = page.reaction
        deaf = drawn.away or send.person in self.cast.silent or page.rung in self.cast.blind
        if page.heard or deaf or drawn.heard[send.way] >= page.ears.hears.get(WayKind(send.way), 0.0):
            return
        page.heard = True
        self.after(drawn.after_s / 60, lambda: self._answer(send, page))

    def _answer(self, send: Send, page: _Page) -> None:
        """Whoever sees that it has been taken in the meantime puts the phone away again."""
        if self.state is None or not self.state.alarm.ringing:
            return
        by = f"person:{send.person}"
        if page.reaction.declines:
            self.put(Decline(send.person, send.way), by)
        else:
            self.put(Acknowledge(send.person, send.way), by)

    def _hour(self, name: str) -> int:
        zone = self._zones.get(name)
        if zone is None:
            person = self.outside.organisation.person(name)
            zone = self._zones[name] = ZoneInfo(person.timezone if person else "UTC")
        return self.now.astimezone(zone).hour


def _address(send: Send) -> str:
    """Which of the person's ways: two may be of one kind."""
    return f"{send.way}/{send.facts.get(TO, '')}"
