"""What one connection may cost: slow heads, slow bodies, large heads, many of them, readers that take nothing."""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import uvicorn

from web.sockets import Careful, Crowd, Patience, room_for_connections

QUICK = Patience(head_s=0.3, body_s=0.3, reader_s=0.3, look_s=0.1)
GET = b"GET /small HTTP/1.1\r\nhost: x\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body and answers: a little, or at `/large` more than any buffer between two sockets takes."""
    if scope["type"] != "http":
        return
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message.get("more_body", False)
    if scope["path"] == "/slow":
        await asyncio.sleep(0.8)
    pieces = 400 if scope["path"] == "/large" else 1
    await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"keep-alive")]})
    for _ in range(pieces):
        await send({"type": "http.response.body", "body": b"x" * 100_000 if pieces > 1 else b"ok", "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@contextmanager
def serving(patience: Patience, *, keep_alive: int = 5, trusted: bool = False) -> Iterator[tuple[int, Crowd]]:
    crowd = Crowd(patience, lambda _: trusted)
    config = uvicorn.Config(
        app,
        http=partial(Careful, crowd=crowd),  # type: ignore[arg-type]
        lifespan="off",
        log_config=None,
        timeout_keep_alive=keep_alive,
        timeout_graceful_shutdown=1,
    )
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(256)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1], crowd
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(QUICK) as (found, _):
        yield found


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 5)


def heard(one: socket.socket, *, within: float = 4.0) -> bytes:
    """All that comes until the other side ends it, which it must within the time."""
    said, until = b"", time.monotonic() + within
    while True:
        assert select.select([one], [], [], max(0.0, until - time.monotonic()))[0], f"still open, after {said!r}"
        try:
            piece = one.recv(1 << 20)
        except ConnectionResetError:
            return said
        if not piece:
            return said
        said += piece


def test_an_ordinary_request_passes_and_the_connection_is_kept(port: int) -> None:
    with connected(port) as one:
        for _ in range(3):
            one.sendall(GET + b"\r\n")
            assert one.recv(1000).startswith(b"HTTP/1.1 200")


def test_who_says_nothing_is_cut_off(port: int) -> None:
    with connected(port) as one:
        assert heard(one) == b""


@pytest.mark.parametrize("first", [b"G", b"GET / HTTP/1.1\r\nx: y", b"\r\n"], ids=["letter", "header", "blank"])
def test_who_sends_a_head_byte_by_byte_is_cut_off(port: int, first: bytes) -> None:
    with connected(port) as one:
        one.sendall(first)
        for _ in range(5):
            if select.select([one], [], [], 0.1)[0]:
                break
            one.sendall(b"y")
        assert heard(one)[:12] in (b"HTTP/1.1 408", b"HTTP/1.1 400", b"")


def test_who_sends_a_body_byte_by_byte_is_cut_off(port: int) -> None:
    with connected(port) as one:
        one.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{")
        assert heard(one).startswith(b"HTTP/1.1 408")


def test_a_second_request_may_not_be_slower_than_the_first(port: int) -> None:
    """A byte after an answer ends uvicorn's own time limit for quiet connections."""
    with connected(port) as one:
        one.sendall(GET + b"\r\n")
        one.recv(1000)
        one.sendall(b"G")
        assert heard(one).startswith(b"HTTP/1.1 408")


def test_our_own_slowness_is_nobodys_fault(port: int) -> None:
    with connected(port) as one:
        one.sendall(b"GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        assert heard(one).startswith(b"HTTP/1.1 200")


def test_who_takes_nothing_of_an_answer_is_cut_off() -> None:
    with serving(QUICK) as (port, crowd), connected(port) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.sendall(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
        assert one.recv(12) == b"HTTP/1.1 200"
        until = time.monotonic() + 30
        while len(crowd):
            assert time.monotonic() < until, "the reader that takes nothing is still kept"
            select.select([], [], [], 0.05)


def test_a_quiet_connection_ends_after_its_time() -> None:
    with serving(QUICK, keep_alive=1) as (port, _), connected(port) as one:
        one.sendall(GET + b"\r\n")
        assert b"200 OK" in heard(one)


@pytest.mark.parametrize(
    "head",
    [
        GET + b"x: " + b"y" * 40_000 + b"\r\n\r\n",
        GET + b"x: " + b"y" * 400_000,
        GET + b"".join(b"x%d: y\r\n" % n for n in range(120)) + b"\r\n",
        b"GET /" + b"y" * 40_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
    ids=["one long", "never ending", "many", "address"],
)
def test_a_head_that_is_too_large_is_431(port: int, head: bytes) -> None:
    with connected(port) as one:
        one.sendall(head)
        assert heard(one)[:12] in (b"HTTP/1.1 431", b"")  # a reset may overtake the words when more was on its way


def test_a_request_that_never_ends_is_cut_off_by_its_bytes() -> None:
    """Chunks of nothing, then trailers: none of it counts as the body, and there is time enough."""
    trailers = b"".join(b"t%d: " % number + b"y" * 4000 + b"\r\n" for number in range(100))
    with serving(Patience(request_bytes=100_000)) as (port, _), connected(port) as one:
        one.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n")
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            one.sendall(trailers)
        assert heard(one)[:12] in (b"HTTP/1.1 413", b"")


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nx\x00: y\r\n\r\n",
        b"GET http:// HTTP/1.1\r\n\r\n",
        b"CONNECT :-1 HTTP/1.1\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    ],
    ids=["tls", "http2", "lengths", "smuggling", "version", "nul", "name", "url", "connect", "star", "chunk"],
)
def test_bytes_that_are_no_request_are_answered_or_cut_and_harm_nobody(port: int, bytes_sent: bytes) -> None:
    with connected(port) as one:
        one.sendall(bytes_sent)
        one.shutdown(socket.SHUT_WR)
        answer = heard(one)
        assert answer[:10] in (b"HTTP/1.1 4", b"HTTP/1.1 2", b""), answer
    test_an_ordinary_request_passes_and_the_connection_is_kept(port)


def test_one_address_has_only_so_many_connections_and_is_told_when_to_come_again() -> None:
    with serving(Patience(of_one=3, connections=100)) as (port, _):
        inside = [connected(port) for _ in range(3)]
        with connected(port) as fourth:
            answer = heard(fourth)
            assert answer.startswith(b"HTTP/1.1 503")
            assert b"retry-after: 5" in answer
        inside.pop().close()
        again(port)
        for one in inside:
            one.close()


def test_all_together_have_only_so_many_and_a_proxy_is_not_one_of_them() -> None:
    with serving(Patience(of_one=1, connections=3), trusted=True) as (port, _):
        inside = [connected(port) for _ in range(3)]
        for one in inside:
            one.sendall(GET + b"\r\n")
            assert one.recv(1000).startswith(b"HTTP/1.1 200")
        with connected(port) as fourth:
            assert heard(fourth).startswith(b"HTTP/1.1 503")
        for one in inside:
            one.close()
        again(port)


def again(port: int) -> None:
    """A place is free again as soon as the server has seen somebody leave."""
    until = time.monotonic() + 30
    while True:
        with connected(port) as one:
            one.sendall(GET + b"\r\n")
            if one.recv(1000).startswith(b"HTTP/1.1 200"):
                return
        assert time.monotonic() < until, "the place of who left is not free"


def test_descriptors_are_kept_for_the_rest_of_the_process() -> None:
    assert 50 <= room_for_connections(10) <= 50
    assert room_for_connections(10**9) < 70_000
