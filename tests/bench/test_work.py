"""A load that loses a page, or sends one twice, must be told from one that does not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from bench import work
from bench.load import request
from bench.processes import Failed
from bench.provider import Provider
from bench.targets import Double, Target
from bench.work import Work, load, marks
from incident.clock import monotonic

pytestmark = pytest.mark.long


class Here(Double):
    """The double in this process. `loses` and `doubles` are marks; what came before is known by `seen`."""

    def __init__(self) -> None:
        super().__init__(0)
        object.__setattr__(self, "provider", Provider())

    provider: Provider

    def clear(self) -> None:
        self.provider.told(b"/clear", b"")

    def count(self) -> dict[str, int]:
        return self._asked(b"/count")

    def marks(self) -> dict[str, int]:
        return self._asked(b"/marks")

    def _asked(self, path: bytes) -> dict[str, int]:
        told = self.provider.told(path, b"")
        assert told is not None
        found: dict[str, int] = json.loads(told.partition(b"\r\n\r\n")[2])
        return found


class Pager(ThreadingHTTPServer):
    """A small server that pages for every mark it is told, but for those that it loses; some it pages for twice."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, double: Here) -> None:
        super().__init__(("127.0.0.1", 0), Takes)
        self.double = double
        self.loses: frozenset[str] = frozenset()
        self.doubles: frozenset[str] = frozenset()
        self.folds = True
        self.told: set[str] = set()

    def take(self, found: Sequence[str]) -> None:
        for mark in found:
            if mark in self.loses or (self.folds and mark in self.told):
                continue
            self.told.add(mark)
            for _ in range(2 if mark in self.doubles else 1):
                self.double.provider.answer(b"/Messages.json", mark.encode(), int(monotonic() * 1e9))


class Takes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Pager

    def do_POST(self) -> None:
        self.server.take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


@pytest.fixture
def pager(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pager]:
    for name, seconds in {"_STUCK_S": 0.2, "_LATE_S": 0.01, "_LATE_REPEATS_S": 0.01, "_LOOK_S": 0.01}.items():
        monkeypatch.setattr(work, name, seconds)
    with Pager(Here()) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def figures(pager: Pager, of: Work, wanted: Sequence[str]) -> dict[str, float]:
    def ask(some: Sequence[str]) -> bytes:
        return request("POST", "/", json.dumps(list(some)).encode())

    target = Target("pager", int(pager.server_port), 0, ask)
    return {figure.name: figure.value for figure in load(target, pager.double, of, wanted)}


@pytest.mark.parametrize("of", [Work("each", 30), Work("batches", 30, batch=7), Work("open", 30, rate=3000)])
def test_every_page_is_counted_once_and_timed(pager: Pager, of: Work) -> None:
    found = figures(pager, of, marks(30))
    assert found["messages an alert"] == 1
    assert found["sent twice"] == 0
    assert 0 <= found["p50 to the provider"] <= found["p99 to the provider"]
    assert found["handed over"] > 0


def test_a_page_that_never_comes_is_no_figure(pager: Pager) -> None:
    wanted = marks(20)
    pager.loses = frozenset(wanted[3:5])
    with pytest.raises(Failed, match="2 of 20 pages never came"):
        figures(pager, Work("each", 20), wanted)


def test_a_page_that_comes_twice_is_shown(pager: Pager) -> None:
    wanted = marks(20)
    pager.doubles = frozenset(wanted[:3])
    found = figures(pager, Work("each", 20), wanted)
    assert found["sent twice"] == 3
    assert found["messages an alert"] == 23 / 20


def test_repeats_are_one_page_or_no_figure(pager: Pager) -> None:
    assert figures(pager, Work("repeats", 20, repeats=True), marks(1) * 20)["pages"] == 1
    pager.folds = False
    with pytest.raises(Failed, match="20 came"):
        figures(pager, Work("repeats", 20, repeats=True), marks(1) * 20)


def test_no_two_loads_share_a_mark() -> None:
    assert not {*marks(30)} & {*marks(30)}
