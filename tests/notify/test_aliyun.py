"""Texts by Alibaba Cloud over real HTTP, against a double that works out the signature for itself."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from incident.approved import Template
from incident.clock import MovedClock
from incident.notify.aliyun_account import AliyunAccount, e164
from incident.notify.aliyun_channel import AliyunChannel
from incident.notify.aliyun_outcomes import report
from incident.notify.aliyun_sign import query_of, signed_headers
from incident.notify.channels import Outgoing, SendFailed, Sent
from incident.notify.retries import Action, Blame
from incident.notify.templates import Templates
from incident.organisation.people import WayKind

NOW = datetime(2026, 11, 26, 2, 14, tzinfo=UTC)
SECRET = "not-a-real-secret"
NONCES = count()
PAGE = Template("SMS_1001", "${level}事件${code}：${title}。请登录指挥系统，输入编号接手。")
TEMPLATES = Templates("北光家居", {"page": PAGE})
FILLED = TEMPLATES.filled("page", {"level": "紧急", "code": "C7", "title": "数据中心宕机 & 更多+1"})
TEXT = Outgoing(
    id="7",
    way=WayKind.SMS,
    to="+8619000000001",
    body=FILLED.body,
    locale="zh_Hans",
    valid_for=timedelta(minutes=15),
    template=FILLED.code,
    params=FILLED.params,
)


@dataclass
class Cloud:
    """The double. It believes nobody whose signature it does not arrive at by itself."""

    url: str = ""
    seen: list[dict[str, str]] = field(default_factory=list)
    answer: tuple[int, dict[str, str]] = (200, {"Code": "OK", "Message": "OK", "BizId": "9007^0", "RequestId": "R"})
    nonces: set[str] = field(default_factory=set)
    hangs: bool = False
    released: threading.Event = field(default_factory=threading.Event)

    def problem(self, method: str, target: str, headers: dict[str, str]) -> str | None:
        """As the documentation's steps have it, from what was received alone."""
        found = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=key-id-1,SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})",
            headers.get("authorization", ""),
        )
        if found is None:
            return "IncompleteSignature"
        names = found[1].split(";")
        must = {"host", *(name for name in headers if name.startswith("x-acs-"))}
        if set(names) != must or names != sorted(names) or headers["x-acs-signature-nonce"] in self.nonces:
            return "SignatureNonceUsed"
        self.nonces.add(headers["x-acs-signature-nonce"])
        parts = urlsplit(target)
        pairs = sorted(parse_qsl(parts.query, keep_blank_values=True))
        query = "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in pairs)
        canonical = (
            "\n".join([method, parts.path, query, *(f"{n}:{headers[n].strip()}" for n in names), "", found[1]])
            + "\n"
            + hashlib.sha256(b"").hexdigest()
        )
        to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        mine = hmac.new(SECRET.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
        return None if mine == found[2] else "SignatureDoesNotMatch"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    double: ClassVar[Cloud]

    def do_POST(self) -> None:
        if self.double.hangs:
            self.double.released.wait(30)
            self.close_connection = True
            return
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        problem = self.double.problem(self.command, self.path, headers)
        status, body = self.double.answer
        if problem:
            status, body = 400, {"Code": problem, "Message": "..."}
        else:
            query = dict(parse_qsl(urlsplit(self.path).query))
            self.double.seen.append({"Action": headers["x-acs-action"], "Version": headers["x-acs-version"], **query})
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html")  # as it was seen to be, now and then
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    double = Cloud()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"double": double}))
    double.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield double
    double.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


def asked(cloud: Cloud, do: Callable[[AliyunChannel], Any], **changed: Any) -> Any:
    account = replace(AliyunAccount("key-id-1", SECRET, TEMPLATES, cloud.url, timeout_s=2.0), **changed)

    async def once() -> Any:
        channel = AliyunChannel(account, MovedClock(NOW), nonce=lambda: f"nonce-{next(NONCES)}")
        try:
            return await do(channel)
        finally:
            await channel.close()

    return asyncio.run(once())


def failure(cloud: Cloud, message: Outgoing = TEXT, **changed: Any) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        asked(cloud, lambda channel: channel.send(message), **changed)
    return caught.value


def test_the_signature_is_that_of_the_documentations_example() -> None:
    query = query_of({"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"})
    headers = signed_headers(
        key_id="YourAccessKeyId",
        secret="YourAccessKeySecret",
        method="POST",
        host="ecs.cn-shanghai.aliyuncs.com",
        action="RunInstances",
        version="2014-05-26",
        query=query,
        at=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
        nonce="3156853299f313e23d1673dc12e1703d",
    )
    assert headers["Authorization"].endswith("06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


def test_a_text_goes_out_signed_in_the_approved_words(cloud: Cloud) -> None:
    sent = asked(cloud, lambda channel: channel.send(TEXT))
    assert sent == Sent("9007^0", "sent")
    (request,) = cloud.seen
    assert json.loads(request.pop("TemplateParam")) == dict(FILLED.params)
    assert request == {
        "Action": "SendSms",
        "Version": "2017-05-25",
        "PhoneNumbers": "19000000001",
        "SignName": "北光家居",
        "TemplateCode": "SMS_1001",
        "OutId": "7",
    }


def test_a_wrong_secret_is_seen_by_the_double_and_calls_the_admins(cloud: Cloud) -> None:
    failed = failure(cloud, key_secret="another")
    assert (failed.outcome.reason.key, failed.outcome.alarm) == ("page.failed.credentials", True)
    assert cloud.seen == []


@pytest.mark.parametrize(
    ("status", "code", "action", "blame", "key"),
    [
        (200, "isv.BUSINESS_LIMIT_CONTROL", Action.NEXT_WAY, Blame.PROVIDER, "page.failed.number_limit"),
        (200, "isv.AMOUNT_NOT_ENOUGH", Action.NEXT_WAY, Blame.ACCOUNT, "page.failed.no_credit"),
        (200, "isv.DAY_LIMIT_CONTROL", Action.NEXT_WAY, Blame.ACCOUNT, "page.failed.quota"),
        (200, "isv.SMS_SIGNATURE_ILLEGAL", Action.NEXT_WAY, Blame.ACCOUNT, "page.failed.signature"),
        (200, "isv.PARAM_LENGTH_LIMIT", Action.NEXT_WAY, Blame.CONTENT, "page.failed.template"),
        (200, "isv.MOBILE_NUMBER_ILLEGAL", Action.BROKEN, Blame.CONTACT, "page.failed.invalid_number"),
        (200, "isv.SOMETHING_NEW", Action.NEXT_WAY, Blame.PROVIDER, "page.failed.refused"),
        (200, "isp.SYSTEM_ERROR", Action.AGAIN, Blame.PROVIDER, "page.failed.unclear"),
        (404, "InvalidAccessKeyId.NotFound", Action.NEXT_WAY, Blame.ACCOUNT, "page.failed.credentials"),
        (400, "Throttling.User", Action.AGAIN, Blame.PROVIDER, "page.failed.busy"),
        (503, "ServiceUnavailable", Action.AGAIN, Blame.PROVIDER, "page.failed.unclear"),
        (502, "", Action.AGAIN, Blame.PROVIDER, "page.failed.unclear"),
    ],
)
def test_a_refusal_means_who_can_put_it_right(
    cloud: Cloud, status: int, code: str, action: Action, blame: Blame, key: str
) -> None:
    cloud.answer = (status, {"Code": code, "Message": "19000000001 ..."})
    failed = failure(cloud)
    assert (failed.outcome.action, failed.outcome.blame, failed.outcome.reason.key) == (action, blame, key)
    assert "19000000001" not in str(failed)


def test_what_hangs_is_given_up_in_time_for_another_provider(cloud: Cloud) -> None:
    cloud.hangs = True
    assert failure(cloud, timeout_s=0.2).outcome.reason.key == "page.failed.no_answer"
    assert AliyunAccount("k", "s", TEMPLATES).timeout_s <= 3.5


def test_only_texts_in_approved_words_go(cloud: Cloud) -> None:
    assert failure(cloud, replace(TEXT, template=None)).outcome.reason.key == "page.failed.refused"
    assert failure(cloud, replace(TEXT, way=WayKind.VOICE)).outcome.reason.key == "page.failed.refused"
    assert cloud.seen == []


def test_a_probe_asks_for_the_signature(cloud: Cloud) -> None:
    asked(cloud, lambda channel: channel.probe())
    assert cloud.seen[0]["Action"] == "GetSmsSign"
    cloud.answer = (403, {"Code": "Forbidden.RAM"})
    asked(cloud, lambda channel: channel.probe())  # a key that may send and no more is a good key
    cloud.answer = (503, {"Code": "ServiceUnavailable"})
    with pytest.raises(SendFailed):
        asked(cloud, lambda channel: channel.probe())


def test_what_is_read_is_known_and_fits_one_part() -> None:
    assert FILLED.body == "【北光家居】紧急事件C7：数据中心宕机 & 更多+1。请登录指挥系统，输入编号接手。"
    wordy = Templates("北光家居", {"page": Template("SMS_2", PAGE.text + "如不能处理请立即转交下一位值班人员。")})
    long = wordy.filled("page", {"level": "紧急", "code": "C7", "title": "机" * 60})
    assert len(long.body) == 70
    assert long.params["title"].endswith("机…")
    assert long.body.endswith("值班人员。")


@pytest.mark.parametrize(
    ("title", "shown"), [("【紧急】down", "[紧急]down"), ("", "-"), ("x" * 60, "x" * 34 + "…"), (" a ", "a")]
)
def test_a_parameter_is_neither_empty_nor_long_nor_a_signature(title: str, shown: str) -> None:
    loose = Templates("北光", {"page": Template("SMS_1", "${title}。")})
    assert loose.filled("page", {"title": title}).params == {"title": shown}


def test_words_for_a_purpose_or_for_all_others() -> None:
    assert TEMPLATES.says("page")
    assert not TEMPLATES.says("notice")
    both = Templates("北光", {"page": PAGE, "other": Template("SMS_2", "指挥系统通知：${text}")})
    assert both.filled("notice", {"text": "C7 已恢复"}).body == "【北光】指挥系统通知：C7 已恢复"


@pytest.mark.parametrize(("code", "text"), [("SMS_1", "${name} down"), ("SMS_1", " "), ("", "x")])
def test_a_template_that_speaks_of_what_nobody_knows_is_refused(code: str, text: str) -> None:
    with pytest.raises(ValueError, match="template"):
        Template(code, text)


@pytest.mark.parametrize("number", ["19000000001", "8619000000001", "+8619000000001"])
def test_a_number_comes_back_in_many_forms(number: str) -> None:
    assert e164(number) == "+8619000000001"


def test_a_report_of_the_carriers_breaks_only_what_cannot_mend() -> None:
    assert report("INVALID_NUMBER").is_the_ways_fault
    assert not report("MK:0013").is_the_ways_fault
    assert report("MK:0013").action is Action.NEXT_WAY
