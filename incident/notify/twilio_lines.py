"""Connections to one server that are kept: one question at a time on each, many at once on one event loop.

aiohttp makes thirty objects for a request, which in a storm was a third of the worker's work. Here a request is the
bytes that go out, and the answer is what the web's own parser reads. Nothing is asked again by itself: nobody can tell
whether a question without an answer was heard, and the outbox asks again.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, cast
from urllib.parse import SplitResult, urlsplit

from aiohappyeyeballs import AddrInfoType, start_connection
from httptools import HttpParserError, HttpResponseParser
from twilio.http.response import Response

from incident.notify.trust import authorities
from incident.notify.twilio_http import NoRoom

ROOM_S: Final = 1.5
"""How long a request waits for one of the connections. They are all taken when the worker has claimed a little ahead,
and free within milliseconds; where the server has begun to hang, the message waits in the outbox rather than here."""
KEPT_S: Final = 20.0
"""An idle connection is given up before the other side is likely to: a request into a closed one is a lost second."""
NAMED_S: Final = 10.0
"""So long the addresses of a name are good."""
OTHER_ADDRESS_S: Final = 0.25
"""How long one address of several may be silent before the next is tried as well."""
LARGEST: Final = 1 << 20
"""Bytes of an answer: Twilio's have 800."""


class Line(asyncio.Protocol):
    """One connection. `kept_until` is when it is too old to be used again, while nobody uses it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._parser = HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._asked: asyncio.Future[Response] | None = None
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._until_closed = False
        self.open = True
        self.kept_until = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    async def ask(self, request: bytes, seconds: float) -> Response:
        """Its headers by their names in lower case. Raises TimeoutError and ConnectionError. Whoever does not wait for
        the answer closes the connection."""
        if self._transport is None or not self.open:
            raise ConnectionError("closed")
        self._asked = self._loop.create_future()
        timer = self._loop.call_later(seconds, self._fail, TimeoutError())
        try:
            self._transport.write(request)
            return await self._asked
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()
            self._asked = None

    def close(self) -> None:
        self.open = False
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            self._fail(ConnectionError("no HTTP"))

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if exc is None and self._until_closed:
            self.on_message_complete()
        self._fail(ConnectionError("closed"))

    def on_message_begin(self) -> None:
        if self._asked is None or self._asked.done():  # it must not be taken for the next one's answer
            self.close()
        self._headers, self._body, self._until_closed = {}, bytearray(), False

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._until_closed = self._headers.keys().isdisjoint(("content-length", "transfer-encoding"))

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > LARGEST:
            self._fail(ConnectionError("too large"))

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:  # more follows
            return
        self.open = self.open and self._parser.should_keep_alive()
        if self._asked is not None and not self._asked.done():
            self._asked.set_result(Response(status, self._body.decode(errors="replace"), self._headers))
        self._until_closed = False

    def _fail(self, problem: Exception) -> None:
        if self._asked is not None and not self._asked.done():
            self._asked.set_exception(problem)
        self.close()


class Lines:
    """`most` connections to a server, opened when they are wanted. Belongs to the event loop that first asks."""

    def __init__(self, server: SplitResult, *, most: int, seconds: float) -> None:
        self._host, self._seconds = server.hostname or "", seconds
        self._port = server.port or (443 if server.scheme == "https" else 80)
        self._tls: ssl.SSLContext | None = authorities() if server.scheme == "https" else None
        self._room = asyncio.Semaphore(most)
        self._idle: deque[Line] = deque()
        self._heads: dict[tuple[str, ...], bytes] = {}
        self._naming = asyncio.Lock()
        self._addresses: Sequence[AddrInfoType] = ()
        self._named_until = 0.0

    async def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Raises NoRoom, TimeoutError, and OSError where there is no answer."""
        length = b"" if method == "GET" else b"Content-Length: %d\r\n" % len(body)
        request = b"%s%s\r\n%s" % (self._head(method, url, headers), length, body)
        await self._enter()
        try:
            line = self._kept() or await self._opened()
            answer = await line.ask(request, self._seconds)
            if line.open:
                line.kept_until = asyncio.get_running_loop().time() + KEPT_S
                self._idle.append(line)
            else:
                line.close()
            return answer
        finally:
            self._room.release()

    async def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    async def _enter(self) -> None:
        if not self._room.locked():  # then it is given without waiting
            await self._room.acquire()
            return
        try:
            async with asyncio.timeout(ROOM_S):
                await self._room.acquire()
        except TimeoutError:
            raise NoRoom from None

    def _head(self, method: str, url: str, headers: Mapping[str, str]) -> bytes:
        """Everything that one request after the other has in common. Raises ValueError for what is no header."""
        key = (method, url, *headers, *headers.values())
        found = self._heads.get(key)
        if found is None:
            parts = urlsplit(url)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", *map(": ".join, headers.items())]
            if any(char in line for line in lines for char in "\r\n\0"):
                raise ValueError("a header of two lines")
            found = self._heads[key] = "".join(f"{line}\r\n" for line in lines).encode("latin-1")
        return found

    def _kept(self) -> Line | None:
        """The one that was used last. Those that have been idle for too long are at the other end."""
        now = asyncio.get_running_loop().time()
        while self._idle and (self._idle[0].kept_until < now or not self._idle[0].open):
            self._idle.popleft().close()
        while self._idle:
            line = self._idle.pop()
            if line.open:
                return line
        return None

    async def _opened(self) -> Line:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._seconds):
            found = await start_connection(
                await self._named(loop), happy_eyeballs_delay=OTHER_ADDRESS_S, interleave=1, loop=loop
            )
            try:
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                name = self._host if self._tls else None
                _, line = await loop.create_connection(Line, sock=found, ssl=self._tls, server_hostname=name)
            except BaseException:
                found.close()
                raise
            return line

    async def _named(self, loop: asyncio.AbstractEventLoop) -> Sequence[AddrInfoType]:
        """The server's addresses: a hundred connections that are opened at once ask for them once."""
        async with self._naming:
            if self._named_until < loop.time():
                self._addresses = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
                self._named_until = loop.time() + NAMED_S
            return self._addresses
