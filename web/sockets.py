"""The sockets of one web process, and what one of them may cost: uvicorn's protocol with a patience.

uvicorn waits for ever for a request to be finished and for an answer to be taken, keeps headers of any size, and
takes any number of connections; a few hundred sockets that send a byte now and then would hold the process. Here
each connection has a time until which its peer must have done its part, looked at once a second for all of them
together: a request costs two readings of the loop's clock and no timer of its own.
"""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from math import inf
from typing import Any, Final, cast

from starlette.requests import HTTPConnection
from uvicorn.config import Config
from uvicorn.middleware.proxy_headers import _TrustedHosts
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

CONNECTIONS: Final = 10_000
_TRANSPORT: Final = "incident.transport"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for the whole head of a request, for its whole body, and for a reader that takes nothing of an answer;
    bytes and lines of a head; bytes of a request as sent, with its chunks and trailers; connections of all and of
    one address; when somebody who was turned away may come again; how often all are looked at."""

    head_s: float = 10.0
    body_s: float = 30.0
    reader_s: float = 30.0
    head_bytes: int = 32 * 1024
    head_lines: int = 100
    request_bytes: int = 4 * 1024 * 1024
    connections: int = CONNECTIONS
    of_one: int = 500
    retry_s: int = 5
    look_s: float = 1.0


_FAREWELL_S: Final = 5.0
"""What was said last must be taken within this; then the connection is cut."""
_FILES_OF_OURS: Final = 250
"""Database, bell, log and provider need descriptors too, also when every connection is taken."""
_MOST_FILES: Final = 65_536


class Crowd:
    """All connections of one server. `trusted` are the proxies: many people come from the address of one of those."""

    def __init__(self, patience: Patience, trusted: Callable[[str], bool]) -> None:
        self.patience: Final = patience
        self._trusted = trusted
        self._inside: set[Careful] = set()
        self._from: Counter[str] = Counter()
        self._look: asyncio.TimerHandle | None = None

    def enter(self, one: Careful, host: str | None) -> bool:
        """False for one too many."""
        counted = None if host is None or self._trusted(host) else host
        if len(self._inside) >= self.patience.connections:
            return False
        if counted is not None:
            if self._from[counted] >= self.patience.of_one:
                return False
            self._from[counted] += 1
        one.counted = counted
        self._inside.add(one)
        if self._look is None:
            self._look = one.loop.call_later(self.patience.look_s, self._overdue, one.loop)
        return True

    def __len__(self) -> int:
        return len(self._inside)

    def leave(self, one: Careful) -> None:
        self._inside.discard(one)
        if one.counted is not None:
            self._from[one.counted] -= 1
            if self._from[one.counted] <= 0:
                del self._from[one.counted]
            one.counted = None

    def _overdue(self, loop: asyncio.AbstractEventLoop) -> None:
        self._look = loop.call_later(self.patience.look_s, self._overdue, loop) if self._inside else None
        now = loop.time()
        for one in [one for one in self._inside if now >= one.until or now >= one.unread_until]:
            one.expire(now)


def careful(
    config: Config,
    server_state: ServerState,
    app_state: dict[str, Any],
    _loop: asyncio.AbstractEventLoop | None = None,
) -> Careful:
    """What uvicorn calls for each connection (`http="web.sockets:careful"`); all of one server are one crowd."""
    crowd: Crowd | None = getattr(server_state, "crowd", None)
    if crowd is None:
        most = room_for_connections(CONNECTIONS)
        proxies = _TrustedHosts(config.forwarded_allow_ips)  # whose X-Forwarded-For counts: others are behind them
        crowd = Crowd(Patience(connections=most), proxies.__contains__)
        server_state.crowd = crowd  # type: ignore[attr-defined]
    return Careful(config, server_state, app_state, _loop, crowd=crowd)


class Careful(HttpToolsProtocol):
    """One connection. `until` is when the peer must have done what it is waited for; while it is our turn, never.

    What was refused before a request stood (too large a head, too late) is answered here in a plain line.
    """

    # An instance with more than thirty attributes in its dictionary costs a kilobyte more, for each wall.
    __slots__ = (
        "_bytes", "_crowd", "_in_head", "_in_request", "_patience", "_why", "counted", "unread_until", "until",
    )  # fmt: skip

    def __init__(self, *given: Any, crowd: Crowd, **named: Any) -> None:
        super().__init__(*given, **named)
        self.until = self.unread_until = inf
        self.counted: str | None = None
        self._crowd, self._patience = crowd, crowd.patience
        self._in_head, self._in_request = True, False
        self._bytes = 0
        self._why = HTTPStatus.BAD_REQUEST

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.until = self.loop.time() + self._patience.head_s
        if not self._crowd.enter(self, self.client[0] if self.client else None):
            self._say(HTTPStatus.SERVICE_UNAVAILABLE)

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._bytes += len(data)
        super().data_received(data)
        if self._bytes > (self._patience.head_bytes if self._in_head else self._patience.request_bytes):
            self._say(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if self._in_head else HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            )

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][_TRANSPORT] = self.transport
        self.until = self.loop.time() + self._patience.head_s
        self._in_request = True

    def on_headers_complete(self) -> None:
        self._in_head = False
        most = self._patience
        if len(self.headers) > most.head_lines or (
            self._bytes > most.head_bytes and sum(map(_size, self.headers)) + len(self.url) > most.head_bytes
        ):
            self._why = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise ValueError(self._why.phrase)  # the parser stops, and `send_400_response` is called
        self.until = self.loop.time() + most.body_s
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head, self._in_request, self._bytes = True, False, 0
        self.until = self._quiet_until() if self.cycle.response_complete else inf

    def on_response_complete(self) -> None:
        following = bool(self.pipeline)
        super().on_response_complete()
        if not self._in_request and not following:
            self.until = self._quiet_until()

    def pause_writing(self) -> None:
        self.unread_until = self.loop.time() + self._patience.reader_s
        super().pause_writing()

    def resume_writing(self) -> None:
        self.unread_until = inf
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """What uvicorn does with bytes that are no request."""
        self._say(self._why)

    def expire(self, now: float) -> None:
        """The peer has not done its part: say so if it was about to ask something and can still hear it, else cut."""
        begun = self._in_request and (self._in_head or not self.cycle.response_started)
        self.until = now + _FAREWELL_S
        if self.transport.is_closing() or self.transport.get_write_buffer_size() > 0:
            self.transport.abort()
        elif begun:
            self._say(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def _quiet_until(self) -> float:
        """A little after uvicorn's own limit for quiet connections, which a stray byte takes away."""
        return self.loop.time() + self.timeout_keep_alive + _FAREWELL_S

    def _say(self, status: HTTPStatus) -> None:
        """The last words on this connection."""
        if self.transport.is_closing():
            return
        words = status.phrase.encode()
        again = f"retry-after: {self._patience.retry_s}\r\n" if status is HTTPStatus.SERVICE_UNAVAILABLE else ""
        head = f"HTTP/1.1 {status} {status.phrase}\r\ncontent-type: text/plain\r\ncontent-length: {len(words)}\r\n"
        self.transport.write(f"{head}{again}connection: close\r\n\r\n".encode() + words)
        self.transport.close()


def transport_of(request: HTTPConnection) -> asyncio.Transport | None:
    """What the answer to this request goes out by; None under a server that is not ours.

    Only for an answer that has begun, has not ended, and has named no length: it goes out in chunks.
    """
    return cast("asyncio.Transport | None", request.scope.get("state", {}).get(_TRANSPORT))


def _size(header: tuple[bytes, bytes]) -> int:
    return len(header[0]) + len(header[1]) + 4


def room_for_connections(wished: int) -> int:
    """How many connections this process can hold: its limit of open files is raised as far as it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    files = most if soft == resource.RLIM_INFINITY else soft
    return max(50, min(wished, files - _FILES_OF_OURS))
