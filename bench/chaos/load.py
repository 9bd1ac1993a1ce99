"""Those who report: a report at a steady pace each, and the same again now and then, as monitors do."""

from __future__ import annotations

import random
import threading
from typing import Final

from bench.chaos.book import Book, Reported
from bench.chaos.calls import Caller
from incident.clock import monotonic

REPORTERS: Final = 5
EACH_S: Final = 1.25
"""So often each of them reports something new."""
_REPEATS: Final = 2
_LEVELS: Final = ("critical", "critical", "critical", "high", "medium")


class Reporter(threading.Thread):
    """Asks until it is answered, always with the same keys: what was written before an answer got lost must fold."""

    def __init__(self, number: int, seed: int, caller: Caller, book: Book) -> None:
        super().__init__(name=f"reporter {number}", daemon=True)
        self._chance = random.Random(f"reporter {number} {seed}")
        self._number, self._caller, self._book = number, caller, book
        self._ended = threading.Event()
        self._known: list[str] = []

    def stop(self) -> None:
        self._ended.set()

    def run(self) -> None:
        self._ended.wait(EACH_S * self._number / REPORTERS)
        count = 0
        while not self._ended.is_set():
            begun = monotonic()
            count += 1
            self._report(f"r{self._number}-{count}")
            for key in self._chance.sample(self._known, min(_REPEATS, len(self._known))):
                self._repeat(key)
            self._ended.wait(max(0.0, begun + EACH_S - monotonic()))

    def _report(self, key: str) -> None:
        with self._book.lock:
            self._book.started += 1
        answer = self._caller.ask("report", "/api/incidents", self._body(key), **{"Idempotency-Key": key})
        if answer is not None and answer.ok:
            found = answer.json()
            with self._book.lock:
                self._book.reported.append(Reported(key, found["id"], found["code"], monotonic()))
            self._known = [*self._known[-3:], key]

    def _repeat(self, key: str) -> None:
        """Without a key of its own: each that is answered counts."""
        answer = self._caller.ask("repeat", "/api/incidents", self._body(key))
        if answer is not None and answer.status == 200:
            with self._book.lock:
                self._book.repeated[answer.json()["id"]] += 1
        elif answer is not None and answer.status == 201:  # what it repeats is over by now: it has opened a new one
            found = answer.json()
            with self._book.lock:
                self._book.reported.append(Reported(key, found["id"], found["code"], monotonic()))

    def _body(self, key: str) -> dict[str, object]:
        chance = random.Random(key)
        unit = chance.choice(("north", "south"))
        level = chance.choice(_LEVELS)
        place = {"place": "Hall 3", "product": "cloud", "customer": "ACME", "symptom": "no light", "scope": "one hall"}
        return {"title": f"fault {key}", "kind": "other", "level": level, "unit": unit, "dedup_key": key, **place}
