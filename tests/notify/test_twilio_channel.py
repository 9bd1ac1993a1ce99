"""Twilio over real HTTP, against a double on the loopback: what we ask of it and what we make of its answers."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from incident.notify.channels import Outgoing, SendFailed, Sent
from incident.notify.retries import BUSY, NO_ANSWER, OUTAGES, Action
from incident.notify.twilio_account import TwilioAccount
from incident.notify.twilio_channel import TwilioChannel
from incident.organisation.people import WayKind

if TYPE_CHECKING:
    from tests.notify.conftest import Answer, Form, TwilioDouble

SID = "AC" + "a1" * 16
TOKEN = "not-a-real-token-5f2e"
ACCOUNT = TwilioAccount(
    sid=SID,
    token=TOKEN,
    senders=("+15005550006",),
    public_url="https://ops.example.com/cc/",
    timeout_s=5.0,
    in_flight=8,
)
NUMBER = "+491711234567"
PAGE = Outgoing(
    id="send-1",
    way=WayKind.SMS,
    to=NUMBER,
    body="【紧急】C7 数据中心宕机 & more 回复1接手",
    locale="zh_Hans",
    valid_for=timedelta(minutes=15),
)
CALL = replace(PAGE, way=WayKind.VOICE, body="紧急事件，编号 C 7。")


class Line:
    """A channel on a loop of its own, asked from outside it."""

    def __init__(self, account: TwilioAccount) -> None:
        self.channel = TwilioChannel(account)
        self._loop = asyncio.new_event_loop()

    def __repr__(self) -> str:
        return repr(self.channel)

    def send(self, message: Outgoing) -> Sent:
        return self._loop.run_until_complete(self.channel.send(message))

    def probe(self) -> None:
        self._loop.run_until_complete(self.channel.probe())

    def send_all(self, messages: list[Outgoing]) -> list[Sent]:
        async def together() -> list[Sent]:
            return await asyncio.gather(*map(self.channel.send, messages))

        return self._loop.run_until_complete(together())

    def failures(self, messages: list[Outgoing]) -> list[BaseException | Sent]:
        async def together() -> list[BaseException | Sent]:
            return await asyncio.gather(*map(self.channel.send, messages), return_exceptions=True)

        return self._loop.run_until_complete(together())

    def close(self) -> None:
        self._loop.run_until_complete(self.channel.close())
        self._loop.close()


@pytest.fixture
def channel(twilio_double: TwilioDouble) -> Iterator[Line]:
    line = Line(replace(ACCOUNT, base_url=twilio_double.url))
    yield line
    line.close()


def failure(channel: Line, message: Outgoing = PAGE) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        channel.send(message)
    return caught.value


def test_a_text_goes_out_with_its_life_and_its_callback(channel: Line, twilio_double: TwilioDouble) -> None:
    sent = channel.send(PAGE)
    (request,) = twilio_double.seen
    assert request.path == f"/2010-04-01/Accounts/{SID}/Messages.json"
    assert request.form == {
        "To": [NUMBER],
        "From": ["+15005550006"],
        "Body": [PAGE.body],
        "ValidityPeriod": ["900"],
        "StatusCallback": ["https://ops.example.com/cc/hooks/twilio/status?send=send-1"],
    }
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
    assert (sent.provider_id, sent.status) == ("SM" + "1" * 32, "queued")


@pytest.mark.parametrize(
    ("life", "seconds"), [(timedelta(seconds=-5), "6"), (timedelta(hours=24), "36000"), (timedelta(hours=1), "3600")]
)
def test_the_life_keeps_to_twilios_bounds(
    channel: Line, twilio_double: TwilioDouble, life: timedelta, seconds: str
) -> None:
    channel.send(replace(PAGE, valid_for=life))
    assert twilio_double.seen[0].form["ValidityPeriod"] == [seconds]


def test_a_messaging_service_sends_texts_and_a_number_calls(twilio_double: TwilioDouble) -> None:
    service = "MG" + "b2" * 16
    channel = Line(replace(ACCOUNT, base_url=twilio_double.url, senders=(service, "+15005550006")))
    channel.send(PAGE)
    channel.send(CALL)
    channel.close()
    text, call = twilio_double.seen
    assert text.form["MessagingServiceSid"] == [service]
    assert "From" not in text.form
    assert call.form["From"] == ["+15005550006"]


def test_without_a_number_no_call_can_be_made(twilio_double: TwilioDouble) -> None:
    channel = Line(replace(ACCOUNT, base_url=twilio_double.url, senders=("MG" + "b2" * 16,)))
    failed = failure(channel, CALL)
    channel.close()
    assert failed.outcome.reason.key == "page.failed.no_caller"
    assert failed.outcome.alarm
    assert twilio_double.seen == []


def test_one_person_always_sees_the_same_number(twilio_double: TwilioDouble) -> None:
    numbers = ("+15005550006", "+15005550007", "+15005550008")
    channel = Line(replace(ACCOUNT, base_url=twilio_double.url, senders=numbers))
    for last in range(12):
        for _ in range(2):
            channel.send(replace(PAGE, to=f"+4917112345{last:02}"))
    channel.close()
    used = [seen.form["From"][0] for seen in twilio_double.seen]
    assert used[0::2] == used[1::2]
    assert set(used) == set(numbers)


def test_a_call_reads_the_page_twice_and_waits_for_one_key(channel: Line, twilio_double: TwilioDouble) -> None:
    channel.send(CALL)
    (request,) = twilio_double.seen
    assert request.path == f"/2010-04-01/Accounts/{SID}/Calls.json"
    assert request.form["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert request.form["Timeout"] == ["30"]
    (markup,) = request.form["Twiml"]
    assert len(markup) < 4000
    gathers = ET.fromstring(markup).findall("Gather")
    assert len(gathers) == 2
    for gather in gathers:
        assert gather.attrib["numDigits"] == "1"
        assert gather.attrib["action"] == "https://ops.example.com/cc/hooks/twilio/voice?send=send-1"


@pytest.mark.parametrize(
    ("status", "body", "code", "action"),
    [
        (400, {"code": 21610, "message": f"{NUMBER} has replied with STOP", "status": 400}, 21610, Action.BROKEN),
        (400, {"code": 21211, "message": f"invalid {NUMBER}", "status": 400}, 21211, Action.BROKEN),
        (401, {"code": 20003, "message": "Authenticate", "status": 401}, 20003, Action.NEXT_WAY),
        (400, {"code": 77777, "message": "new", "status": 400}, 77777, Action.BROKEN),
        (500, {"code": 20500, "message": "oops", "status": 500}, 20500, Action.AGAIN),
        (500, "<html>bad gateway", 500, Action.AGAIN),
        (400, {"type": "x", "title": "x", "status": 400, "code": 21614}, 21614, Action.BROKEN),
    ],
)
def test_a_refusal_is_told_by_its_code(
    channel: Line, twilio_double: TwilioDouble, status: int, body: object, code: int, action: Action
) -> None:
    twilio_double.says(status, body)
    failed = failure(channel)
    assert (failed.status, failed.code, failed.outcome.action) == (status, code, action)
    assert NUMBER not in str(failed)


def test_a_busy_provider_says_when_to_come_back(channel: Line, twilio_double: TwilioDouble) -> None:
    twilio_double.says(429, {"code": 20429, "message": "slow down", "status": 429}, Retry_After="7")
    failed = failure(channel)
    assert (failed.outcome.action, failed.retry_after) == (Action.AGAIN, timedelta(seconds=7))
    twilio_double.says(503, "", Retry_After="Fri, 20 Nov 2026 12:00:00 GMT")
    failed = failure(channel)
    assert (failed.outcome.action, failed.status, failed.retry_after) == (Action.AGAIN, 503, None)


def test_a_provider_that_hangs_is_left_after_the_time_out(twilio_double: TwilioDouble) -> None:
    twilio_double.hangs()
    impatient = Line(replace(ACCOUNT, base_url=twilio_double.url, timeout_s=0.2))
    failed = failure(impatient)
    impatient.close()
    assert (failed.outcome.action, failed.status) == (Action.AGAIN, None)


def test_a_text_that_finds_no_free_connection_comes_again_and_is_not_held_against_the_provider(
    twilio_double: TwilioDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incident.notify.twilio_lines.ROOM_S", 0.05)
    twilio_double.hangs()
    narrow = Line(replace(ACCOUNT, base_url=twilio_double.url, timeout_s=1.0, in_flight=1))
    failures = narrow.failures([PAGE, PAGE])
    narrow.close()
    assert [failed.outcome for failed in failures if isinstance(failed, SendFailed)] == [NO_ANSWER, BUSY]
    assert BUSY.action is Action.AGAIN
    assert BUSY.reason.key not in OUTAGES
    assert len(twilio_double.seen) == 1


@pytest.mark.parametrize("body", ["", "<html>welcome to the hotel's wireless network", '{"status": "queued"}'])
def test_an_answer_without_an_id_counts_as_none(channel: Line, twilio_double: TwilioDouble, body: str) -> None:
    twilio_double.says(200, body)
    assert failure(channel).outcome.action is Action.AGAIN


def test_a_provider_that_is_not_there() -> None:
    channel = Line(replace(ACCOUNT, base_url="http://127.0.0.1:9"))
    failed = failure(channel)
    channel.close()
    assert failed.outcome.action is Action.AGAIN


def test_each_of_many_in_flight_gets_its_own_answer_over_kept_connections(
    channel: Line, twilio_double: TwilioDouble
) -> None:
    """The SDK's own client hands all of them whichever response came last."""
    meet = threading.Barrier(8)

    def echo(form: Form) -> Answer:
        meet.wait(30)  # all eight are under way before the first is answered
        return 201, {}, json.dumps({"sid": form["To"][0], "status": "queued"})

    twilio_double.answer = echo
    numbers = [f"+4917112345{n:02}" for n in range(64)]
    sent = channel.send_all([replace(PAGE, to=number) for number in numbers])
    assert [one.provider_id for one in sent] == numbers
    assert twilio_double.connections <= 8


def test_one_connection_is_kept_for_many_sends(channel: Line, twilio_double: TwilioDouble) -> None:
    for _ in range(10):
        channel.send(PAGE)
    assert twilio_double.connections == 1


def test_the_machines_environment_does_not_move_the_api(
    twilio_double: TwilioDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_REGION", "au1")
    channel = Line(replace(ACCOUNT, base_url=twilio_double.url))
    channel.send(PAGE)
    channel.close()
    assert len(twilio_double.seen) == 1


def test_neither_secret_nor_number_nor_words_are_shown_or_logged(
    channel: Line, twilio_double: TwilioDouble, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        channel.send(PAGE)
        twilio_double.says(400, {"code": 21211, "message": f"The number {NUMBER} is not valid", "status": 400})
        failed = failure(channel)
    shown = "\n".join([caplog.text, repr(channel), repr(ACCOUNT), repr(PAGE), str(failed), repr(failed)])
    for secret in (TOKEN, NUMBER, "数据中心"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"sid": "SK" + "a1" * 16}, "account SID"),
        ({"sid": SID + "\n"}, "account SID"),
        ({"token": ""}, "token"),
        ({"senders": ()}, "sender"),
        ({"senders": ("5005550006",)}, "5005550006"),
    ],
)
def test_a_wrong_account_is_named_before_anything_is_sent(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as caught:
        replace(ACCOUNT, **change)  # type: ignore[arg-type]
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "key"),
    [
        (200, {"sid": SID, "status": "suspended"}, "page.failed.suspended"),
        (401, {"code": 20003, "message": "Authenticate", "status": 401}, "page.failed.credentials"),
        (503, "", "page.failed.unclear"),
    ],
)
def test_a_probe_tells_whether_the_account_may_send(
    channel: Line, twilio_double: TwilioDouble, status: int, body: object, key: str
) -> None:
    twilio_double.says(status, body)
    with pytest.raises(SendFailed) as caught:
        channel.probe()
    assert caught.value.outcome.reason.key == key
    twilio_double.says(200, {"sid": SID, "status": "active"})
    channel.probe()
