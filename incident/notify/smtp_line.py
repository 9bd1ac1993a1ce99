"""One connection to a mail server, blocking, in a thread: opened, kept for some mails, broken off from outside."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from email.message import EmailMessage
from typing import Final

from incident.mail_server import SmtpAccount, Tls
from incident.notify.channels import SendFailed
from incident.notify.retries import NO_ANSWER
from incident.notify.smtp_outcomes import NO_TLS, Stage, smtp_outcome
from incident.notify.trust import authorities

_MOST_MAILS: Final = 50
"""A server may close after so many; a new connection is cheaper than an error in the middle of a mail."""


class SmtpLine:
    """Every refusal is a SendFailed without the server's words: they hold the person's address."""

    def __init__(self, account: SmtpAccount) -> None:
        self._account = account
        self._smtp: smtplib.SMTP | None = None
        self._broken_off = False
        self.mails = 0

    @property
    def spent(self) -> bool:
        return self._smtp is None or self.mails >= _MOST_MAILS

    def open(self) -> None:
        """Connect, demand TLS unless the account says otherwise, log in. Any failure leaves it closed."""
        try:
            self._open()
        except (SendFailed, OSError, smtplib.SMTPException, ValueError) as problem:
            self._drop()
            raise _failure(problem, Stage.GREETING) from None

    def alive(self) -> bool:
        """Whether a kept connection still answers: mail servers close what is idle without a word."""
        try:
            return self._smtp is not None and self._smtp.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def send(self, mail: EmailMessage, to: str) -> None:
        """Hand one mail over: taken by the server, or SendFailed. After an error the connection is not used again."""
        assert self._smtp is not None
        if self._broken_off:
            self._drop()
            raise SendFailed(NO_ANSWER)
        stage = Stage.SENDER
        try:
            self._said(stage, self._smtp.mail(self._account.sender, ["body=8bitmime"] if self._eight() else []))
            stage = Stage.RECIPIENT
            self._said(stage, self._smtp.rcpt(to))
            stage = Stage.WORDS
            self._said(stage, self._smtp.data(mail.as_bytes()))
        except (SendFailed, OSError, smtplib.SMTPException, ValueError) as problem:
            self.close()
            raise _failure(problem, stage) from None
        self.mails += 1

    def abort(self) -> None:
        """From any thread: whoever waits for this server waits no longer. The one who uses it closes it."""
        self._broken_off = True
        wire = getattr(self._smtp, "sock", None)
        if wire is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(wire, socket.SHUT_RDWR)  # not TLS's own, which pulls the rug from a reader

    def close(self) -> None:
        """Say good-bye if there is anybody to say it to."""
        if self._smtp is not None and not self._broken_off:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self._drop()

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    def _open(self) -> None:
        account = self._account
        context = None if account.tls is Tls.NONE else authorities()
        if context is not None and account.tls is Tls.WRAPPED:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=account.domain, context=context)
        else:
            smtp = smtplib.SMTP(local_hostname=account.domain)
        smtp.timeout = account.timeout_s
        smtp._host = account.host  # type: ignore[attr-defined]  # connect() forgets it, and TLS checks the name by it
        self._smtp = smtp
        self._said(Stage.GREETING, smtp.connect(account.host, account.port))
        if context is not None and account.tls is Tls.STARTED:
            smtp.ehlo_or_helo_if_needed()
            if not smtp.has_extn("starttls"):
                raise SendFailed(NO_TLS)
            self._said(Stage.TLS, smtp.starttls(context=context))
        smtp.ehlo_or_helo_if_needed()
        if account.user is not None and account.password is not None:
            smtp.login(account.user, account.password)

    def _eight(self) -> bool:
        return self._smtp is not None and bool(self._smtp.has_extn("8bitmime"))

    def _said(self, stage: Stage, answer: tuple[int, bytes]) -> None:
        code, text = answer
        if not 200 <= code < 300:
            raise SendFailed(smtp_outcome(stage, code, text.decode("ascii", "replace")), code=code)


def _failure(problem: Exception, stage: Stage) -> SendFailed:
    match problem:
        case SendFailed():
            return problem
        case smtplib.SMTPAuthenticationError():
            return SendFailed(smtp_outcome(Stage.LOGIN, problem.smtp_code), code=problem.smtp_code)
        case smtplib.SMTPNotSupportedError():  # no AUTH behind the TLS that we have
            return SendFailed(smtp_outcome(Stage.LOGIN, 530))
        case smtplib.SMTPResponseException():
            return SendFailed(smtp_outcome(stage, problem.smtp_code), code=problem.smtp_code)
        case ssl.SSLError():
            return SendFailed(NO_TLS)
        case _:
            return SendFailed(NO_ANSWER)
