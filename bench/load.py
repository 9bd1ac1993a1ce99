"""HTTP load from one thread: some clients, each with one kept-alive connection and one request at a time."""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bench.processes import Failed, pause

_READ: Final = 1 << 16


@dataclass
class Sent:
    """Of each request: when it went and when its answer was whole, in monotonic nanoseconds; 0 for never."""

    started: list[int]
    answered: list[int]
    bodies: list[bytes]
    statuses: Counter[int] = field(default_factory=Counter)

    def rate(self) -> float:
        """Answers in a second, from the first request to the last answer."""
        done = [at for at in self.answered if at]
        return len(done) / ((max(done) - min(at for at in self.started if at)) / 1e9)


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


def closed_loop(
    port: int, requests: Sequence[bytes], *, clients: int = 1, gap_s: float = 0.0, limit_s: float = 120.0
) -> Sent:
    """Send them all, each client its next one as soon as its last is answered (and `gap_s` later, which is meant for
    one client). Raises Failed when `limit_s` is over, a connection breaks, or an answer is no 2xx."""
    sent = Sent([0] * len(requests), [0] * len(requests), [b""] * len(requests))
    todo = iter(range(len(requests)))
    end = time.monotonic() + limit_s
    with selectors.DefaultSelector() as waiting:
        for _ in range(min(clients, len(requests))):
            client = _Client(port)
            waiting.register(client.socket, selectors.EVENT_READ, client)
            _next(client, next(todo), requests, sent)
        try:
            while any(key.data.number >= 0 for key in waiting.get_map().values()):
                if time.monotonic() > end:
                    raise Failed(f"the load was not done within {limit_s:.0f} s")
                for key, _ in waiting.select(1.0):
                    _heard(key.data, sent)
                    if key.data.number < 0:
                        pause(gap_s)
                        _next(key.data, next(todo, -1), requests, sent)
        finally:
            for key in list(waiting.get_map().values()):
                key.data.socket.close()
    bad = {status: n for status, n in sent.statuses.items() if not 200 <= status < 300}
    if bad:
        raise Failed(f"answers that are no 2xx: {bad}")
    return sent


def _next(client: _Client, number: int, requests: Sequence[bytes], sent: Sent) -> None:
    client.number, client.read = number, b""
    if number >= 0:
        sent.started[number] = time.monotonic_ns()
        client.socket.sendall(requests[number])


def _heard(client: _Client, sent: Sent) -> None:
    """Take what has come; a whole answer frees the client (`number` is then -1)."""
    data = client.socket.recv(_READ)
    if not data:
        raise Failed("the server has closed a connection")
    client.read += data
    status, body = _whole(client.read)
    if status:
        sent.answered[client.number] = time.monotonic_ns()
        sent.bodies[client.number] = body
        sent.statuses[status] += 1
        client.number = -1


def _whole(read: bytes) -> tuple[int, bytes]:
    """Status and body of a complete answer; 0 while there is more to come. Every server here names its length."""
    head, found, body = read.partition(b"\r\n\r\n")
    if not found:
        return 0, b""
    lines = head.lower().split(b"\r\n")
    length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), None)
    if length is None:
        raise Failed("an answer without its length")
    return (int(lines[0].split()[1]), body) if len(body) >= length else (0, b"")


def get_json(port: int, path: str) -> Any:
    """One GET, its answer as JSON."""
    return json.loads(closed_loop(port, [request("GET", path)]).bodies[0])
