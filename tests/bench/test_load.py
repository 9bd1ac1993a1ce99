"""The load generator, against a small server of its own."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from threading import Thread

import pytest

from bench.load import closed_loop, get_json, open_loop, request
from bench.processes import Failed

pytestmark = pytest.mark.long


class Answers(BaseHTTPRequestHandler):
    """200 with what was posted; 503 on /down; /sum adds nothing and is JSON."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._send(503 if self.path == "/down" else 200, body)

    def do_GET(self) -> None:
        self._send(200, b'{"n": 3}')

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


class Server(ThreadingHTTPServer):
    request_queue_size = 256


@pytest.fixture
def port() -> Iterator[int]:
    with Server(("127.0.0.1", 0), Answers) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield int(server.server_port)
        server.shutdown()
        thread.join()


def test_every_request_is_answered_with_its_own_body(port: int) -> None:
    bodies = [str(number).encode() * 300 for number in range(40)]
    sent = closed_loop(port, [request("POST", "/", body) for body in bodies], clients=7)
    assert sent.bodies == bodies
    assert sent.statuses == {200: 40}
    assert all(start < end for start, end in zip(sent.started, sent.answered, strict=True))
    assert sent.rate() > 0


def test_an_open_loop_counts_from_when_a_request_was_due(port: int) -> None:
    requests = [request("POST", "/", b"x")] * 60
    sent = open_loop(port, requests, 600, clients=2)
    assert sent.statuses == {200: 60}
    assert sent.started == sorted(sent.started)
    gaps = [b - a for a, b in pairwise(sent.started)]
    assert len(set(gaps)) > 50
    assert 0.02e9 < sent.started[-1] - sent.started[0] < 0.5e9
    assert all(due < end for due, end in zip(sent.started, sent.answered, strict=True))


def test_json_is_read(port: int) -> None:
    assert get_json(port, "/anything") == {"n": 3}


def test_a_server_that_refuses_is_no_figure(port: int) -> None:
    with pytest.raises(Failed, match="503"):
        closed_loop(port, [request("POST", "/down")])
    with pytest.raises(Failed, match="503"):
        open_loop(port, [request("POST", "/down")], 100, clients=1)
