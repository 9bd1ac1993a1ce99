"""Follows the live stream of all incidents, as a wall does, and tells each entry in words as it comes.

One thread reads the stream and notes when each entry came; a second one looks its words up in the incident's log and
shows them, so that the looking up delays no measurement.
"""

from __future__ import annotations

import http.client
import json
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bench.demo.centre import Centre
from bench.processes import Failed
from incident.clock import monotonic

_SILENCE_S: Final = 15.0
"""Three heartbeats of the stream: after that it is dead."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One entry as the stream brought it. `arrived` is monotonic; `row` the board row after it."""

    position: int
    incident: str
    seq: int
    kind: str
    at: str
    row: Mapping[str, Any]
    arrived: float
    entry: Mapping[str, Any] = field(default_factory=dict)


Tell = Callable[[Seen], None]


class Follower:
    """`seen` holds every entry that has been told, in order."""

    def __init__(self, centre: Centre, key: str, tell: Tell) -> None:
        self.seen: Final[list[Seen]] = []
        self._centre, self._key, self._tell = centre, key, tell
        self._raw: queue.SimpleQueue[Seen | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._words: dict[tuple[str, int], Mapping[str, Any]] = {}
        self._listening = threading.Event()
        self._problem: BaseException | None = None
        self._ended = False
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._read, self._show)]

    def start(self) -> None:
        """Begin; returns once the stream is open. Raises Failed."""
        for thread in self._threads:
            thread.start()
        if not self._listening.wait(_SILENCE_S):
            raise Failed(f"the stream does not open: {self._problem}")

    def join(self) -> None:
        """Wait for the end, which the server's good-bye makes."""
        for thread in self._threads:
            thread.join(_SILENCE_S)

    def wait(self, wanted: Callable[[Seen], bool], timeout_s: float, what: str) -> Seen:
        """The first entry, told before or still to come, that is wanted. Raises Failed after `timeout_s`."""
        end, looked = monotonic() + timeout_s, 0
        with self._changed:
            while True:
                found = next((one for one in self.seen[looked:] if wanted(one)), None)
                if found is not None:
                    return found
                looked = len(self.seen)
                if self._ended:
                    raise Failed(f"{what}: the stream broke off ({self._problem})")
                if not self._changed.wait(max(0.0, end - monotonic())) and monotonic() >= end:
                    raise Failed(f"{what}: not on the stream within {timeout_s:.0f} s")

    def _read(self) -> None:
        host = self._centre.url.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=_SILENCE_S)
        try:
            connection.request("GET", "/api/stream", headers={"Authorization": f"Bearer {self._key}"})
            answer = connection.getresponse()
            if answer.status == http.HTTPStatus.OK:
                self._events(answer)
            else:
                self._problem = Failed(f"GET /api/stream: {answer.status}")
        except (OSError, http.client.HTTPException) as problem:
            self._problem = problem
        finally:
            connection.close()
            self._raw.put(None)

    def _events(self, answer: http.client.HTTPResponse) -> None:
        name = ""
        while line := answer.readline():
            arrived = monotonic()
            if line.startswith(b"event: "):
                name = line[7:].strip().decode()
                if name == "snapshot":
                    self._listening.set()
                if name == "bye":
                    return
            elif line.startswith(b"data: ") and name == "entry":
                self._raw.put(_seen(json.loads(line[6:]), arrived))

    def _show(self) -> None:
        try:
            while (one := self._raw.get()) is not None:
                self._told(one)
        except Exception as problem:  # whatever it was: the story must hear that nothing more will be told
            self._problem = problem
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _told(self, one: Seen) -> None:
        key = (one.incident, one.seq)
        if key not in self._words:
            entries = self._centre.log(one.incident, one.seq - 1)
            self._words |= {(entry["incident"], entry["seq"]): entry for entry in entries}
        whole = Seen(one.position, one.incident, one.seq, one.kind, one.at, one.row, one.arrived, self._words.pop(key))
        self._tell(whole)
        with self._changed:
            self.seen.append(whole)
            self._changed.notify_all()


def _seen(data: Mapping[str, Any], arrived: float) -> Seen:
    return Seen(
        position=data["position"],
        incident=data["incident"],
        seq=data["seq"],
        kind=data["kind"],
        at=data["at"],
        row=data["row"] or {},
        arrived=arrived,
    )
