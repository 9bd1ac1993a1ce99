"""A small mail server on the loopback that does as the test says: refuses, greylists, drips, hangs, hangs up."""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

LOCALHOST = Path(__file__).with_name("localhost.pem")
"""A certificate that nobody trusts, with its key: worth nothing anywhere."""


@dataclass
class Mail:
    sender: str
    to: str
    data: bytes
    secure: bool

    @property
    def message(self) -> EmailMessage:
        found = message_from_bytes(self.data, policy=default)
        assert isinstance(found, EmailMessage)
        return found


@dataclass
class SmtpDouble:
    """`answers` maps a command (`RCPT`, `DATA`, `.` for the end of the words, `220` for the greeting) to answers that
    are used up; an answer of "" hangs up, "..." hangs. `users` are who may log in."""

    starttls: bool = True
    users: dict[str, str] = field(default_factory=dict)
    answers: dict[str, list[str]] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    wrapped: bool = False
    release: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.tls.load_cert_chain(LOCALHOST)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side went: what many of these tests are about
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        secure, envelope = self.wrapped, {}

        async def say(command: str, usual: str) -> bool:
            answer = self.answers[command].pop(0) if self.answers.get(command) else usual
            if answer == "...":
                await asyncio.to_thread(self.release.wait, 10)
                return False
            writer.write(f"{answer}\r\n".encode() if answer else b"")
            await writer.drain()
            return bool(answer)

        if not await say("220", "220 double"):
            return
        while line := (await reader.readline()).decode().strip():
            self.said.append(line)
            verb = line[:4].upper()
            if verb == "EHLO":
                tls = "250-STARTTLS\r\n" if self.starttls and not secure else ""
                auth = "250-AUTH PLAIN\r\n" if self.users and secure else ""
                going = await say(verb, f"250-double\r\n{tls}{auth}250 8BITMIME")
            elif verb == "STAR":
                going = await say(verb, "220 go ahead")
                await writer.start_tls(self.tls)
                secure = True
            elif verb == "AUTH":
                user, _, password = base64.b64decode(line.split()[2]).decode()[1:].partition("\0")
                self.logins.append(user)
                right = self.users.get(user) == password
                going = await say(verb, "235 welcome" if right else "535 5.7.8 not you")
            elif verb == "DATA":
                going = await say(verb, "354 go on")
                if going:
                    data = await reader.readuntil(b"\r\n.\r\n")
                    if not self.answers.get("."):
                        self.mails.append(
                            Mail(envelope["MAIL"], envelope["RCPT"], data[:-5].replace(b"\r\n..", b"\r\n."), secure)
                        )
                    going = await say(".", "250 taken")
            elif verb == "QUIT":
                return
            else:
                envelope[verb] = line
                going = await say(verb, "250 ok")
            if not going:
                return


@pytest.fixture
def smtp_double() -> Iterator[SmtpDouble]:
    yield from serving(SmtpDouble())


@pytest.fixture
def smtps_double() -> Iterator[SmtpDouble]:
    yield from serving(SmtpDouble(wrapped=True))


def serving(double: SmtpDouble) -> Iterator[SmtpDouble]:
    loop = asyncio.new_event_loop()

    async def start() -> asyncio.Server:
        tls = double.tls if double.wrapped else None
        return await asyncio.start_server(double.serve, "127.0.0.1", 0, ssl=tls)

    server = loop.run_until_complete(start())
    double.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield double
    finally:
        double.release.set()
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(_end(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
