"""Chats through the real apprise, against a real HTTP server on the loopback that plays ntfy."""

from __future__ import annotations

import asyncio
import importlib
import io
import json
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
import requests

from incident.notify.channels import Outgoing, SendFailed, Sent
from incident.notify.chat_channel import ChatChannel
from incident.notify.chat_guard import Wires, guarded, is_public
from incident.notify.retries import Action
from incident.organisation.chat_address import SCHEMAS
from incident.organisation.people import WayKind

SECRET = "hush-topic-5f2e"


@dataclass
class Ntfy:
    port: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    hangs: bool = False
    released: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    double: ClassVar[Ntfy]

    def do_POST(self) -> None:
        self.double.paths.append(self.path)
        self.double.seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if self.double.hangs:
            self.double.released.wait(30)
            self.close_connection = True  # whoever asked has given up
            return
        self.send_response(self.double.status)
        for name, value in self.double.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST  # noqa: N815  the library's own name

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def ntfy() -> Iterator[Ntfy]:
    double = Ntfy()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"double": double}))
    double.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield double
    double.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


def page(to: str, **changed: Any) -> Outgoing:
    usual = Outgoing(
        id="7",
        way=WayKind.CHAT,
        to=to,
        body="Data centre down\n\nOpen this page: https://ops.example.com/a/k3x9",
        locale="en",
        valid_for=timedelta(minutes=15),
        subject="[DRILL] [CRITICAL] C7: Data centre down",
    )
    return replace(usual, **changed)


def sent(message: Outgoing, channel: ChatChannel | None = None) -> Sent:
    async def once() -> Sent:
        used = channel or ChatChannel(private_hosts=True)
        try:
            return await used.send(message)
        finally:
            await used.close()

    return asyncio.run(once())


def failure(message: Outgoing, channel: ChatChannel | None = None) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        sent(message, channel)
    return caught.value


def test_a_page_stands_in_the_chat_with_its_link_and_its_mark(ntfy: Ntfy) -> None:
    answer = sent(page(f"ntfy://127.0.0.1:{ntfy.port}/{SECRET}"))
    assert answer == Sent("chat-7", "sent")
    (note,) = ntfy.seen
    assert note["topic"] == SECRET
    assert note["title"] == "[DRILL] [CRITICAL] C7: Data centre down"
    assert "https://ops.example.com/a/k3x9" in note["message"]


@pytest.mark.parametrize(
    ("url", "plugin", "where"),
    [
        ("dingtalk://0f1e2d3c4b5a", "dingtalk.NotifyDingTalk", ("text", "content")),
        ("wecombot://0f1e2d3c-4b5a", "wecombot.NotifyWeComBot", ("text", "content")),
        ("feishu://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "feishu.NotifyFeishu", ("content", "text")),
    ],
)
def test_the_chats_of_chinese_offices_are_asked_as_they_document_it(
    ntfy: Ntfy, monkeypatch: pytest.MonkeyPatch, url: str, plugin: str, where: tuple[str, str]
) -> None:
    module, name = plugin.split(".")
    service = getattr(importlib.import_module(f"apprise.plugins.{module}"), name)
    monkeypatch.setattr(service, "notify_url", f"http://127.0.0.1:{ntfy.port}/robot")
    sent(page(url, subject="【紧急】C7 数据中心宕机"))
    (note,) = ntfy.seen
    assert note.get("msgtype", note.get("msg_type")) == "text"
    words = note[where[0]][where[1]]
    assert words.startswith("【紧急】C7 数据中心宕机")
    assert "https://ops.example.com/a/k3x9" in words


def test_a_title_from_outside_calls_nobody(ntfy: Ntfy) -> None:
    sent(page(f"ntfy://127.0.0.1:{ntfy.port}/{SECRET}", subject="C7: @everyone down"))
    assert "@everyone" not in ntfy.seen[0]["title"]


@pytest.mark.parametrize(
    ("status", "action", "key"),
    [
        (404, Action.BROKEN, "page.failed.chat_gone"),
        (403, Action.BROKEN, "page.failed.chat_gone"),
        (400, Action.BROKEN, "page.failed.refused"),
        (429, Action.AGAIN, "page.failed.busy"),
        (502, Action.AGAIN, "page.failed.busy"),
    ],
)
def test_a_refusal_is_known_by_what_apprise_tells_its_log(ntfy: Ntfy, status: int, action: Action, key: str) -> None:
    ntfy.status = status
    failed = failure(page(f"ntfy://127.0.0.1:{ntfy.port}/{SECRET}"))
    assert (failed.outcome.action, failed.outcome.reason.key) == (action, key)


def test_a_service_that_hangs_is_broken_off(ntfy: Ntfy) -> None:
    ntfy.hangs = True
    failed = failure(page(f"ntfy://127.0.0.1:{ntfy.port}/{SECRET}"), ChatChannel(private_hosts=True, timeout_s=0.5))
    assert failed.outcome.reason.key == "page.failed.no_answer"


def test_after_it_was_broken_off_no_further_target_is_connected_to(ntfy: Ntfy) -> None:
    wires = Wires(private=True)
    wires.break_off()
    with guarded(wires), pytest.raises(requests.ConnectionError):
        requests.post(f"http://127.0.0.1:{ntfy.port}/second-of-twenty", json={}, timeout=1)
    assert ntfy.seen == []


def test_nobody_there_is_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    failed = failure(page(f"ntfy://127.0.0.1:{port}/{SECRET}"))
    assert (failed.outcome.action, failed.outcome.reason.key) == (Action.AGAIN, "page.failed.no_answer")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "0.0.0.0"])
def test_a_chat_does_not_lead_into_our_own_network(ntfy: Ntfy, host: str) -> None:
    failed = failure(page(f"ntfy://{host}:{ntfy.port}/{SECRET}"), ChatChannel())
    assert (failed.outcome.action, failed.outcome.reason.key) == (Action.BROKEN, "page.failed.chat_private")
    assert ntfy.seen == []


def test_a_redirect_is_not_followed_even_if_the_url_asks_for_it(ntfy: Ntfy) -> None:
    ntfy.status, ntfy.headers = 302, {"Location": f"http://127.0.0.1:{ntfy.port}/metadata"}
    failure(page(f"ntfy://127.0.0.1:{ntfy.port}/{SECRET}?redirect=yes&verify=no&rto=900"))
    assert "/metadata" not in ntfy.paths


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("192.168.1.4", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
    ],
)
def test_what_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    "url",
    ["file:///tmp/x", "exec://x", "json://127.0.0.1/x", "syslog://", "slack://nonsense", "dingtalk://%%%"],
)
def test_what_apprise_could_do_besides_is_not_done(url: str) -> None:
    failed = failure(page(url))
    assert (failed.outcome.action, failed.outcome.reason.key) == (Action.BROKEN, "page.failed.chat_unreadable")


def test_every_kind_that_may_be_entered_is_known_to_apprise() -> None:
    import apprise

    known = apprise.Apprise().details()["schemas"]
    names = {name for one in known for name in (*(one["protocols"] or ()), *(one["secure_protocols"] or ()))}
    assert names >= SCHEMAS


def test_the_url_is_in_no_log_and_no_error(ntfy: Ntfy, monkeypatch: pytest.MonkeyPatch) -> None:
    root, written = logging.getLogger(), io.StringIO()
    monkeypatch.setattr(root, "handlers", [logging.StreamHandler(written)])  # as the program has it: one, on the root
    monkeypatch.setattr(root, "level", logging.DEBUG)
    ntfy.status = 404
    failed = failure(page(f"ntfy://u:{SECRET}@127.0.0.1:{ntfy.port}/{SECRET}"))
    root.error("this is written")
    assert "this is written" in written.getvalue()
    assert SECRET not in written.getvalue()
    assert SECRET not in f"{failed!r} {failed}"
    assert SECRET not in repr(page(f"ntfy://127.0.0.1/{SECRET}"))


def test_who_has_no_chat_does_not_pay_for_it() -> None:
    code = "import incident.notify.chat_channel, sys; sys.exit('apprise' in sys.modules or 'requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
