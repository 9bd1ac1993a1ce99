"""Mail through the installation's own server, by the standard library in a few threads.

A connection is kept for what follows soon, a few mails more; a server that is slow, drips or hangs is broken off in
time. "Taken by the server" is all that a mail server says: that is sent, and never delivered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from email.errors import HeaderDefect
from email.message import EmailMessage
from functools import partial
from threading import Lock
from typing import Final

from incident.clock import Clock, monotonic
from incident.mail_server import SmtpAccount
from incident.notify.channels import Outgoing, SendFailed, Sent
from incident.notify.mail import ascii_mailbox, mail
from incident.notify.pool import Pool
from incident.notify.retries import NO_ANSWER, REFUSED
from incident.notify.smtp_line import SmtpLine
from incident.notify.smtp_outcomes import NO_MAILBOX
from incident.organisation.people import WayKind

_THREADS: Final = 4
_KEPT_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class _Idle:
    line: SmtpLine
    since: float


class SmtpChannel:
    """A `Channel` for mail. `clock` dates the mails."""

    provider: Final = "smtp"

    def __init__(self, account: SmtpAccount, clock: Clock, *, line: Callable[[], SmtpLine] | None = None) -> None:
        self._account, self._clock = account, clock
        self._pool = Pool("mail", _THREADS)
        self._new_line: Final = line or partial(SmtpLine, account)
        self._idle: list[_Idle] = []
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"SmtpChannel({self._account.host})"

    async def send(self, message: Outgoing) -> Sent:
        """Hand it over. Raises SendFailed, without the server's words: they contain the person's address."""
        if message.way is not WayKind.MAIL:
            raise SendFailed(REFUSED)
        try:
            to = ascii_mailbox(message.to)
            made = mail(message, self._account.sender, self._clock.now())
        except (ValueError, HeaderDefect, IndexError):  # as the library has it for what is no address after all
            raise SendFailed(NO_MAILBOX) from None
        await self._in_time(lambda hand: self._deliver(made, to, hand))
        return Sent(str(made["Message-ID"]), "sent")

    async def probe(self) -> None:
        """Ask the server, with login, whether it would take a mail. Raises SendFailed."""
        await self._in_time(self._look)

    async def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for one in idle:
            one.line.close()
        self._pool.close()

    async def _in_time(self, work: Callable[[list[SmtpLine]], None]) -> None:
        """`work` is given a list and puts the line into it that it uses: so that it can be broken off."""
        hand: list[SmtpLine] = []
        done = False
        try:
            async with asyncio.timeout(self._account.timeout_s):
                await self._pool.run(lambda: work(hand))
            done = True
        except TimeoutError:
            raise SendFailed(NO_ANSWER) from None
        finally:
            if not done:
                for line in hand:
                    line.abort()

    def _deliver(self, made: EmailMessage, to: str, hand: list[SmtpLine]) -> None:
        line = self._taken() or self._new_line()
        hand.append(line)
        if line.spent:
            line.open()
        line.send(made, to)
        self._put_back(line)

    def _look(self, hand: list[SmtpLine]) -> None:
        line = self._new_line()
        hand.append(line)
        line.open()
        self._put_back(line)

    def _taken(self) -> SmtpLine | None:
        """A kept connection that still answers, the one used last first."""
        while True:
            with self._lock:
                one = self._idle.pop() if self._idle else None
            if one is None:
                return None
            if monotonic() - one.since < _KEPT_S and one.line.alive():
                return one.line
            one.line.close()

    def _put_back(self, line: SmtpLine) -> None:
        if line.spent:
            line.close()
            return
        with self._lock:
            self._idle.append(_Idle(line, monotonic()))
