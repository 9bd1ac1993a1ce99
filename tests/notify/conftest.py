"""A double of Twilio's API: a real HTTP server on the loopback, with answers set by the test."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest

Answer = tuple[int, dict[str, str], str]
Form = dict[str, list[str]]


@dataclass(frozen=True)
class Seen:
    path: str
    headers: dict[str, str]
    form: Form
    method: str = "POST"
    body: bytes = b""


@dataclass
class TwilioDouble:
    """`answer` makes the reply to a form; `released` frees the requests that hang."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    answer: Callable[[Form], Answer] = lambda form: taken("SM" + "1" * 32, "queued")
    released: threading.Event = field(default_factory=threading.Event)

    def says(self, status: int, body: object = "", **headers: str) -> None:
        """From now on answer everything so. A body that is no string goes out as JSON."""
        text = body if isinstance(body, str) else json.dumps(body)
        self.answer = lambda _: (status, {name.replace("_", "-"): value for name, value in headers.items()}, text)

    def hangs(self) -> None:
        def wait(_: Form) -> Answer:
            self.released.wait(30)
            return taken("SM" + "2" * 32, "queued")

        self.answer = wait


def taken(sid: str, status: str) -> Answer:
    return 201, {}, json.dumps({"sid": sid, "status": status, "date_created": None, "error_code": None})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet, or each answer waits 40 ms for a delayed ACK
    double: ClassVar[TwilioDouble]

    def setup(self) -> None:
        super().setup()
        self.double.connections += 1

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        form = parse_qs(raw.decode(), keep_blank_values=True)
        self.double.seen.append(Seen(self.path, dict(self.headers), form, self.command, raw))
        status, headers, body = self.double.answer(form)
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())
        except BrokenPipeError:
            self.close_connection = True  # the client gave up: what a hang is for

    do_GET = do_POST  # noqa: N815  the library's own name

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def twilio_double() -> Iterator[TwilioDouble]:
    double = TwilioDouble()
    handler = type("Handler", (_Handler,), {"double": double})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    double.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield double
    finally:
        double.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
