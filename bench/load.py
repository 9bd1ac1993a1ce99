"""HTTP load from one thread, over kept-alive connections with one request at a time each.

A *closed* loop sends a client's next request when its last is answered: a slow server gets less to do, and one that
answers before it does the work is overrun by its own clients. An *open* loop sends at a given rate whatever the server
does, and counts from the moment a request was due: who stalls pays for all that fell due meanwhile. Latencies are
claimed from the open loop only.
"""

from __future__ import annotations

import json
import random
import re
import selectors
import socket
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bench.processes import Failed, pause

_READ: Final = 1 << 16
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_LEAD_NS: Final = 50_000_000
CONNECTIONS: Final = 64
"""Of an open loop. A request that finds none free waits, and its wait counts."""


@dataclass
class Sent:
    """Of each request: when it went (in an open loop: was due) and when its answer was whole, in monotonic
    nanoseconds; 0 for never."""

    started: list[int]
    answered: list[int]
    bodies: list[bytes]
    statuses: Counter[int] = field(default_factory=Counter)

    @classmethod
    def nothing(cls, count: int) -> Sent:
        return cls([0] * count, [0] * count, [b""] * count)

    def rate(self) -> float:
        """Answers in a second, from the first request to the last answer."""
        done = [at for at in self.answered if at]
        return len(done) / ((max(done) - min(at for at in self.started if at)) / 1e9)

    def checked(self) -> Sent:
        """Raises Failed when an answer is no 2xx."""
        bad = {status: n for status, n in self.statuses.items() if not 200 <= status < 300}
        if bad:
            raise Failed(f"answers that are no 2xx: {bad}")
        return self


def request(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """One request as bytes."""
    named = {"Host": "127.0.0.1", "Content-Type": "application/json", **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"{method} {path} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class _Client:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number = -1
        self.read = b""

    def send(self, number: int, request: bytes) -> None:
        self.number, self.read = number, b""
        self.socket.sendall(request)

    def heard(self, sent: Sent) -> bool:
        """Take what has come; True when the answer is whole and the client free again."""
        data = self.socket.recv(_READ)
        if not data:
            raise Failed("the server has closed a connection")
        self.read = self.read + data if self.read else data
        status, body = _whole(self.read)
        if not status:
            return False
        sent.answered[self.number] = time.monotonic_ns()
        sent.bodies[self.number] = body
        sent.statuses[status] += 1
        return True


class _Clients:
    """Some connections, closed at the end of the block."""

    def __init__(self, port: int, count: int, selector: selectors.BaseSelector) -> None:
        self.all = [_Client(port) for _ in range(count)]
        self._selector = selector
        for client in self.all:
            self._selector.register(client.socket, selectors.EVENT_READ, client)

    def __enter__(self) -> _Clients:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        for client in self.all:
            client.socket.close()

    def readable(self, timeout_s: float) -> list[_Client]:
        return [key.data for key, _ in self._selector.select(timeout_s)]


def closed_loop(
    port: int, requests: Sequence[bytes], *, clients: int = 1, gap_s: float = 0.0, limit_s: float = 240.0
) -> Sent:
    """Send them all, each client its next one as soon as its last is answered (and `gap_s` later, which is meant for
    one client). Raises Failed when `limit_s` is over, a connection breaks, or an answer is no 2xx."""
    sent, todo, end = Sent.nothing(len(requests)), iter(range(len(requests))), time.monotonic() + limit_s
    busy = 0
    with _Clients(port, min(clients, len(requests)), selectors.DefaultSelector()) as them:
        for client in them.all:
            busy += _next(client, todo, requests, sent)
        while busy:
            _in_time(end, limit_s)
            for client in them.readable(1.0):
                if client.heard(sent):
                    if gap_s:
                        pause(gap_s)
                    busy += _next(client, todo, requests, sent) - 1
    return sent.checked()


def _next(client: _Client, todo: Any, requests: Sequence[bytes], sent: Sent) -> int:
    """1 when there was one more to send."""
    number = next(todo, None)
    if number is None:
        return 0
    sent.started[number] = time.monotonic_ns()
    client.send(number, requests[number])
    return 1


def open_loop(
    port: int,
    requests: Sequence[bytes],
    rate: float,
    *,
    clients: int = CONNECTIONS,
    seed: int = 1,
    limit_s: float = 120.0,
    for_s: float | None = None,
) -> Sent:
    """Send them at random moments, `rate` in a second on average. Raises Failed as `closed_loop` does.

    What could not go within `for_s`, since no connection was free, is never sent: it has no answer.
    """
    sent, number, done, end = Sent.nothing(len(requests)), 0, 0, time.monotonic() + limit_s
    last = time.monotonic() + (limit_s if for_s is None else for_s)
    with _Clients(port, clients, selectors.SelectSelector()) as them:  # to the microsecond; epoll: a millisecond
        free = list(them.all)
        sent.started = due = _due(len(requests), rate, seed)
        while done < number or (number < len(due) and time.monotonic() < last):
            _in_time(end, limit_s)
            while number < len(due) and free and due[number] <= time.monotonic_ns():
                free.pop(0).send(number, requests[number])  # in turn: one that is idle for long is closed
                number += 1
            idle = number >= len(due) or not free or time.monotonic() >= last
            for client in them.readable(0.5 if idle else max(0.0, (due[number] - time.monotonic_ns()) / 1e9)):
                if client.heard(sent):
                    free.append(client)
                    done += 1
    return sent.checked()


def _due(count: int, rate: float, seed: int) -> list[int]:
    chance, at, found = random.Random(seed), float(time.monotonic_ns() + _LEAD_NS), []
    for _ in range(count):
        at += chance.expovariate(rate) * 1e9
        found.append(int(at))
    return found


def _in_time(end: float, limit_s: float) -> None:
    if time.monotonic() > end:
        raise Failed(f"the load was not done within {limit_s:.0f} s")


def _whole(read: bytes) -> tuple[int, bytes]:
    """Status and body of a complete answer; 0 while there is more to come. Every server here names its length."""
    end = read.find(b"\r\n\r\n")
    if end < 0:
        return 0, b""
    found = _LENGTH.search(read, 0, end + 2)
    if found is None:
        raise Failed("an answer without its length")
    body = read[end + 4 :]
    return (int(read[9:12]), body) if len(body) >= int(found[1]) else (0, b"")


def get_json(port: int, path: str) -> Any:
    """One GET, its answer as JSON."""
    return json.loads(closed_loop(port, [request("GET", path)]).bodies[0])
