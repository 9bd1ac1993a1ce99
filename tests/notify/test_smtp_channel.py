"""Mail over real SMTP, against a little server that is slow, strict, full, or gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from incident.clock import MovedClock
from incident.mail_server import SmtpAccount, Tls, smtp_account
from incident.notify.channels import Outgoing, SendFailed, Sent
from incident.notify.pool import ROOM
from incident.notify.retries import Action, Blame
from incident.notify.smtp_channel import SmtpChannel
from incident.organisation.people import WayKind
from tests.notify.smtp_double import LOCALHOST, SmtpDouble, smtp_double, smtps_double

__all__ = ["smtp_double", "smtps_double"]

NOW = datetime(2026, 11, 26, 2, 14, tzinfo=UTC)
PAGE = Outgoing(
    id="7",
    way=WayKind.MAIL,
    to="li@nordlicht.example",
    body="数据中心宕机\n\n打开： https://ops.example.com/a/k3x9",
    locale="zh_Hans",
    valid_for=timedelta(minutes=15),
    incident="inc-1",
    subject="【紧急】C7：数据中心宕机",
)


class Line:
    """A channel on a loop of its own, asked from outside it."""

    def __init__(self, account: SmtpAccount) -> None:
        self.channel = SmtpChannel(account, MovedClock(NOW))
        self._loop = asyncio.new_event_loop()

    def send(self, *messages: Outgoing) -> list[Sent]:
        async def together() -> list[Sent]:
            return await asyncio.gather(*map(self.channel.send, messages))

        return self._loop.run_until_complete(together())

    def probe(self) -> None:
        self._loop.run_until_complete(self.channel.probe())

    def close(self) -> None:
        self._loop.run_until_complete(self.channel.close())
        self._loop.close()


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(LOCALHOST))
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)


@pytest.fixture
def lines() -> Iterator[Callable[[SmtpAccount], Line]]:
    opened: list[Line] = []

    def line(account: SmtpAccount) -> Line:
        opened.append(Line(account))
        return opened[-1]

    yield line
    for one in opened:
        one.close()


@pytest.fixture
def mailer(smtp_double: SmtpDouble, lines: Callable[[SmtpAccount], Line]) -> Line:
    return lines(account(smtp_double))


def account(double: SmtpDouble, **changed: object) -> SmtpAccount:
    usual = SmtpAccount("127.0.0.1", double.port, Tls.STARTED, "pager@ops.example.com", timeout_s=2.0)
    return replace(usual, **changed)  # type: ignore[arg-type]


def failure(line: Line, message: Outgoing = PAGE) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        line.send(message)
    return caught.value


def test_a_page_goes_out_encrypted_with_what_machines_must_see(mailer: Line, smtp_double: SmtpDouble) -> None:
    (sent,) = mailer.send(PAGE)
    (mail,) = smtp_double.mails
    assert mail.secure
    assert (mail.sender, mail.to) == (
        "mail FROM:<pager@ops.example.com> body=8bitmime",
        "rcpt TO:<li@nordlicht.example>",
    )
    message = mail.message
    assert message["Subject"] == "【紧急】C7：数据中心宕机"
    assert message["From"] == "应急指挥 <pager@ops.example.com>"
    assert message["Message-ID"] == sent.provider_id == "<send.7@ops.example.com>"
    assert message["References"] == "<incident.inc-1@ops.example.com>"
    assert (message["Auto-Submitted"], message["Date"]) == ("auto-generated", "Thu, 26 Nov 2026 02:14:00 +0000")
    assert message["List-Id"] == "Incident command <incident-command.ops.example.com>"
    text, page = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert page is not None
    assert text.get_content().splitlines() == PAGE.body.splitlines()
    assert '<a href="https://ops.example.com/a/k3x9">' in page.get_content()
    assert sent.status == "sent"


def test_one_connection_carries_a_batch_and_no_more_than_four_are_made(mailer: Line, smtp_double: SmtpDouble) -> None:
    for number in range(3):
        mailer.send(replace(PAGE, id=str(number)))
    assert smtp_double.connections == 1
    mailer.send(*(replace(PAGE, id=str(number)) for number in range(3, 11)))
    assert len(smtp_double.mails) == 11
    assert smtp_double.connections <= 4


def test_what_waits_beyond_the_queue_is_told_to_come_again(mailer: Line, smtp_double: SmtpDouble) -> None:
    smtp_double.answers = {"220": ["..."] * 60}

    async def storm() -> list[Sent | BaseException]:
        sends = (mailer.channel.send(replace(PAGE, id=str(number))) for number in range(60))
        return await asyncio.gather(*sends, return_exceptions=True)

    mailer.channel._account = replace(mailer.channel._account, timeout_s=0.3)
    ended = mailer._loop.run_until_complete(storm())
    failed = [one for one in ended if isinstance(one, SendFailed)]
    assert len(failed) == 60
    assert sum(one.outcome.reason.key == "page.failed.busy" for one in failed) == 60 - ROOM
    assert {one.outcome.action for one in failed} == {Action.AGAIN}


def test_a_connection_that_the_server_has_closed_is_made_anew(mailer: Line, smtp_double: SmtpDouble) -> None:
    mailer.send(PAGE)
    smtp_double.answers = {"NOOP": [""]}
    mailer.send(replace(PAGE, id="8"))
    assert len(smtp_double.mails) == 2
    assert smtp_double.connections == 2


@pytest.mark.parametrize(
    ("answers", "action", "blame", "key"),
    [
        ({"RCPT": ["451 4.7.1 greylisted"]}, Action.AGAIN, Blame.PROVIDER, "page.failed.busy"),
        ({"RCPT": ["550 5.1.1 nobody of that name"]}, Action.BROKEN, Blame.CONTACT, "page.failed.no_mailbox"),
        ({"RCPT": ["552 5.2.2 full"]}, Action.NEXT_WAY, Blame.CONTACT, "page.failed.mailbox_full"),
        ({"RCPT": ["550 5.7.1 relaying denied"]}, Action.NEXT_WAY, Blame.ACCOUNT, "page.failed.no_relay"),
        ({"MAIL": ["550 5.7.1 not for you"]}, Action.NEXT_WAY, Blame.ACCOUNT, "page.failed.mail_sender"),
        ({"MAIL": ["421 4.3.2 going down"]}, Action.AGAIN, Blame.PROVIDER, "page.failed.busy"),
        ({".": ["554 5.6.0 this is spam"]}, Action.BROKEN, Blame.CONTENT, "page.failed.mail_words"),
        ({".": ["452 4.3.1 no room"]}, Action.AGAIN, Blame.PROVIDER, "page.failed.busy"),
        ({"220": ["554 no service"]}, Action.AGAIN, Blame.PROVIDER, "page.failed.refused"),
        ({"RCPT": [""]}, Action.AGAIN, Blame.PROVIDER, "page.failed.no_answer"),
        ({".": [""]}, Action.AGAIN, Blame.PROVIDER, "page.failed.no_answer"),
        ({"220": ["nonsense"]}, Action.AGAIN, Blame.PROVIDER, "page.failed.no_answer"),
    ],
)
def test_a_refusal_means_what_and_where_it_was_said(
    mailer: Line, smtp_double: SmtpDouble, answers: dict[str, list[str]], action: Action, blame: Blame, key: str
) -> None:
    smtp_double.answers = answers
    failed = failure(mailer)
    assert (failed.outcome.action, failed.outcome.blame, failed.outcome.reason.key) == (action, blame, key)
    assert "nobody" not in str(failed)


@pytest.mark.parametrize("where", ["220", "EHLO", "RCPT", "."])
def test_a_server_that_hangs_is_broken_off_in_time(
    smtp_double: SmtpDouble, lines: Callable[[SmtpAccount], Line], where: str
) -> None:
    smtp_double.answers = {where: ["..."]}
    failed = failure(lines(account(smtp_double, timeout_s=0.2)))
    assert failed.outcome.reason.key == "page.failed.no_answer"


def test_no_tls_no_mail(smtp_double: SmtpDouble, mailer: Line) -> None:
    smtp_double.starttls = False
    failed = failure(mailer)
    assert failed.outcome.reason.key == "page.failed.no_tls"
    assert failed.outcome.alarm
    assert smtp_double.mails == []


def test_a_certificate_that_nobody_vouches_for_is_no_tls(
    smtp_double: SmtpDouble, mailer: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert failure(mailer).outcome.reason.key == "page.failed.no_tls"
    assert smtp_double.mails == []


def test_only_who_says_so_sends_in_clear(smtp_double: SmtpDouble, lines: Callable[[SmtpAccount], Line]) -> None:
    smtp_double.starttls = False
    lines(account(smtp_double, tls=Tls.NONE)).send(PAGE)
    assert not smtp_double.mails[0].secure


def test_tls_from_the_first_byte_with_login(smtps_double: SmtpDouble, lines: Callable[[SmtpAccount], Line]) -> None:
    smtps_double.users = {"pager": "let me in"}
    known = account(smtps_double, tls=Tls.WRAPPED, user="pager", password="let me in")
    lines(known).send(PAGE)
    assert smtps_double.mails[0].secure
    failed = failure(lines(replace(known, password="wrong")))
    assert (failed.outcome.reason.key, failed.outcome.alarm) == ("page.failed.credentials", True)
    assert "wrong" not in repr(replace(known, password="wrong"))


def test_a_probe_asks_without_a_mail(smtp_double: SmtpDouble, mailer: Line) -> None:
    mailer.probe()
    assert smtp_double.mails == []
    mailer.send(PAGE)
    assert smtp_double.connections == 1
    smtp_double.answers = {"220": ["421 later"]}
    with pytest.raises(SendFailed):
        mailer.probe()


def test_a_title_cannot_write_a_head_nor_a_script(mailer: Line, smtp_double: SmtpDouble) -> None:
    hostile = "down\r\nBcc: all@nordlicht.example\r\n\r\n<script>alert(1)</script>\x00"
    mailer.send(replace(PAGE, subject=hostile, body=f"{hostile}\n\n.\n\nhttps://x.example/a/t"))
    (mail,) = smtp_double.mails
    message = mail.message
    assert "Bcc" not in message
    assert message["Subject"] == "down Bcc: all@nordlicht.example <script>alert(1)</script>"
    page = message.get_body(("html",))
    assert page is not None
    assert "<script>" not in page.get_content()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://u%40x.example:p%3Aw@mail.example", ("mail.example", 587, Tls.STARTED, "u@x.example", "p:w")),
        ("smtps://mail.example?from=a@b.example", ("mail.example", 465, Tls.WRAPPED, "a@b.example", None)),
        ("smtp://mail.example:25/?starttls=no", ("mail.example", 25, Tls.NONE, "incident@mail.example", None)),
    ],
)
def test_the_url_says_all(url: str, expected: tuple[object, ...]) -> None:
    found = smtp_account(url)
    assert (found.host, found.port, found.tls, found.sender, found.password) == expected


@pytest.mark.parametrize(
    "url",
    [
        "smtp://u:hush@mail.example?starttls=no",
        "smtp://u@mail.example",
        "smtp://mail.example?from=nobody",
        "smtp://mail.example?tls=maybe",
        "smtp://mail.example/inbox",
        "smtp://mail.example:port",
        "http://mail.example",
    ],
)
def test_a_url_that_cannot_be_meant_so_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        smtp_account(url)
    assert "hush" not in str(caught.value)


def test_a_domain_in_another_script_goes_in_its_ascii_form(mailer: Line, smtp_double: SmtpDouble) -> None:
    mailer.send(replace(PAGE, to="li@例子.example"))
    assert smtp_double.mails[0].to == "rcpt TO:<li@xn--fsqu00a.example>"


@pytest.mark.parametrize("address", ["李@nordlicht.example", "a..b@x.example", "a(b@x.example"])
def test_what_is_no_mailbox_after_all_is_broken_and_not_tried_for_ever(mailer: Line, address: str) -> None:
    failed = failure(mailer, replace(PAGE, to=address))
    assert (failed.outcome.action, failed.outcome.reason.key) == (Action.BROKEN, "page.failed.no_mailbox")
