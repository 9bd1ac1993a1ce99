"""Our own connections to Twilio, against a server that says what the test wants, byte by byte."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvloop
from twilio.http.response import Response

from incident.notify import twilio_lines
from incident.notify.twilio_http import NoRoom, PooledHttpClient
from incident.notify.twilio_lines import Lines

CERTIFICATE = Path(__file__).with_name("localhost.pem")
OK = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}"
CLOSED = "closed"


class Server:
    """Answers each request with the next of `says`, piece by piece, and hangs after the last one."""

    def __init__(self, *says: bytes | list[bytes | str]) -> None:
        self.says = list(says)
        self.seen: list[bytes] = []
        self.connections = 0
        self.url = ""
        self.left = asyncio.Event()
        self.heard = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0] or 0)
                self.seen.append(head + await reader.readexactly(length))
                self.heard.set()
                said = self.says.pop(0) if self.says else []
                for piece in said if isinstance(said, list) else [said]:
                    if isinstance(piece, str):
                        return
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left.set()
        finally:
            writer.close()


@asynccontextmanager
async def served(server: Server, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    server.url = f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
    try:
        yield server
    finally:
        listening.close()


def asking(server: Server, then: Callable[[Callable[..., Any]], Coroutine[Any, Any, None]], **more: Any) -> None:
    """Run `then` with a function that asks the server over its connections."""

    async def run() -> None:
        async with served(server):
            lines = Lines(urlsplit(server.url), **{"most": 4, "seconds": 5.0, **more})

            async def ask(body: bytes = b"a=b", method: str = "POST") -> Response:
                return await lines.ask(method, f"{server.url}/x?y", {"Accept": "application/json"}, body)

            await then(ask)
            await lines.close()

    uvloop.run(run())


def test_a_request_is_written_as_http_wants_it() -> None:
    server = Server(OK, OK)

    async def then(ask: Any) -> None:
        answer = await ask(b"To=+1")
        assert (answer.status_code, answer.text) == (201, "{}")
        await ask(b"", "GET")

    asking(server, then)
    host = server.url.removeprefix("http://").encode()
    head = b"POST /x?y HTTP/1.1\r\nHost: " + host + b"\r\nAccept: application/json\r\n"
    assert server.seen[0] == head + b"Content-Length: 5\r\n\r\nTo=+1"
    assert server.seen[1] == head.replace(b"POST", b"GET") + b"\r\n"
    assert server.connections == 1


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 201 Cre", b"ated\r\nContent-", b'Length: 4\r\n\r\n{"', b'a"'],
        [b'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{"\r\n2\r\na"\r\n', b"0\r\n\r\n"],
        [b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", b'HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\n{"a"'],
        [b'HTTP/1.1 201 Created\r\n\r\n{"', b'a"', CLOSED],
    ],
    ids=["in pieces", "chunked", "with a hint before", "until the end"],
)
def test_an_answer_is_whole_however_it_comes(pieces: list[bytes | str]) -> None:
    async def then(ask: Any) -> None:
        answer = await ask()
        assert (answer.status_code, answer.text) == (201, '{"a"')

    asking(Server(pieces), then)


@pytest.mark.parametrize(
    "pieces",
    [
        [CLOSED],
        [b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n{}", CLOSED],
        [b"SSH-2.0-OpenSSH\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n", b"x" * 1_200_000],
    ],
    ids=["closed", "half of it", "no HTTP", "too much"],
)
def test_what_is_no_answer_is_an_error_and_the_next_one_gets_a_new_connection(pieces: list[bytes | str]) -> None:
    server = Server(pieces, OK)

    async def then(ask: Any) -> None:
        with pytest.raises(ConnectionError):
            await ask()
        assert (await ask()).status_code == 201

    asking(server, then)
    assert server.connections == 2


def test_who_hangs_is_left_after_the_time_and_the_connection_is_never_used_again() -> None:
    server = Server([], OK)

    async def then(ask: Any) -> None:
        with pytest.raises(TimeoutError):
            await ask()
        await server.left.wait()
        assert (await ask()).status_code == 201

    asking(server, then, seconds=0.5, most=1)
    assert server.connections == 2


def test_who_is_not_waited_for_any_more_answers_nobody_else() -> None:
    server = Server([], OK)

    async def then(ask: Any) -> None:
        forgotten = asyncio.create_task(ask())
        await server.heard.wait()
        forgotten.cancel()
        assert (await ask()).status_code == 201

    asking(server, then, most=1)
    assert server.connections == 2


def test_what_was_not_asked_for_is_not_taken_for_the_next_answer() -> None:
    wrong = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
    server = Server(OK + wrong, OK)

    async def then(ask: Any) -> None:
        assert (await ask()).status_code == 201
        assert (await ask()).status_code == 201

    asking(server, then)
    assert server.connections == 2


def test_a_connection_that_the_server_ends_or_that_was_idle_too_long_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bye = OK.replace(b"Content", b"Connection: close\r\nContent")
    server = Server(bye, OK, OK)

    async def then(ask: Any) -> None:
        assert (await ask()).status_code == 201
        monkeypatch.setattr(twilio_lines, "KEPT_S", -1.0)
        assert (await ask()).status_code == 201
        assert (await ask()).status_code == 201

    asking(server, then)
    assert server.connections == 3


def test_there_are_no_more_connections_than_are_allowed() -> None:
    server = Server(*[OK] * 50)

    async def then(ask: Any) -> None:
        assert {answer.status_code for answer in await asyncio.gather(*(ask() for _ in range(50)))} == {201}

    asking(server, then, most=3)
    assert server.connections == 3


def test_who_finds_every_connection_taken_waits_a_little_and_sends_nothing_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(twilio_lines, "ROOM_S", 0.05)
    server = Server(OK)

    async def then(ask: Any) -> None:
        assert (await ask()).status_code == 201
        hangs = asyncio.create_task(ask(b"hangs=1"))
        while len(server.seen) < 2:
            await server.heard.wait()
            await asyncio.sleep(0)
        with pytest.raises(NoRoom):
            await ask(b"waits=1")
        hangs.cancel()
        server.says.append(OK)
        assert (await ask(b"goes=1")).status_code == 201

    asking(server, then, most=1)
    assert [body.partition(b"\r\n\r\n")[2] for body in server.seen] == [b"a=b", b"hangs=1", b"goes=1"]


def test_a_header_that_would_be_two_is_refused() -> None:
    async def run() -> None:
        lines = Lines(urlsplit("http://127.0.0.1:9"), most=1, seconds=1.0)
        with pytest.raises(ValueError, match="two lines"):
            await lines.ask("POST", "http://127.0.0.1:9/", {"X": "a\r\nB: c"}, b"")

    asyncio.run(run())


def test_the_server_is_known_by_its_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(CERTIFICATE)

    async def run() -> None:
        async with served(Server(OK, OK), tls) as server:
            client = PooledHttpClient(timeout=5.0, pool=1, base_url=server.url)
            with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
                await client.request("POST", "https://api.twilio.com/x", data={"a": "b"})
            await client.close()
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
            client = PooledHttpClient(timeout=5.0, pool=1, base_url=server.url)
            assert (await client.request("POST", "https://api.twilio.com/x", data={"a": "b"})).status_code == 201
            await client.close()

    uvloop.run(run())


def test_behind_a_proxy_requests_go_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(OK)

    async def run() -> None:
        async with served(server):
            monkeypatch.setenv("http_proxy", server.url)
            monkeypatch.delenv("no_proxy", raising=False)
            monkeypatch.delenv("NO_PROXY", raising=False)
            client = PooledHttpClient(timeout=5.0, pool=1, base_url="http://api.example")
            answer = await client.request("POST", "https://api.twilio.com/x", data={"a": ["b c", "d&"]})
            assert (answer.status_code, answer.headers["content-length"]) == (201, "2")
            await client.close()

    asyncio.run(run())
    assert server.seen[0].startswith(b"POST http://api.example/x HTTP/1.1\r\n")
    assert server.seen[0].endswith(b"\r\n\r\na=b+c&a=d%26")
